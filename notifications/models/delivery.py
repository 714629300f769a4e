"""The outbox: what leaves the house, to whom, in which state."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from notifications.labels import BUNDLE_CHOICES, CHANNEL_CHOICES, STATE_CHOICES
from notifications.models.address import Address
from notifications.models.message import Message
from notifications.states import UNFINISHED, Bundle, State


class Delivery(models.Model):
    """One text on its way to one address. Its words are frozen before the first attempt and never change.

    waiting → sending (leased) → sent, or waiting again with backoff, or dead; cancelled when its news was taken back.
    A worker that dies leaves a lease that ends; the text is then sent again under the same `key`, by which the other
    side may know it. `reference` is the case: of one address and case only the earliest unfinished delivery may go.
    Bundles (digest, storm) have no case and get their words from their items when they are taken up. `urgent`: red or
    an emergency, which goes before everything else of its channel.
    """

    key = models.CharField(_("key"), max_length=80, db_index=False)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="deliveries",
        verbose_name=_("recipient"),
    )
    address = models.ForeignKey(
        Address, models.SET_NULL, null=True, related_name="deliveries", verbose_name=_("delivery address")
    )
    channel = models.CharField(_("channel"), max_length=12, choices=CHANNEL_CHOICES)
    bundle = models.CharField(_("bundle"), max_length=8, choices=BUNDLE_CHOICES, default=Bundle.SINGLE)
    colour = models.PositiveSmallIntegerField(_("colour"), default=0)
    urgent = models.BooleanField(_("urgent"), default=False)
    reference = models.CharField(_("reference"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=10)
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    body = models.TextField(_("text"), blank=True)
    state = models.CharField(_("state"), max_length=10, choices=STATE_CHOICES, default=State.WAITING)
    not_before = models.DateTimeField(_("not before"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    lease_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    last_error = models.CharField(_("error"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("created at"))
    finished_at = models.DateTimeField(pgettext_lazy("work of the service", "finished at"), null=True, blank=True)
    messages = models.ManyToManyField(Message, through="DeliveryItem", related_name="deliveries")

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["key"], name="delivery_once"),
            models.CheckConstraint(
                condition=Q(state=State.SENDING, lease_until__isnull=False)
                | (~Q(state=State.SENDING) & Q(lease_until=None)),
                name="delivery_leased_while_sending",
            ),
            models.CheckConstraint(condition=Q(colour__lte=3), name="delivery_colour_known"),
        ]
        indexes = [
            # The claim of one channel, and the age of its oldest.
            models.Index(
                fields=["channel", "urgent", "not_before"], condition=Q(state=State.WAITING), name="delivery_waiting"
            ),
            # Leases that ran out.
            models.Index(fields=["lease_until"], condition=Q(state=State.SENDING), name="delivery_leased"),
            # Order for one address and case, and what is still on its way to an address (storms).
            models.Index(
                fields=["address", "reference", "id"], condition=Q(state__in=UNFINISHED), name="delivery_order"
            ),
            # Storms that are sent or tried again: few, and mostly none.
            models.Index(
                fields=["address"],
                condition=Q(bundle=Bundle.STORM, attempts__gt=0, state__in=UNFINISHED),
                name="delivery_storms",
            ),
            # Dead letters, newest first.
            models.Index(fields=["-id"], condition=Q(state=State.DEAD), name="delivery_dead"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.key}"


class DeliveryItem(models.Model):
    """One message inside one delivery: each message goes to an address once."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="items")
    message = models.ForeignKey(Message, models.CASCADE, related_name="items", db_index=False)
    address = models.ForeignKey(Address, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("message of a delivery")
        verbose_name_plural = _("messages of deliveries")
        constraints = [models.UniqueConstraint(fields=["message", "address"], name="delivery_item_once")]

    def __str__(self) -> str:
        return f"{self.delivery_id}/{self.message_id}"
