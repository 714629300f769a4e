"""约谈: interviews proposed to the inspector by rule, with their evidence, and decided by a person.

The rules are those of domain.md, "Colours": so many reds of a department in so many days, a red that stands too long,
too little satisfaction; and a third dissatisfied rating (domain.md, `rate`). Their numbers are the policy's
(`cases.oversight`).
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Max, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from cases.colours import Colour
from cases.errors import Conflict, NotPermitted, NotVisible
from cases.limits import Thresholds
from cases.models import Alert, Case, InterviewProposal, Rating
from cases.oversight import Oversight
from cases.schedule import plan
from cases.terms import Grade, InterviewRule
from cases.versions import calendar_in_force, oversight_in_force
from grids.actors import Actor
from grids.roles import Role

MOST_EVIDENCE = 50  # rows that one proposal lists


@dataclass(frozen=True, slots=True)
class Finding:
    department_id: int
    rule: InterviewRule
    evidence: dict[str, Any]


def propose_interviews(*, now: datetime) -> int:
    """Propose what the rules find and nobody proposed yet; the number of new proposals.

    What was decided is not proposed again on the same evidence: only newer reds and ratings count.
    """
    decided, numbers = _last_decisions(), oversight_in_force(now)
    found = [
        *_many_reds(now, numbers, decided),
        *_standing_reds(now, numbers, decided),
        *_dissatisfaction(now, numbers, decided),
    ]
    before = InterviewProposal.objects.count()
    InterviewProposal.objects.bulk_create(
        [
            InterviewProposal(
                department_id=finding.department_id, rule=finding.rule, evidence=finding.evidence, proposed_at=now
            )
            for finding in found
        ],
        ignore_conflicts=True,
    )
    return InterviewProposal.objects.count() - before


def propose_after_third_round(case: Case, *, now: datetime) -> None:
    """A third dissatisfied rating closes the case and proposes an interview with its lead."""
    if case.lead_id is None:
        return
    InterviewProposal.objects.bulk_create(
        [
            InterviewProposal(
                department_id=case.lead_id,
                rule=InterviewRule.THIRD_ROUND,
                evidence={"cases": [case.number], "ratings": case.dissatisfied},
                proposed_at=now,
            )
        ],
        ignore_conflicts=True,
    )


def decide_interview(*, proposal_id: int, actor: Actor, now: datetime, held: bool) -> InterviewProposal:
    """The inspector held the interview, or decided against it."""
    if Role.INSPECTOR not in actor.roles:
        raise NotPermitted(_("Only the inspector decides on interviews."))
    with transaction.atomic():
        proposal = InterviewProposal.objects.select_for_update(no_key=True).filter(pk=proposal_id).first()
        if proposal is None:
            raise NotVisible(_("There is no such proposal."))
        if proposal.department_id in actor.department_ids:
            raise NotPermitted(_("This interview is with your own unit: somebody else must decide it."))
        if proposal.decided_at is not None:
            raise Conflict(decided_words(proposal))
        proposal.decided_at, proposal.decided_by_id, proposal.held = now, actor.user_id, held
        proposal.save(update_fields=["decided_at", "decided_by", "held"])
    return proposal


def decided_words(proposal: InterviewProposal) -> str:
    """By whom and how, for whoever pressed later."""
    words = pgettext("interview", "held") if proposal.held else pgettext("interview", "not held")
    told = {"who": str(proposal.decided_by or "—"), "unit": proposal.department.short_name, "decision": words}
    return _("%(who)s has decided on the interview of %(unit)s already: %(decision)s.") % told


Decisions = dict[tuple[int, str], datetime]


def _last_decisions() -> Decisions:
    rows = InterviewProposal.objects.exclude(decided_at=None).values_list("department_id", "rule")
    return {(department, rule): last for department, rule, last in rows.annotate(last=Max("proposed_at"))}


def _reds(now: datetime, numbers: Oversight) -> dict[int, list[Alert]]:
    """Charged reds of the window by department; an annulled one is charged to nobody."""
    alerts = Alert.objects.filter(
        colour=Colour.RED,
        annulled_at=None,
        charged__isnull=False,
        case__sealed=False,
        moment__gt=now - timedelta(days=numbers.window_days),
        moment__lte=now,
    ).order_by("moment")
    found: dict[int, list[Alert]] = defaultdict(list)
    for alert in alerts.select_related("case"):
        if alert.charged_id is not None:
            found[alert.charged_id].append(alert)
    return found


def _many_reds(now: datetime, numbers: Oversight, decided: Decisions) -> Iterator[Finding]:
    for department_id, alerts in _reds(now, numbers).items():
        since = decided.get((department_id, InterviewRule.THREE_REDS))
        fresh = [alert for alert in alerts if since is None or alert.moment > since]
        if len(fresh) >= numbers.reds:
            evidence = _alert_evidence(fresh) | {"days": numbers.window_days}
            yield Finding(department_id, InterviewRule.THREE_REDS, evidence)


def _standing_reds(now: datetime, numbers: Oversight, decided: Decisions) -> Iterator[Finding]:
    calendar = calendar_in_force().calendar
    bare = Thresholds(blue=None, yellow=None, red=False)
    standing: dict[int, list[Alert]] = defaultdict(list)
    running = Alert.objects.filter(
        colour=Colour.RED,
        annulled_at=None,
        charged__isnull=False,
        case__sealed=False,
        clock__stopped_at=None,
        clock__raised=Colour.RED,
    )
    for alert in running.select_related("case").order_by("moment"):
        if (
            alert.charged_id is None
            or plan(start=alert.moment, limit=numbers.standing, thresholds=bare, calendar=calendar).due >= now
        ):
            continue
        since = decided.get((alert.charged_id, InterviewRule.STANDING_RED))
        if since is None or alert.moment > since:
            standing[alert.charged_id].append(alert)
    for department_id, alerts in standing.items():
        yield Finding(department_id, InterviewRule.STANDING_RED, _alert_evidence(alerts))


def _dissatisfaction(now: datetime, numbers: Oversight, decided: Decisions) -> Iterator[Finding]:
    """Satisfaction of the last days, by the lead department of the rated case."""
    since_when = now - timedelta(days=numbers.window_days)
    rows = (
        Rating.objects.filter(rated_at__gt=since_when, rated_at__lte=now, case__lead__isnull=False, case__sealed=False)
        .values_list("case__lead")
        .annotate(rated=Count("pk"), satisfied=Count("pk", filter=Q(grade__gte=Grade.FAIRLY_SATISFIED)))
        .annotate(newest=Max("rated_at"))
    )
    for department_id, rated, satisfied, newest in rows:
        since = decided.get((department_id, InterviewRule.DISSATISFACTION))
        enough = rated >= numbers.ratings and 100 * satisfied < numbers.satisfied * rated
        if enough and (since is None or newest > since):
            evidence = {"rated": rated, "satisfied": satisfied, "days": numbers.window_days}
            yield Finding(department_id, InterviewRule.DISSATISFACTION, evidence)


def _alert_evidence(alerts: list[Alert]) -> dict[str, Any]:
    listed = alerts[-MOST_EVIDENCE:]
    return {"alerts": [alert.pk for alert in listed], "cases": sorted({alert.case.number for alert in listed})}
