"""Who should handle it: proposed whistles and objections of departments."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models.assignment import Assignment
from cases.models.case import Case
from grids.models import Department, User


class WhistleProposal(models.Model):
    """吹哨申请: a township wants county departments called; its leader decides. An emergency is effective at once."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="whistle_proposals", verbose_name=_("case"))
    lead = models.ForeignKey(Department, models.PROTECT, related_name="+", verbose_name=_("lead department"))
    assistants = models.ManyToManyField(Department, related_name="+", verbose_name=_("assisting departments"))
    effective_at_once = models.BooleanField(_("effective at once"), default=False)
    proposed_at = models.DateTimeField(_("proposed at"))
    proposed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("proposed by"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    approved = models.BooleanField(_("approved"), null=True, blank=True)

    class Meta:
        verbose_name = _("whistle proposal")
        verbose_name_plural = _("whistle proposals")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(decided_at=None), name="whistle_proposal_one_open"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.lead_id}"


class Objection(models.Model):
    """退单异议: a department says that the whistle is not for it, once in a case. Upheld, it is charged nothing."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="objections", verbose_name=_("case"), db_index=False)
    assignment = models.OneToOneField(
        Assignment, models.PROTECT, related_name="objection", verbose_name=_("assignment")
    )
    department = models.ForeignKey(Department, models.PROTECT, related_name="+", verbose_name=_("department"))
    reason = models.CharField(_("reason"), max_length=20)
    raised_at = models.DateTimeField(_("raised at"))
    raised_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("raised by"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    upheld = models.BooleanField(_("upheld"), null=True, blank=True)
    misrouted_by = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("misrouting charged to")
    )

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "department"], name="objection_once_per_department"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.department_id}"
