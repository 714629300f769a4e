"""The petitioner's verdict (群众评价)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases import labels
from cases.models.case import Case, Petitioner
from grids.models import User


class Rating(models.Model):
    """Five grades and "was it solved?"; one per petitioner and round. An anonymous petitioner has no row: null."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="ratings", verbose_name=_("case"), db_index=False)
    round = models.PositiveSmallIntegerField(_("round"))
    petitioner = models.ForeignKey(
        Petitioner,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="ratings",
        verbose_name=_("petitioner"),
    )
    grade = models.PositiveSmallIntegerField(_("grade"), choices=labels.choices(labels.GRADE))
    solved = models.BooleanField(_("solved"))
    channel = models.CharField(_("channel"), max_length=10, choices=labels.choices(labels.CHANNEL))
    recorded_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("recorded by")
    )
    rated_at = models.DateTimeField(_("rated at"))

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "round", "petitioner"], nulls_distinct=False, name="rating_once"),
            models.CheckConstraint(condition=Q(grade__gte=1, grade__lte=5), name="rating_grade_known"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.round}"
