"""Files with case data that somebody took out of the service."""

from django.db import models
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from grids.models import User


class ExportNote(models.Model):
    """Who took how many rows of which list, when, in which format, and by which filter.

    It is written before the first row leaves. `rows` is what was foreseen until the file has ended, and then how many
    it holds; without `finished_at` it broke off, after so many rows. `fetched_at`: when a file that the worker made was
    first fetched; null also for one that was sent at once.
    """

    at = models.DateTimeField(_("at"))
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("user"))
    what = models.CharField(_("list"), max_length=40)
    format = models.CharField(_("format"), max_length=8)
    criteria = models.JSONField(_("filter"), default=dict)
    rows = models.PositiveIntegerField(_("rows"))
    finished_at = models.DateTimeField(_("complete at"), null=True, blank=True)
    fetched_at = models.DateTimeField(_("fetched at"), null=True, blank=True)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{localtime(self.at):%Y-%m-%d %H:%M}"
