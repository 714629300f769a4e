"""Phones that are logged in: what tells one token from another without showing it."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from knox.models import AuthToken


class Device(models.Model):
    """What a token was given to, and when it was last used (to ten minutes). It goes with its token.

    `name` is what the client said at the log-in, or how its program calls itself. No address is kept.
    `password_mark` tells whether the password is still the one of the log-in: whoever changes it ends all tokens.
    Empty for phones that were logged in before this was kept.
    """

    token = models.OneToOneField(AuthToken, models.CASCADE, primary_key=True, related_name="device")
    name = models.CharField(_("device"), max_length=120, blank=True)
    last_used_at = models.DateTimeField(_("last used"))
    password_mark = models.CharField(max_length=16, blank=True, default="")

    class Meta:
        verbose_name = _("device")
        verbose_name_plural = _("devices")

    def __str__(self) -> str:
        return self.name
