"""督办: supervision orders and proposed interviews."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases import labels
from cases.models.case import Case
from grids.models import Department, User


class SupervisionOrder(models.Model):
    """督办单: one open order per case and unit; further reds join it. Cleared only by the inspector's sign-off."""

    case = models.ForeignKey(
        Case, models.PROTECT, related_name="supervision_orders", verbose_name=_("case"), db_index=False
    )
    department = models.ForeignKey(Department, models.PROTECT, related_name="+", verbose_name=_("department"))
    person = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("person in charge"),
        db_index=False,
    )
    card = models.CharField(_("card"), max_length=8, choices=labels.choices(labels.CARD))
    opened_at = models.DateTimeField(_("opened at"))
    opened_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("opened by"), db_index=False
    )
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("answered by"), db_index=False
    )
    signed_off_at = models.DateTimeField(_("signed off at"), null=True, blank=True)
    signed_off_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("signed off by"), db_index=False
    )

    class Meta:
        verbose_name = _("supervision order")
        verbose_name_plural = _("supervision orders")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "department"], condition=Q(signed_off_at=None), name="supervision_one_open"
            ),
            models.CheckConstraint(
                condition=Q(signed_off_at=None) | Q(answered_at__isnull=False), name="supervision_answered_first"
            ),
        ]
        indexes = [
            # The inspector's board: orders that wait for an answer, oldest first. Open ones of a case and a unit are
            # found by `supervision_one_open`, and by nothing that could be mistaken for it.
            models.Index(fields=["opened_at", "id"], condition=Q(answered_at=None), name="supervision_unanswered"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.department_id}"


class InterviewProposal(models.Model):
    """约谈: proposed to the inspector by a rule, with its evidence (ids and figures); decided by a person."""

    department = models.ForeignKey(Department, models.PROTECT, related_name="+", verbose_name=_("department"))
    rule = models.CharField(_("rule"), max_length=16, choices=labels.choices(labels.INTERVIEW_RULE))
    evidence = models.JSONField(_("evidence"))
    proposed_at = models.DateTimeField(_("proposed at"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    held = models.BooleanField(_("interview held"), null=True, blank=True)

    class Meta:
        verbose_name = _("interview proposal")
        verbose_name_plural = _("interview proposals")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["department", "rule"], condition=Q(decided_at=None), name="interview_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.department_id}/{self.rule}"
