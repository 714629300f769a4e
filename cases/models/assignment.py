"""One department's part of a case (派单)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases import labels
from cases.models.case import Case
from cases.terms import HOLDING_STATES, AssignmentRole, AssignmentState
from grids.models import Department, User


class Assignment(models.Model):
    """A whistle that one department heard: lead 主办 or assistant 协办, with its own clocks.

    `called_by`: the unit that blew it, which answers for calling the wrong one.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="assignments", verbose_name=_("case"))
    department = models.ForeignKey(
        Department, models.PROTECT, related_name="+", verbose_name=_("department"), db_index=False
    )
    role = models.CharField(_("role"), max_length=8, choices=labels.choices(labels.ASSIGNMENT_ROLE))
    state = models.CharField(_("state"), max_length=10, choices=labels.choices(labels.ASSIGNMENT_STATE))
    assigned_at = models.DateTimeField(_("assigned at"))
    called_by = models.ForeignKey(
        Department,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("called by"),
        db_index=False,
    )
    objection_due_at = models.DateTimeField(_("may object until"), null=True, blank=True)
    reported_in_at = models.DateTimeField(_("reported in at"), null=True, blank=True)
    reported_in_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("reported in by")
    )
    on_spot = models.BooleanField(_("on the spot"), default=False)
    distance_m = models.PositiveIntegerField(_("distance to the matter (m)"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(role=AssignmentRole.LEAD, state__in=sorted(HOLDING_STATES)),
                name="assignment_one_lead",
            ),
            models.UniqueConstraint(
                fields=["case", "department"],
                condition=Q(state__in=sorted(HOLDING_STATES)),
                name="assignment_department_once",
            ),
        ]
        indexes = [
            # What a department holds: its list, its to-do and the visibility of its cases.
            models.Index(fields=["department", "state", "case"], name="assignment_department"),
            # Parts that a department objects to: the list of what came back (cases.worklists).
            models.Index(fields=["case"], condition=Q(state=AssignmentState.DISPUTED), name="assignment_disputed"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.department_id}"
