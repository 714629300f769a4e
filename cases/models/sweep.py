"""What sweeps did, for the figures of operation: no case, no person, nothing that a deadline depends on."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SweepFigures(models.Model):
    """Counts of one sweep or of many. `seconds` is the time of all batches together, `longest` that of the longest one.

    `blue`, `yellow`, `red`: colours that sweeps raised; what an action raised while it had the case is not among them.
    `lag`: seconds that the oldest moment among them had waited when its sweep began.
    """

    clocks = models.PositiveIntegerField(_("clocks"), default=0)
    blue = models.PositiveIntegerField(_("blue"), default=0)
    yellow = models.PositiveIntegerField(_("yellow"), default=0)
    red = models.PositiveIntegerField(_("red"), default=0)
    held = models.PositiveIntegerField(_("set aside"), default=0)
    batches = models.PositiveIntegerField(_("batches"), default=0)
    seconds = models.FloatField(_("seconds"), default=0)
    longest = models.FloatField(_("longest batch"), default=0)
    lag = models.FloatField(_("oldest moment"), default=0, db_default=0)

    class Meta:
        abstract = True


class SweepRun(SweepFigures):
    """One sweep that worked on something. Sweeps that found nothing leave no row; old rows are forgotten."""

    started_at = models.DateTimeField(_("started at"))

    class Meta:
        verbose_name = _("sweep")
        verbose_name_plural = _("sweeps")
        ordering = ["-id"]
        indexes = [
            # The last day for the engine page, and what is old enough to be forgotten.
            models.Index(fields=["started_at"], name="sweeprun_started"),
        ]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M:%S}"


class SweepDay(SweepFigures):
    """The sum of one day's sweeps (Asia/Shanghai). Kept: totals of metrics only ever grow."""

    day = models.DateField(_("day"))
    sweeps = models.PositiveIntegerField(_("sweeps"), default=0)

    class Meta:
        verbose_name = _("day of sweeps")
        verbose_name_plural = _("days of sweeps")
        ordering = ["-day"]
        constraints = [models.UniqueConstraint(fields=["day"], name="sweepday_once")]

    def __str__(self) -> str:
        return f"{self.day}"
