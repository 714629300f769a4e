"""Keeping what was suggested and what was chosen."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from cases.models import Case, Category, SuggestionChoice
from cases.terms import SuggestedField, SuggestedWhy
from grids.models import Department

Offered = tuple[str, str, str]  # field, code, why


def remember_choices(
    *, case: Case, offered: Iterable[Offered], chosen: Mapping[str, Any], user_id: int, now: datetime
) -> int:
    """Note each suggestion of a form that was sent, beside what was chosen; the number of notes.

    After the action and not within it: a note that is lost harms nobody, a whistle that is lost does. What a form says
    was offered is believed only where its codes exist. The same form sent twice is noted once.
    """
    rows = [
        SuggestionChoice(
            case_id=case.pk,
            round=case.round,
            field=field,
            why=why,
            suggested=code,
            chosen=str(chosen[field]),
            chosen_by_id=user_id,
            chosen_at=now,
        )
        for field, code, why in offered
        if why in set(SuggestedWhy) and chosen.get(field) and _exists(field, code)
    ]
    return len(SuggestionChoice.objects.bulk_create(rows, ignore_conflicts=True))


def _exists(field: str, code: str) -> bool:
    if field == SuggestedField.CATEGORY:
        return Category.objects.filter(code=code).exists()
    return field == SuggestedField.LEAD and Department.objects.filter(code=code).exists()
