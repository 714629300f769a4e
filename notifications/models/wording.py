"""Words that an administrator put in place of the service's own."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from notifications.labels import CHANNEL_CHOICES, COLOUR_LABELS


class Wording(models.Model):
    """Subject and text of one kind of news in one language, for one channel or (empty) for all.

    Placeholders are the facts that the kind declares: `{number}`, `{due}`. What is written already keeps its words.
    """

    kind = models.CharField(_("kind"), max_length=24)
    colour = models.PositiveSmallIntegerField(_("colour"), default=0)
    channel = models.CharField(_("channel"), max_length=12, choices=CHANNEL_CHOICES, blank=True, default="")
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    subject = models.CharField(_("subject"), max_length=120)
    body = models.TextField(_("text"), max_length=600, blank=True)
    changed_at = models.DateTimeField(_("changed at"))
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("changed by")
    )

    class Meta:
        verbose_name = _("wording")
        verbose_name_plural = _("wordings")
        ordering = ["kind", "colour", "channel", "language"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "colour", "channel", "language"], name="wording_once"),
            models.CheckConstraint(condition=Q(colour__lte=3), name="wording_colour_known"),
        ]

    def __str__(self) -> str:
        where = [self.get_channel_display()] if self.channel else []
        return " · ".join([self.kind, str(COLOUR_LABELS[self.colour]), *map(str, where), self.get_language_display()])
