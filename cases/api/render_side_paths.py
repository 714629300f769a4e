"""What the side paths leave on a case, as the API shows it: orders, suspension, extensions, objections, proposals."""

from typing import Any, Final

from cases.models import Assignment, Case, ExtensionRequest, SupervisionOrder, Suspension, WhistleProposal
from grids.models import Department, User

#: What a case that was just taken in has beside the main path.
NOTHING_BESIDE: Final[dict[str, Any]] = {
    "master": None,
    "merged": [],
    "suspension": None,
    "whistle_proposal": None,
    "extension_requests": [],
    "supervision_orders": [],
}


def side_paths(case: Case) -> dict[str, Any]:
    """Of a case from `selectors.case_for`, without another query."""
    suspensions = [suspension for suspension in case.suspensions.all() if suspension.ended_at is None]
    proposal = max(case.whistle_proposals.all(), key=lambda row: row.pk, default=None)
    return {
        "master": getattr(case, "master_number", None),
        "merged": getattr(case, "merged_numbers", []),
        "suspension": _suspension(suspensions[0]) if suspensions else None,
        "whistle_proposal": _proposal(proposal) if proposal else None,
        "extension_requests": [_extension(request) for request in case.extension_requests.all()],
        "supervision_orders": [_order(case, order) for order in case.supervision_orders.all()],
    }


def objection(part: Assignment) -> dict[str, Any] | None:
    if not hasattr(part, "objection"):
        return None
    raised = part.objection
    return {
        "reason": raised.reason,
        "raised_at": raised.raised_at,
        "decided_at": raised.decided_at,
        "decided_by": name(raised.decided_by),
        "upheld": raised.upheld,
    }


def unit(department: Department | None) -> dict[str, str] | None:
    return {"code": department.code, "name": department.short_name} if department else None


def name(user: User | None) -> str | None:
    return user.full_name if user else None


def _suspension(suspension: Suspension) -> dict[str, Any]:
    return {
        "reason": suspension.reason,
        "started_at": suspension.started_at,
        "started_by": name(suspension.started_by),
        "until": suspension.until,
    }


def _proposal(proposal: Any) -> dict[str, Any]:
    """A `WhistleProposal` with the codes and names of its assistants, as `selectors` annotates them."""
    row: WhistleProposal = proposal
    called = zip(proposal.assistant_codes, proposal.assistant_names, strict=True)
    return {
        "lead": unit(row.lead),
        "assistants": [{"code": code, "name": short_name} for code, short_name in called],
        "effective_at_once": row.effective_at_once,
        "proposed_at": row.proposed_at,
        "proposed_by": name(row.proposed_by),
        "decided_at": row.decided_at,
        "decided_by": name(row.decided_by),
        "approved": row.approved,
    }


def _extension(request: ExtensionRequest) -> dict[str, Any]:
    return {
        "id": request.pk,
        "assignment": request.assignment_id,
        "round": request.round,
        "ordinal": request.ordinal,
        "level": request.level,
        "limit": request.limit,
        "requested_at": request.requested_at,
        "requested_by": name(request.requested_by),
        "decided_at": request.decided_at,
        "decided_by": name(request.decided_by),
        "granted": request.granted,
    }


def _order(case: Case, order: SupervisionOrder) -> dict[str, Any]:
    due = [clock.due_at for clock in case.clocks.all() if clock.order_id == order.pk]
    return {
        "id": order.pk,
        "department": unit(order.department),
        "person": name(order.person),
        "card": order.card,
        "due_at": due[-1] if due else None,
        "opened_at": order.opened_at,
        "opened_by": name(order.opened_by),
        "answered_at": order.answered_at,
        "answered_by": name(order.answered_by),
        "signed_off_at": order.signed_off_at,
        "signed_off_by": name(order.signed_off_by),
    }
