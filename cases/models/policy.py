"""Dated, immutable versions of the limits and of the work calendar."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from grids.models import User


class PolicyVersion(models.Model):
    """All limits and thresholds as one document (`cases.limits.PolicyRules`). A case keeps the one it began with."""

    number = models.PositiveIntegerField(_("version"), db_index=False)
    valid_from = models.DateTimeField(_("valid from"))
    rules = models.JSONField(_("rules"))
    reason = models.CharField(_("reason"), max_length=200)
    published_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("published by")
    )
    published_at = models.DateTimeField(_("published at"))

    class Meta:
        verbose_name = _("policy version")
        verbose_name_plural = _("policy versions")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["number"], name="policy_version_once")]

    def __str__(self) -> str:
        return f"v{self.number}"


class CalendarVersion(models.Model):
    """Workdays, holidays and make-up days as one document (`cases.calendar.WorkCalendar`)."""

    number = models.PositiveIntegerField(_("version"), db_index=False)
    days = models.JSONField(_("days"))
    reason = models.CharField(_("reason"), max_length=200)
    published_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("published by")
    )
    published_at = models.DateTimeField(_("published at"))

    class Meta:
        verbose_name = _("calendar version")
        verbose_name_plural = _("calendar versions")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["number"], name="calendar_version_once")]

    def __str__(self) -> str:
        return f"v{self.number}"
