"""The rules of delivery as data: what each channel carries, how much it takes, when it must be quiet."""

from datetime import time

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from notifications.labels import CHANNEL_CHOICES, COLOUR_LABELS, DEMAND_CHOICES, USE_CHOICES


class ChannelTerms(models.Model):
    """One channel of this installation: whether it is in use, and how much it takes.

    `is_on`: null follows the configuration (`notifications.use`).
    `per_minute`: messages a minute over all workers, null for no limit. `timeout`: seconds for one attempt.
    `attempts`: how often one message is tried before it is dead.
    """

    channel = models.CharField(_("channel"), max_length=12, choices=CHANNEL_CHOICES, db_index=False)
    is_on = models.BooleanField(_("in use"), choices=USE_CHOICES, null=True, blank=True)
    per_minute = models.PositiveIntegerField(_("messages a minute"), null=True, blank=True)
    timeout = models.PositiveSmallIntegerField(
        _("seconds for one attempt"), default=10, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    attempts = models.PositiveSmallIntegerField(
        _("attempts"), default=12, validators=[MinValueValidator(1), MaxValueValidator(50)]
    )
    #: The bucket of the rate limit: what is left, and since when it fills again.
    allowance = models.FloatField(default=0, editable=False)
    filled_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        ordering = ["channel"]
        constraints = [models.UniqueConstraint(fields=["channel"], name="channel_once")]

    def __str__(self) -> str:
        return str(self.get_channel_display())


class Demand(models.Model):
    """What the policy says of one channel for one colour: required, on or off unless chosen otherwise, never."""

    colour = models.PositiveSmallIntegerField(_("colour"))
    channel = models.CharField(_("channel"), max_length=12, choices=CHANNEL_CHOICES)
    demand = models.CharField(_("demand"), max_length=8, choices=DEMAND_CHOICES)

    class Meta:
        verbose_name = _("demand")
        verbose_name_plural = _("demands")
        ordering = ["channel", "colour"]
        constraints = [
            models.UniqueConstraint(fields=["colour", "channel"], name="demand_once"),
            models.CheckConstraint(condition=Q(colour__lte=3), name="demand_colour_known"),
        ]

    def __str__(self) -> str:
        return f"{COLOUR_LABELS[self.colour]} · {self.get_channel_display()} · {self.get_demand_display()}"


def default_digests() -> list[time]:
    return [time(8, 30), time(14, 30)]


class OfficeHours(models.Model):
    """When nobody is disturbed, when blue news is gathered, and from how many messages on one is made of them.

    One row. Times are those of Asia/Shanghai; a quiet time from 22:00 until 07:00 passes midnight.
    """

    quiet_from = models.TimeField(_("quiet from"), default=time(22, 0))
    quiet_until = models.TimeField(_("quiet until"), default=time(7, 0))
    digests = ArrayField(models.TimeField(), verbose_name=_("digest at"), default=default_digests)
    storm_from = models.PositiveSmallIntegerField(
        _("one message from so many on"), default=10, validators=[MinValueValidator(2)]
    )
    only = models.BooleanField(default=True, editable=False)

    class Meta:
        verbose_name = _("hours of delivery")
        verbose_name_plural = _("hours of delivery")
        constraints = [
            models.UniqueConstraint(fields=["only"], name="hours_only_once"),
            models.CheckConstraint(condition=Q(only=True), name="hours_only"),
        ]

    def __str__(self) -> str:
        return f"{self.quiet_from:%H:%M}-{self.quiet_until:%H:%M}"
