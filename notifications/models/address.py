"""Where a person can be reached outside the inbox, and what the person wants to be told there."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from notifications.encryption import EncryptedTextField
from notifications.labels import CHANNEL_CHOICES

_COLOURS = Q(colour__lte=3)


class Address(models.Model):
    """One place of one person on one channel: a mail address, a phone, a webhook, a robot of a group.

    `target` and `secret` are encrypted; `digest` is the salted digest of the target, so that the same place is there
    once. What goes wrong with it for good turns it off (`failed_at`, `failure`), where its owner sees it.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="addresses", verbose_name=_("user"), db_index=False
    )
    channel = models.CharField(_("channel"), max_length=12, choices=CHANNEL_CHOICES)
    target = EncryptedTextField(_("address"))
    secret = EncryptedTextField(_("secret"), blank=True, default="")
    digest = models.CharField(max_length=64, editable=False)
    label = models.CharField(_("label"), max_length=60, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)
    failed_at = models.DateTimeField(_("failed at"), null=True, blank=True)
    failure = models.CharField(_("error"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("delivery address")
        verbose_name_plural = _("delivery addresses")
        ordering = ["user", "channel", "id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "channel", "digest"], name="address_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.label}".strip()


class Choice(models.Model):
    """What a person wants of one channel for one colour (0: ordinary news), where the terms leave the choice."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="channel_choices",
        verbose_name=_("user"),
        db_index=False,
    )
    colour = models.PositiveSmallIntegerField(_("colour"))
    channel = models.CharField(_("channel"), max_length=12, choices=CHANNEL_CHOICES)
    wanted = models.BooleanField(_("wanted"))

    class Meta:
        verbose_name = _("choice of channel")
        verbose_name_plural = _("choices of channels")
        ordering = ["user", "colour", "channel"]
        constraints = [
            models.UniqueConstraint(fields=["user", "colour", "channel"], name="choice_once"),
            models.CheckConstraint(condition=_COLOURS, name="choice_colour_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}/{self.colour}/{self.channel}"
