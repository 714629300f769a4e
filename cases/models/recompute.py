"""Bringing the running clocks to a new version of the work calendar, and what came of it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models.policy import CalendarVersion
from grids.models import User


class CalendarRecompute(models.Model):
    """One run over the running clocks after a calendar was published; its batches add to the counts as they commit.

    `clocks` were looked at, `moved` have another due time or colour moment, of these `later` and `earlier` another
    due time; `recoloured` show another colour by their new moments. A run that was overtaken by a newer version is
    finished and says so.
    """

    calendar = models.OneToOneField(
        CalendarVersion, models.PROTECT, related_name="recompute", verbose_name=_("calendar version")
    )
    started_at = models.DateTimeField(_("started at"))
    started_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("started by")
    )
    last_batch_at = models.DateTimeField(_("last batch at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    overtaken = models.BooleanField(_("overtaken by a newer version"), default=False)
    cases = models.PositiveIntegerField(_("cases changed"), default=0)
    clocks = models.PositiveIntegerField(_("clocks looked at"), default=0)
    moved = models.PositiveIntegerField(_("clocks moved"), default=0)
    later = models.PositiveIntegerField(_("due later"), default=0)
    earlier = models.PositiveIntegerField(_("due earlier"), default=0)
    recoloured = models.PositiveIntegerField(_("another colour"), default=0)

    class Meta:
        verbose_name = _("recomputation of clocks")
        verbose_name_plural = _("recomputations of clocks")
        ordering = ["-id"]
        indexes = [
            # What the minute's tick looks for.
            models.Index(fields=["id"], condition=Q(finished_at=None), name="recompute_unfinished"),
        ]

    def __str__(self) -> str:
        return f"{self.calendar_id}"
