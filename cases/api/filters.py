"""The filters of the case list, on top of what a person sees at all."""

from collections.abc import Mapping, Set
from typing import Any

from django.db.models import Exists, OuterRef, Q

from cases.api.keyset import OF_CASES, OF_STANDINGS, Keys
from cases.colours import Colour
from cases.literals import Literally
from cases.models import Assignment
from cases.models.case import CaseQuerySet
from cases.searching import search
from cases.terms import ENDED, HOLDING_STATES, OPEN
from grids.actors import Actor
from grids.area_codes import LEVEL_DIGITS

_TOWNSHIP_DIGITS = LEVEL_DIGITS["township"]


def filtered(cases: CaseQuerySet, asked: Mapping[str, Any], *, actor: Actor) -> CaseQuerySet:
    """`asked`: validated `ListFilters`."""
    cases = _by_standing(cases, asked) if keys_for(asked) is OF_STANDINGS else _by_case(cases, asked)
    if asked["type"]:
        cases = cases.filter(type__in=sorted(asked["type"]))
    if category := asked.get("category"):
        cases = cases.filter(Q(category__code=category) | Q(category__parent__code=category))
    if department := asked.get("department"):
        cases = cases.filter(_held_by(department))
    if asked["mine"]:
        signed_in = Assignment.objects.filter(case=OuterRef("pk"), reported_in_by=actor.user_id)
        cases = cases.filter(Q(created_by=actor.user_id) | Exists(signed_in))
    cases = cases.filter(**_in_time(asked))
    return search(cases, text, actor=actor) if (text := asked.get("q")) else cases


def _by_case(cases: CaseQuerySet, asked: Mapping[str, Any]) -> CaseQuerySet:
    """Status, colour and area as the cases have them."""
    cases = _by_status(cases, asked["status"])
    if asked["colour"]:
        cases = cases.filter(colour__in=_colours(asked))
    return cases.filter(area_code__startswith=asked["area"]) if asked.get("area") else cases


def _by_standing(cases: CaseQuerySet, asked: Mapping[str, Any]) -> CaseQuerySet:
    """The same for open cases where colours matter, read from their standings: indexes begin with township or colour.

    Each condition is said once: PostgreSQL takes what is said of case and standing for two things that seldom come
    together, believes that next to nothing is left, and reads everything in hand to sort it. For the same reason the
    township stands in the statement."""
    if asked["colour"]:
        cases = cases.filter(standing__colour__in=_colours(asked))
    if (statuses := _statuses(asked["status"])) != OPEN:
        cases = cases.filter(standing__status__in=sorted(statuses))
    area = asked.get("area") or ""
    if len(area) >= _TOWNSHIP_DIGITS:
        cases = cases.filter(standing__township=Literally(area[:_TOWNSHIP_DIGITS]))
    return cases if len(area) in (0, _TOWNSHIP_DIGITS) else cases.filter(area_code__startswith=area)


def _colours(asked: Mapping[str, Any]) -> list[Colour]:
    return sorted(Colour.of(code) for code in asked["colour"])


def keys_for(asked: Mapping[str, Any]) -> Keys:
    """By which columns the rows are ordered: where colours matter and all cases are open, by their standings."""
    by_colour = asked["colour"] or asked["ordering"].endswith("colour")
    return OF_STANDINGS if by_colour and _open_only(asked) else OF_CASES


def _open_only(asked: Mapping[str, Any]) -> bool:
    return _statuses(asked["status"]) <= OPEN


def _statuses(codes: Set[str]) -> Set[str]:
    return codes - {"open"} | (set(OPEN) if "open" in codes or not codes else set())


def _by_status(cases: CaseQuerySet, codes: Set[str]) -> CaseQuerySet:
    """Whether a case is open is said by `closed_at` too, so that the partial indexes of open cases serve."""
    statuses = _statuses(codes)
    if statuses <= OPEN:
        cases = cases.open()
    elif statuses <= ENDED:
        cases = cases.exclude(closed_at=None)
    return cases if statuses in (OPEN, ENDED, OPEN | ENDED) else cases.filter(status__in=sorted(statuses))


def _held_by(department: str) -> Exists:
    held = Assignment.objects.filter(case=OuterRef("pk"), department__code=department, state__in=sorted(HOLDING_STATES))
    return Exists(held)


def _in_time(asked: Mapping[str, Any]) -> dict[str, Any]:
    limits = {"received_from": "received_at__gte", "received_to": "received_at__lt", "due_before": "due_at__lt"}
    return {lookup: asked[name] for name, lookup in limits.items() if name in asked}
