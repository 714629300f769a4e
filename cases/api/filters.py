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
    cases = _by_status(cases, asked["status"])
    if asked["type"]:
        cases = cases.filter(type__in=sorted(asked["type"]))
    if asked["colour"]:
        field = "standing__colour__in" if _open_only(asked) else "colour__in"
        cases = cases.filter(**{field: sorted(Colour.of(code) for code in asked["colour"])})
    if area := asked.get("area"):
        cases = _inside(cases, area, coloured=bool(asked["colour"]) and _open_only(asked))
    if category := asked.get("category"):
        cases = cases.filter(Q(category__code=category) | Q(category__parent__code=category))
    if department := asked.get("department"):
        cases = cases.filter(_held_by(department))
    if asked["mine"]:
        signed_in = Assignment.objects.filter(case=OuterRef("pk"), reported_in_by=actor.user_id)
        cases = cases.filter(Q(created_by=actor.user_id) | Exists(signed_in))
    if text := asked.get("q"):
        cases = search(cases, text, actor=actor)
    return cases.filter(**_in_time(asked))


def _inside(cases: CaseQuerySet, area: str, *, coloured: bool) -> CaseQuerySet:
    """Open cases of some colours are read from their standings, where an index begins with the township.

    It stands in the statement: planned without it PostgreSQL believes that next to nothing is left behind all
    conditions, and reads everything in hand in the county to sort it."""
    if coloured and len(area) >= _TOWNSHIP_DIGITS:
        cases = cases.filter(standing__township=Literally(area[:_TOWNSHIP_DIGITS]))
    return cases.filter(area_code__startswith=area)


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
