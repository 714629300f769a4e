"""Files with case data that somebody took out of the service."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from grids.models import User


class ExportNote(models.Model):
    """Who took how many rows of which list, when, in which format, and by which filter."""

    at = models.DateTimeField(_("at"))
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("user"))
    what = models.CharField(_("list"), max_length=40)
    format = models.CharField(_("format"), max_length=8)
    criteria = models.JSONField(_("filter"), default=dict)
    rows = models.PositiveIntegerField(_("rows"))

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.what} {self.rows}"
