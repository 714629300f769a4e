"""派单建议: which category a matter probably is and whom to call, each with its reason; a proposal, never a decision.

Two sources: the category table, which names the usual lead of a category, and the most similar cases that the person
sees and that somebody has classified and dispatched already. What was proposed and what was chosen instead is kept
(`cases.models.SuggestionChoice`).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cases.categories import CATEGORIES
from cases.models import Case
from cases.similar import Similar, similar_cases
from cases.terms import SuggestedField, SuggestedWhy
from grids.actors import Actor

#: So many similar cases are asked; more only add what is less alike.
ASKED: Final = 10


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`cases`: how many similar ones were handled so; 0 where the category table says it."""

    field: SuggestedField
    code: str
    name: str
    why: SuggestedWhy
    cases: int = 0


def suggest(case: Case, *, fields: Iterable[SuggestedField], actor: Actor, now: datetime) -> list[Suggestion]:
    """At most one suggestion for each field and reason; the same lead for both reasons is told once, by the table."""
    wanted = frozenset(fields)
    found = list(_usual_lead(case)) if SuggestedField.LEAD in wanted else []
    alike = similar_cases(case, actor=actor, now=now, limit=ASKED)
    for field in sorted(wanted):
        voted = _voted(field, alike)
        if voted and all((one.field, one.code) != (field, voted.code) for one in found):
            found.append(voted)
    return found


def _usual_lead(case: Case) -> Iterable[Suggestion]:
    lead = case.category.lead_department if case.category else None
    if lead is not None and lead.is_active:
        yield Suggestion(SuggestedField.LEAD, lead.code, lead.short_name, SuggestedWhy.CATEGORY)


def _voted(field: SuggestedField, alike: Iterable[Similar]) -> Suggestion | None:
    """What most of the similar cases say, the more alike the more it counts."""
    weights: dict[tuple[str, str], float] = defaultdict(float)
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for similar in alike:
        if said := _SAYS[field](similar.case):
            weights[said] += similar.score
            counts[said] += 1
    if not weights:
        return None
    code, name = max(weights, key=lambda said: (weights[said], said))
    return Suggestion(field, code, name, SuggestedWhy.SIMILAR, counts[code, name])


def _category_of(case: Case) -> tuple[str, str] | None:
    """Of a case that was docketed: before that nobody has looked at its category."""
    category = CATEGORIES.maybe(case.category_id) if case.docketed_at else None
    return (category.code, category.name) if category and category.is_active else None


def _lead_of(case: Case) -> tuple[str, str] | None:
    return (case.lead.code, case.lead.short_name) if case.lead and case.lead.is_active else None


_SAYS: Final[dict[SuggestedField, Callable[[Case], tuple[str, str] | None]]] = {
    SuggestedField.CATEGORY: _category_of,
    SuggestedField.LEAD: _lead_of,
}
