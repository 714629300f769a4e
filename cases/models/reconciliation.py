"""Reports of the nightly reconciliation."""

from django.db import models
from django.db.models import Q
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from grids.models import User


class Reconciliation(models.Model):
    """One walk over all cases; its batches add to the counts as they commit, so that an interrupted one goes on.

    `position` is the last case that was looked at. `found` and `repaired` count by kind of discrepancy; `details` are
    the first of what was found: kind, ids of case and clock, facts, and whether it was repaired.
    """

    started_at = models.DateTimeField(_("started at"))
    started_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=pgettext_lazy("work of the service", "started by"),
        db_index=False,
    )
    finished_at = models.DateTimeField(pgettext_lazy("work of the service", "finished at"), null=True, blank=True)
    position = models.BigIntegerField(default=0)
    cases = models.PositiveIntegerField(_("cases looked at"), default=0)
    clocks = models.PositiveIntegerField(_("clocks looked at"), default=0)
    found = models.JSONField(_("found"), default=dict, blank=True)
    repaired = models.JSONField(_("repaired"), default=dict, blank=True)
    details = models.JSONField(_("details"), default=list, blank=True)

    class Meta:
        verbose_name = _("reconciliation")
        verbose_name_plural = _("reconciliations")
        ordering = ["-id"]
        constraints = [
            # One walk at a time; it also finds the one to carry on.
            models.UniqueConstraint(
                fields=["finished_at"],
                condition=Q(finished_at=None),
                nulls_distinct=False,
                name="reconciliation_one_unfinished",
            ),
        ]

    def __str__(self) -> str:
        return f"{localtime(self.started_at):%Y-%m-%d %H:%M}"

    @property
    def total_found(self) -> int:
        return sum(self.found.values())

    @property
    def total_repaired(self) -> int:
        return sum(self.repaired.values())

    @property
    def left(self) -> int:
        """What was found and could not be repaired: somebody must look at it."""
        return self.total_found - self.total_repaired
