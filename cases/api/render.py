"""Cases as the API shows them: plain dictionaries, petitioners masked (domain.md, "Privacy")."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from django.utils.translation import get_language, override

from cases import labels, reasons
from cases.api.render_side_paths import objection, side_paths, unit
from cases.categories import CATEGORIES
from cases.colours import Colour
from cases.guards import Offer
from cases.masking import mask_address, mask_id, mask_name, mask_phone
from cases.models import Alert, Assignment, Attachment, Case, Category, Clock, Petitioner, Rating
from cases.selectors import offers_for
from cases.terms import Disclosure, Status
from cases.workflow import PHASES, TABLE, Action, Field
from grids.actors import Actor
from grids.book import AREAS, DEPARTMENTS

#: What one row of a list is made of: the case's own columns. Names come from the books of this process.
ROW_COLUMNS: Final = (
    "id",
    "number",
    "title",
    "type",
    "category_id",
    "area_id",
    "area_code",
    "status",
    "colour",
    "due_at",
    "round",
    "urgency",
    "source",
    "lead_id",
    "received_at",
    "updated_at",
    "version",
)
_COLOUR_CODES: Final = tuple(colour.code for colour in Colour)


@dataclass(frozen=True, slots=True)
class Whole:
    """A case with everything that belongs to it and what the reader may do."""

    case: Case
    clocks: Iterable[Clock]
    assignments: Iterable[Assignment]
    alerts: Iterable[Alert]
    attachments: Iterable[Attachment]
    petitioner: Petitioner | None
    rating: Rating | None
    offers: Iterable[Offer]
    beside: Mapping[str, Any]


def whole(actor: Actor, case: Case, *, now: datetime) -> Whole:
    """Of a case from `selectors.case_for`, without another query."""
    return Whole(
        case=case,
        clocks=case.clocks.all(),
        assignments=case.assignments.all(),
        alerts=case.alerts.all(),
        attachments=case.attachments.all(),
        petitioner=next(iter(case.petitioners.all()), None),
        rating=max(case.ratings.all(), key=lambda rating: rating.pk, default=None),
        offers=offers_for(actor, case, now=now),
        beside=side_paths(case),
    )


def row(values: Mapping[str, Any]) -> dict[str, Any]:
    """A row of a list from `ROW_COLUMNS`."""
    return {
        "number": values["number"],
        "title": values["title"],
        "type": values["type"],
        "category": topic(CATEGORIES.maybe(values["category_id"])),
        "area": {"code": values["area_code"], "name": AREAS.of(values["area_id"]).name},
        "status": values["status"],
        "phase": PHASES[Status(values["status"])],
        "colour": _COLOUR_CODES[values["colour"]],
        "due_at": values["due_at"],
        "round": values["round"],
        "urgency": values["urgency"],
        "source": values["source"],
        "lead": unit(DEPARTMENTS.maybe(values["lead_id"])),
        "received_at": values["received_at"],
        "updated_at": values["updated_at"],
        "version": values["version"],
    }


def detail(seen: Whole) -> dict[str, Any]:
    case = seen.case
    return row({name: getattr(case, name) for name in ROW_COLUMNS}) | {
        "description": case.description,
        "disclosure": case.disclosure or None,
        "petitioner": petitioner(seen.petitioner) if seen.petitioner else None,
        "address": case.address,
        "location": _position(case),
        **accused(case),
        "outcome": case.outcome or None,
        "policy_version": case.policy.number,
        "captured_at": case.captured_at,
        "docketed_at": case.docketed_at,
        "dispatched_at": case.dispatched_at,
        "answered_at": case.answered_at,
        "closed_at": case.closed_at,
        "clocks": [_clock(clock) for clock in seen.clocks],
        "assignments": [_assignment(part) for part in seen.assignments],
        "alerts": [_alert(alert) for alert in seen.alerts],
        "attachments": [{**attachment(file), "action": file.action} for file in seen.attachments],
        "rating": _rating(seen.rating) if seen.rating else None,
        **seen.beside,
        "allowed_actions": [_offer(offer) for offer in seen.offers],
    }


def accused(case: Case) -> dict[str, Any]:
    """Whom an accusation is against; only its keepers ever see the case."""
    if not case.sealed:
        return {"accused_units": [], "accused_persons": []}
    return {
        "accused_units": [unit(accused) for accused in case.accused_units.all()],
        "accused_persons": [
            {"username": person.username, "full_name": person.full_name} for person in case.accused_persons.all()
        ],
    }


def petitioner(person: Petitioner) -> dict[str, Any]:
    """Masked; of a confidential one nothing but the pseudonym, which belongs to this case alone."""
    if person.disclosure == Disclosure.CONFIDENTIAL:
        hidden = {"name": person.pseudonym, "phone": "", "id_number": "", "address": ""}
        return {"id": person.pk, "disclosure": person.disclosure, **hidden}
    return {
        "id": person.pk,
        "disclosure": person.disclosure,
        "name": mask_name(person.name),
        "phone": mask_phone(person.phone),
        "id_number": mask_id(person.id_number),
        "address": mask_address(person.address),
    }


def topic(category: Category | None) -> dict[str, str] | None:
    return {"code": category.code, "name": category.name} if category else None


def _position(row: Case | Attachment) -> dict[str, float] | None:
    if row.latitude is None or row.longitude is None:
        return None
    return {"lat": float(row.latitude), "lng": float(row.longitude)}


def _clock(clock: Clock) -> dict[str, Any]:
    return {
        "id": clock.pk,
        "kind": clock.kind,
        "assignment": clock.assignment_id,
        "order": clock.order_id,
        "round": clock.round,
        "generation": clock.generation,
        "limit": clock.limit,
        "charged": unit(DEPARTMENTS.maybe(clock.charged_id)),
        "started_at": clock.started_at,
        "due_at": clock.due_at,
        "blue_at": clock.blue_at,
        "yellow_at": clock.yellow_at,
        "red_at": clock.red_at,
        "paused_at": clock.paused_at,
        "colour": _COLOUR_CODES[clock.colour],
        "stopped_at": clock.stopped_at,
        "on_time": clock.on_time,
    }


def _assignment(part: Assignment) -> dict[str, Any]:
    return {
        "id": part.pk,
        "department": unit(part.department),
        "role": part.role,
        "state": part.state,
        "assigned_at": part.assigned_at,
        "reported_in_at": part.reported_in_at,
        "reported_in_by": part.reported_in_by.full_name if part.reported_in_by else None,
        "on_spot": part.on_spot,
        "distance_m": part.distance_m,
        "finished_at": part.finished_at,
        "objection_due_at": part.objection_due_at,
        "objection": objection(part),
    }


def _alert(alert: Alert) -> dict[str, Any]:
    return {
        "id": alert.pk,
        "clock": alert.clock_id,
        "kind": alert.clock.kind,
        "colour": _COLOUR_CODES[alert.colour],
        "cause": alert.cause,
        "charged": unit(alert.charged),
        "moment": alert.moment,
        "raised_at": alert.raised_at,
        "late": alert.late,
        "acknowledged_at": alert.acknowledged_at,
        "acknowledged_by": alert.acknowledged_by.full_name if alert.acknowledged_by else None,
        "plan_at": alert.plan_at,
        "plan_by": alert.plan_by.full_name if alert.plan_by else None,
        "annulled_at": alert.annulled_at,
        "order": alert.order_id,
    }


def attachment(file: Attachment) -> dict[str, Any]:
    return {
        "id": str(file.pk),
        "sha256": file.sha256,
        "content_type": file.content_type,
        "size": file.size,
        "position": _position(file),
        "taken_at": file.taken_at,
    }


def _rating(rating: Rating) -> dict[str, Any]:
    return {
        "round": rating.round,
        "grade": rating.grade,
        "solved": rating.solved,
        "channel": rating.channel,
        "rated_at": rating.rated_at,
    }


def _offer(offer: Offer) -> dict[str, Any]:
    form = _form(offer.action, get_language() or "")
    fields = zip(form["fields"], TABLE[offer.action].fields, strict=True)
    return {**form, "fields": [_with_reasons(*pair) for pair in fields], "subjects": list(offer.subjects)}


def _with_reasons(shown: dict[str, Any], field: Field) -> dict[str, Any]:
    """The lists of reasons are rows, so they are not part of what is made once."""
    if not field.reasons:
        return shown
    offered = reasons.offered(field.reasons)
    return shown | {"choices": [{"value": code, "label": words} for code, words in offered.items()]}


@lru_cache(maxsize=64)
def _form(action: Action, language: str) -> dict[str, Any]:
    """An action with its fields in one language; the same for everybody, so made once."""
    with override(language):
        return {
            "action": action.value,
            "label": str(labels.ACTION[action]),
            "fields": [_field(field) for field in TABLE[action].fields],
        }


def _field(field: Field) -> dict[str, Any]:
    words = {str(code): str(label) for code, label in labels.choice_words(field.name).items()}
    return {
        "name": field.name,
        "label": str(labels.FIELD[field.name]),
        "kind": field.kind.value,
        "required": field.required,
        "unless": field.unless or None,
        "when": field.when or None,
        "max_length": field.max_length or None,
        "choices": [{"value": code, "label": words.get(code, code)} for code in field.choices],
    }
