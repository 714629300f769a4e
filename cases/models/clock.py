"""Obligations with a limit, and the colours that they reached."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases import labels
from cases.colours import Colour
from cases.models.assignment import Assignment
from cases.models.case import Case
from cases.models.policy import CalendarVersion, PolicyVersion
from cases.terms import AlertCause, is_late
from grids.models import Department, User


class ClockQuerySet(models.QuerySet["Clock"]):
    def running(self) -> Self:
        return self.filter(stopped_at=None)


class Clock(models.Model):
    """Who owes what, since when, until when (时限). The row is the timer: `next_moment` is when something must happen.

    Written only while its case is locked. `rule` is the cell of the policy that gave the limit ("types.appeal.handle").
    `raised` is the highest colour raised in this generation, `colour` what is shown of it (an annulled alert is not);
    `next_moment` is null when nothing is pending or the clock is paused. `held_until` and `held_error` set a row aside
    that the sweep could not work on.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="clocks", verbose_name=_("case"))
    assignment = models.ForeignKey(
        Assignment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="clocks",
        verbose_name=_("assignment"),
        db_index=False,
    )
    order = models.ForeignKey(
        "cases.SupervisionOrder",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="clocks",
        verbose_name=_("supervision order"),
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=12, choices=labels.choices(labels.CLOCK))
    charged = models.ForeignKey(
        Department,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("charged unit"),
        db_index=False,
    )
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    started_at = models.DateTimeField(_("started at"))
    limit = models.CharField(_("limit"), max_length=12)
    rule = models.CharField(_("rule"), max_length=80, blank=True, default="", db_default="")
    policy = models.ForeignKey(
        PolicyVersion, models.PROTECT, related_name="+", verbose_name=_("policy version"), db_index=False
    )
    calendar = models.ForeignKey(
        CalendarVersion, models.PROTECT, related_name="+", verbose_name=_("calendar version"), db_index=False
    )
    due_at = models.DateTimeField(_("due"))
    blue_at = models.DateTimeField(_("blue from"), null=True, blank=True)
    yellow_at = models.DateTimeField(_("yellow from"), null=True, blank=True)
    red_at = models.DateTimeField(_("red from"), null=True, blank=True)
    generation = models.PositiveIntegerField(_("generation"), default=1)
    colour = models.PositiveSmallIntegerField(_("colour"), choices=labels.choices(labels.COLOUR), default=Colour.NONE)
    raised = models.PositiveSmallIntegerField(_("raised"), choices=labels.choices(labels.COLOUR), default=Colour.NONE)
    paused_at = models.DateTimeField(_("paused since"), null=True, blank=True)
    next_moment = models.DateTimeField(_("next moment"), null=True, blank=True)
    stopped_at = models.DateTimeField(_("stopped at"), null=True, blank=True)
    stop_reason = models.CharField(
        _("stopped because"), max_length=8, choices=labels.choices(labels.STOP_REASON), blank=True, default=""
    )
    held_until = models.DateTimeField(_("set aside until"), null=True, blank=True)
    held_error = models.TextField(_("error"), blank=True, default="")

    objects = ClockQuerySet.as_manager()

    class Meta:
        verbose_name = _("clock")
        verbose_name_plural = _("clocks")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind", "assignment", "order"],
                condition=Q(stopped_at=None),
                nulls_distinct=False,
                name="clock_one_running",
            ),
            models.CheckConstraint(
                condition=Q(stopped_at=None) | Q(next_moment=None), name="clock_stopped_has_no_next_moment"
            ),
            models.CheckConstraint(condition=Q(colour__lte=Colour.RED), name="clock_colour_known"),
        ]
        # A sweep moves every due clock to its next moment, which enters each index that is not partial: few of them.
        indexes = [
            # The sweep's claim and its lag: running clocks by what must happen next.
            models.Index(fields=["next_moment"], condition=Q(next_moment__isnull=False), name="clock_next_moment"),
            # Rows set aside, for the operator.
            models.Index(fields=["held_until"], condition=Q(held_until__isnull=False), name="clock_held"),
            # The clocks of supervision orders: the board.
            models.Index(fields=["order"], condition=Q(order__isnull=False), name="clock_order"),
            # Who is red at this moment: the board.
            models.Index(fields=["charged"], condition=Q(stopped_at=None, colour=Colour.RED), name="clock_red"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.kind}"

    @property
    def raised_colour(self) -> Colour:
        return Colour(self.raised)

    @property
    def on_time(self) -> bool | None:
        """Whether it stopped in time; finishing exactly at the due time is on time. None while it runs."""
        return None if self.stopped_at is None else self.stopped_at <= self.due_at


class Alert(models.Model):
    """One clock reached one colour (三色提醒): once per clock, generation and colour, ever."""

    clock = models.ForeignKey(Clock, models.PROTECT, related_name="alerts", verbose_name=_("clock"), db_index=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="alerts", verbose_name=_("case"))
    generation = models.PositiveIntegerField(_("generation"))
    colour = models.PositiveSmallIntegerField(_("colour"), choices=labels.choices(labels.COLOUR))
    cause = models.CharField(_("cause"), max_length=10, choices=labels.choices(labels.CAUSE), default=AlertCause.TIME)
    charged = models.ForeignKey(
        Department,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("charged unit"),
        db_index=False,
    )
    moment = models.DateTimeField(_("moment"))
    raised_at = models.DateTimeField(_("raised at"))
    vacancies = models.JSONField(_("vacant posts"), default=list, blank=True)
    order = models.ForeignKey(
        "cases.SupervisionOrder",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="alerts",
        verbose_name=_("supervision order"),
        db_index=False,
    )
    annulled_at = models.DateTimeField(_("annulled at"), null=True, blank=True)
    annulled_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("annulled by"), db_index=False
    )
    plan_at = models.DateTimeField(_("plan handed in at"), null=True, blank=True)
    plan_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("plan handed in by"),
        db_index=False,
    )
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("acknowledged by"), db_index=False
    )

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["clock", "generation", "colour"], name="alert_once"),
            models.CheckConstraint(
                condition=Q(colour__gte=Colour.BLUE, colour__lte=Colour.RED), name="alert_colour_known"
            ),
        ]
        indexes = [
            # The reds of an order: the board.
            models.Index(fields=["order"], condition=Q(order__isnull=False), name="alert_order"),
            # Reds by unit and time: the board, the proposals of interviews.
            models.Index(
                fields=["charged", "moment"], condition=Q(colour=Colour.RED, annulled_at=None), name="alert_red"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.clock_id}/{self.generation}/{self.colour}"

    @property
    def late(self) -> bool:
        """Whether the service raised it so long after its moment that it says so."""
        return is_late(self.moment, self.raised_at)
