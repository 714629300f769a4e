"""Messages as they were frozen when something happened; the inbox reads them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Message(models.Model):
    """One text for one person. Recipient and words are frozen when written and never follow later changes."""

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
    reference = models.CharField(_("reference"), max_length=40, blank=True)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"), blank=True)
    created_at = models.DateTimeField(_("sent at"))
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)

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
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"
