"""Where: areas and the departments that report in."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from grids.labels import AreaLevel, DepartmentKind
from grids.outlines import shape_of


class Area(models.Model):
    """A node of county → township → village → grid → micro-grid. Its code is hierarchical: inside is a prefix."""

    code = models.CharField(_("code"), max_length=16, db_index=False)
    name = models.CharField(_("name"), max_length=80)
    level = models.CharField(_("level"), max_length=12, choices=AreaLevel.choices)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("parent")
    )
    latitude = models.DecimalField(_("latitude"), max_digits=8, decimal_places=5, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=8, decimal_places=5, null=True, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        ordering = ["code"]
        constraints = [
            # Also serves prefix searches: the database's locale is C.UTF-8, so a btree answers LIKE 'x%'.
            models.UniqueConstraint(fields=["code"], name="area_code_once"),
            models.CheckConstraint(
                condition=Q(code__regex=r"^\d{6}(\d{3}(\d{3}(\d{2}(\d{2})?)?)?)?$"),
                name="area_code_shape",
                violation_error_message=_("The code of an area has 6, 9, 12, 14 or 16 digits."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


def check_outline(outline: Any) -> None:
    """What an administrator enters. ValidationError says what is wrong with it."""
    try:
        shape_of(outline)
    except ValueError as error:
        sentence = _("This is no outline: %(why)s.") % {"why": error}
        raise ValidationError(sentence) from error


class AreaOutline(models.Model):
    """The border of an area (`grids.outlines`), apart from its row: lists of areas are read often, outlines seldom."""

    area = models.OneToOneField(Area, models.CASCADE, primary_key=True, related_name="outline", verbose_name=_("area"))
    outline = models.JSONField(
        _("outline"),
        validators=[check_outline],
        help_text=_("GeoJSON: a Polygon or MultiPolygon of [longitude, latitude], WGS84."),
    )
    schematic = models.BooleanField(_("schematic"), default=False, help_text=_("Drawn for demonstration; no survey."))
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)

    class Meta:
        verbose_name = _("outline of an area")
        verbose_name_plural = _("outlines of areas")

    def __str__(self) -> str:
        return str(self.area_id)


class Department(models.Model):
    """A county or township unit that reports in when the whistle blows."""

    code = models.CharField(_("code"), max_length=40, db_index=False)
    name = models.CharField(_("name"), max_length=80)
    short_name = models.CharField(_("short name"), max_length=40)
    kind = models.CharField(_("kind"), max_length=10, choices=DepartmentKind.choices)
    area = models.ForeignKey(Area, models.PROTECT, related_name="departments", verbose_name=_("area"))
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["code"], name="department_code_once"),
            # The unit that is charged for an area's docket clock must be one and no other.
            models.UniqueConstraint(
                fields=["area"],
                condition=Q(kind__in=["township", "center"]),
                name="department_one_dispatching_unit_per_area",
                violation_error_message=_(
                    "This area has its township office or centre already: there is one and no other."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name
