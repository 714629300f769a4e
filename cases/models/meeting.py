"""周调度, 月推进: what the county looks at together, and what was decided of each item."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases import labels
from cases.models.case import Case
from grids.models import User


class Meeting(models.Model):
    """One weekly dispatch or monthly push; its list is drawn up once for its day."""

    kind = models.CharField(_("kind"), max_length=8, choices=labels.choices(labels.MEETING))
    day = models.DateField(_("day"))
    drawn_up_at = models.DateTimeField(_("drawn up at"))

    class Meta:
        verbose_name = _("dispatch meeting")
        verbose_name_plural = _("dispatch meetings")
        ordering = ["-day", "kind"]
        constraints = [models.UniqueConstraint(fields=["kind", "day"], name="meeting_once_a_day")]

    def __str__(self) -> str:
        return f"{self.kind} {self.day}"


class MeetingItem(models.Model):
    """One case on the list, why it is there (codes), and the decision typed beside it."""

    meeting = models.ForeignKey(
        Meeting, models.PROTECT, related_name="items", verbose_name=_("meeting"), db_index=False
    )
    case = models.ForeignKey(Case, models.PROTECT, related_name="meeting_items", verbose_name=_("case"))
    reasons = models.JSONField(_("reasons"))
    decision = models.TextField(_("decision"), blank=True, default="")
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )

    class Meta:
        verbose_name = _("item of a dispatch meeting")
        verbose_name_plural = _("items of dispatch meetings")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["meeting", "case"], name="meeting_item_once")]

    def __str__(self) -> str:
        return f"{self.meeting_id}/{self.case_id}"
