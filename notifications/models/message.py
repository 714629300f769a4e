"""Messages as they were frozen when something happened: the inbox reads them, deliveries carry them outside."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Message(models.Model):
    """One piece of news for one person. Recipient, facts and words are frozen when written and never change.

    `facts` are the codes and times that the words were made of, in the recipient's language; other channels make their
    own words of them. `urgent` news waits for no morning. `routed_at`: when it was decided which channels carry it;
    null means that this is still to be done, and news that may not leave the house is born decided.
    """

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="messages",
        verbose_name=_("recipient"),
        db_index=False,
    )
    key = models.CharField(_("key"), max_length=80)
    kind = models.CharField(_("kind"), max_length=24)
    colour = models.PositiveSmallIntegerField(_("colour"), default=0)
    urgent = models.BooleanField(_("urgent"), default=False, db_default=False)
    reference = models.CharField(_("reference"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=10, default="zh-hans", db_default="zh-hans")
    facts = models.JSONField(_("facts"), default=dict, db_default={}, blank=True)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"), blank=True)
    created_at = models.DateTimeField(_("sent at"))
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    routed_at = models.DateTimeField(_("channels decided at"), null=True, blank=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["recipient", "key"], name="message_once"),
            models.CheckConstraint(condition=Q(colour__lte=3), name="message_colour_known"),
        ]
        indexes = [
            # The inbox of one person, newest first.
            models.Index(fields=["recipient", "-id"], name="message_inbox"),
            # The unread counter that every page shows.
            models.Index(fields=["recipient"], condition=Q(read_at=None), name="message_unread"),
            # The router's claim: what was not decided yet, oldest first.
            models.Index(fields=["id"], condition=Q(routed_at=None), name="message_unrouted"),
            # Taking back everything about one case. Filled by the router, which rewrites the row anyway: the sweep,
            # which writes them by the hundred thousand, pays for one index less.
            models.Index(fields=["reference"], condition=Q(routed_at__isnull=False), name="message_reference"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"
