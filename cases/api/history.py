"""The journal of a case as the API shows it: typed facts, the texts beside them, the links of the chain."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from cases import labels
from cases.models import JournalEvent
from cases.terms import CITIZEN_ACTED
from cases.workflow import Action

_LABELS = {action.value: label for action, label in labels.ACTION.items()} | {
    "alert": _("Colour raised"),
    "archive": _("Taken over from another system"),
    "calendar": _("The work calendar changed"),
    "reconcile": _("Set right by the reconciliation"),
    "unseal": _("The petitioner's data were looked at"),
    "erase": _("The petitioner was erased"),
    "expire": _("The petitioner was anonymised: the case ended long ago"),
}
_PLAIN = (
    "round",
    "assignment",
    "passed",
    "grade",
    "solved",
    "reason",
    "upheld",
    "granted",
    "approved",
    "at_once",
    "ordinal",
    "limit",
    "until",
    "card",
    "order",
    "on_spot",
    "distance_m",
)


def event(row: JournalEvent, texts: Mapping[tuple[int, str], str]) -> dict[str, Any]:
    """`texts`: of the case, by (sequence, field)."""
    facts = row.payload
    return {
        "seq": row.seq,
        "kind": row.kind,
        "label": _LABELS.get(row.kind, row.kind),
        "at": row.at,
        "actor": row.actor.full_name if row.actor else None,
        "by_citizen": facts.get("by") == CITIZEN_ACTED,
        "status_from": facts.get("from"),
        "status_to": facts.get("to"),
        **{name: facts.get(name) for name in _PLAIN},
        "assigned": [
            {"assignment": int(pk), "department": department, "role": role}
            for pk, (department, role) in facts.get("assigned", {}).items()
        ],
        "taken": [{"assignment": int(pk), "state": state} for pk, state in facts.get("taken", {}).items()],
        "moved": [
            {"clock": int(pk), "generation": generation, "due_at": due_at}
            for pk, (generation, due_at) in facts.get("moved", {}).items()
        ],
        "started": _clocks(facts.get("started", {})),
        "stopped": _clocks(facts.get("stopped", {})),
        "alert": _raised(row.kind, facts),
        "attachments": [{"attachment": pk, "sha256": digest} for pk, digest in facts.get("attachments", {}).items()],
        "texts": [{"field": field, "text": text} for (seq, field), text in texts.items() if seq == row.seq],
        "hash": bytes(row.hash).hex(),
    }


def _clocks(kinds: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"clock": int(pk), "kind": kind} for pk, kind in kinds.items()]


def _raised(kind: str, facts: Mapping[str, Any]) -> dict[str, Any] | None:
    """The colour that time raised (the event itself) or that a rating raised (inside it)."""
    raised = facts if kind == "alert" else facts.get("alert")
    if kind == Action.ACKNOWLEDGE or not isinstance(raised, Mapping):
        return None
    return {name: raised[name] for name in ("clock", "colour", "cause")}
