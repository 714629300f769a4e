"""What phones must hear of since they last asked (ADR 0023). Both tables are written by triggers of the database."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case
from grids.models import Department, User


class Change(models.Model):
    """The last transaction that changed a case: `xid` is its number, which PostgreSQL counts upwards."""

    case = models.OneToOneField(
        Case, models.CASCADE, primary_key=True, related_name="change", verbose_name=_("case"), db_constraint=False
    )
    xid = models.BigIntegerField()

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        indexes = [models.Index(fields=["xid", "case"], name="change_in_order")]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.xid}"


class Audience(models.TextChoices):
    """Who may have seen a case and does no more, by what opened it to them."""

    AREA = "area", _("area")
    PETITIONS = "petitions", _("petitions of an area")
    DEPARTMENT = "department", _("department")
    PERSON = "person", _("person")


class Departure(models.Model):
    """A case left an area, a department or a person in the transaction `xid`."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    xid = models.BigIntegerField()
    audience = models.CharField(_("audience"), max_length=12, choices=Audience.choices)
    area_code = models.CharField(max_length=16, blank=True, default="", db_index=False)
    department = models.ForeignKey(
        Department, models.CASCADE, null=True, related_name="+", db_constraint=False, db_index=False
    )
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+", db_constraint=False, db_index=False)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("departure")
        verbose_name_plural = _("departures")
        indexes = [
            models.Index(fields=["xid", "case"], name="departure_in_order"),
            models.Index(fields=["at"], name="departure_at"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.audience}"
