"""The journal: append-only by a trigger of the database (migration `journal_guard`)."""

from django.db import models
from django.db.models import F, Q
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case
from grids.models import User


class JournalEvent(models.Model):
    """What happened to a case, chained by SHA-256. Ids, codes, times and salted digests; never a text or a name."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="events", verbose_name=_("case"), db_index=False)
    seq = models.PositiveIntegerField(_("sequence"))
    kind = models.CharField(_("event"), max_length=24)
    at = models.DateTimeField(_("at"))
    actor = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("actor"), db_index=False
    )
    payload = models.JSONField(_("facts"))
    prev_hash = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = _("journal event")
        verbose_name_plural = _("journal events")
        ordering = ["case", "seq"]
        constraints = [models.UniqueConstraint(fields=["case", "seq"], name="journal_seq_once")]
        indexes = [
            # Who looked at whom: the petition office's list, newest first.
            models.Index(F("id").desc(), condition=Q(kind="unseal"), name="journal_unsealed"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.seq}"


class JournalMaintenance(models.Model):
    """Each statement that changed the journal under the maintenance switch; written by the trigger itself."""

    at = models.DateTimeField(_("at"))
    database_user = models.CharField(_("database user"), max_length=64)
    operation = models.CharField(_("operation"), max_length=10)
    reason = models.TextField(_("reason"))

    class Meta:
        verbose_name = _("journal maintenance")
        verbose_name_plural = _("journal maintenance")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.operation} {localtime(self.at):%Y-%m-%d %H:%M}"
