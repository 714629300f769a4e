"""What moves a clock's due time: pauses of the case and extensions that were granted."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases import labels
from cases.models.assignment import Assignment
from cases.models.case import Case
from cases.models.clock import Clock
from cases.terms import ExtensionLevel
from grids.models import User


class Suspension(models.Model):
    """挂起: the case stands still from `started_at`; at `until` it resumes by itself. Never backdated."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="suspensions", verbose_name=_("case"))
    reason = models.CharField(_("reason"), max_length=20)
    started_at = models.DateTimeField(_("suspended at"))
    started_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("suspended by"))
    until = models.DateTimeField(_("until"))
    ended_at = models.DateTimeField(_("resumed at"), null=True, blank=True)
    ended_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("resumed by")
    )

    class Meta:
        verbose_name = _("suspension")
        verbose_name_plural = _("suspensions")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(ended_at=None), name="suspension_one_open"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.started_at:%Y-%m-%d}"


class ExtensionRequest(models.Model):
    """延期: asked by the lead before its due time, decided once.

    `ordinal` counts the granted ones before it; `level` is how high it is decided by the case's policy.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="extension_requests", verbose_name=_("case"))
    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="+", verbose_name=_("assignment"))
    round = models.PositiveSmallIntegerField(_("round"))
    ordinal = models.PositiveSmallIntegerField(_("ordinal"))
    level = models.PositiveSmallIntegerField(
        _("decided by"), choices=labels.choices(labels.EXTENSION_LEVEL), default=ExtensionLevel.ORDINARY
    )
    limit = models.CharField(_("extension"), max_length=12)
    requested_at = models.DateTimeField(_("requested at"))
    requested_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("requested by"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    granted = models.BooleanField(_("granted"), null=True, blank=True)

    class Meta:
        verbose_name = _("extension request")
        verbose_name_plural = _("extension requests")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(decided_at=None), name="extension_one_open"),
            models.UniqueConstraint(
                fields=["case", "ordinal"], condition=Q(granted=True), name="extension_ordinal_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.ordinal}"


class ClockAdjustment(models.Model):
    """A pause or an extension of one clock, as `cases.schedule` applies them, in the order in which they happened."""

    clock = models.ForeignKey(Clock, models.PROTECT, related_name="adjustments", verbose_name=_("clock"))
    suspension = models.ForeignKey(
        Suspension, models.PROTECT, null=True, blank=True, related_name="adjustments", verbose_name=_("suspension")
    )
    extension = models.ForeignKey(
        ExtensionRequest, models.PROTECT, null=True, blank=True, related_name="adjustments", verbose_name=_("extension")
    )
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"), null=True, blank=True)

    class Meta:
        verbose_name = _("adjustment of a clock")
        verbose_name_plural = _("adjustments of clocks")
        ordering = ["starts_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(suspension=None) ^ Q(extension=None), name="adjustment_is_pause_or_extension"
            ),
            models.UniqueConstraint(fields=["clock", "suspension"], name="adjustment_pause_once"),
            models.UniqueConstraint(fields=["clock", "extension"], name="adjustment_extension_once"),
        ]

    def __str__(self) -> str:
        return f"{self.clock_id}/{self.starts_at:%Y-%m-%d}"
