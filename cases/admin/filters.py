"""The filters of the case list. Each narrows what the person sees anyway; none can widen it."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cases import labels
from cases.admin.wording import SHAPES
from cases.colours import Colour
from cases.models import Assignment, Case
from cases.selectors import todo
from cases.terms import OPEN, CaseType
from grids.actors import Actor
from grids.admin.person import actor_of
from grids.area_codes import LEVEL_DIGITS
from grids.models import Area, Department

Choices = list[tuple[str, Any]]
OPEN_SCOPE, TODO_SCOPE, MINE_SCOPE, ALL_SCOPE = "open", "todo", "mine", "all"
SCOPES = {
    OPEN_SCOPE: _("Open cases"),
    TODO_SCOPE: _("Waiting for me"),
    MINE_SCOPE: _("Passed through my hands"),
    ALL_SCOPE: _("All cases"),
}


class CaseFilter(SimpleListFilter):
    """One choice of the bar above the list; without one the filter does nothing."""

    all_words = _("All")

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        value = self.value()
        return queryset.filter(self.condition(value)) if value and self.allows(value) else queryset

    def allows(self, value: str) -> bool:
        return value in dict(self.lookup_choices)

    def condition(self, value: str) -> Q:
        raise NotImplementedError

    @property
    def options(self) -> Iterable[tuple[str, Any, bool]]:
        for value, words in self.lookup_choices:
            yield value, words, value == self.value()


class ScopeFilter(CaseFilter):
    """Which cases at all; drawn as tabs. Open ones unless something else is asked for."""

    title = _("scope")
    parameter_name = "scope"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return list(SCOPES.items())

    def value(self) -> str:
        asked = super().value()
        return asked if asked in SCOPES else OPEN_SCOPE

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        actor, scope = actor_of(request), self.value()
        if scope == OPEN_SCOPE:
            return queryset.filter(closed_at=None)
        if scope == TODO_SCOPE:
            return queryset.filter(closed_at=None, pk__in=todo(actor).order_by().values("pk"))
        return queryset.filter(handled_by(actor)) if scope == MINE_SCOPE else queryset


def shows_open_only(request: HttpRequest) -> bool:
    """Whether the list holds no case that has ended, as without another scope."""
    return request.GET.get(ScopeFilter.parameter_name, OPEN_SCOPE) not in {MINE_SCOPE, ALL_SCOPE}


def handled_by(actor: Actor) -> Q:
    """Cases that this person took in, or did something on."""
    answered = Assignment.objects.filter(reported_in_by=actor.user_id).values("case_id")
    return Q(created_by=actor.user_id) | Q(pk__in=answered)


class ColourFilter(CaseFilter):
    title = _("colour")
    parameter_name = "colour"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(c.code, f"{SHAPES[c]} {labels.COLOUR[c]}".strip()) for c in sorted(Colour, reverse=True)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        """Where all cases are open, by the index that also sorts them."""
        value = self.value()
        if value is None or not self.allows(value):
            return queryset
        field = "standing__colour" if shows_open_only(request) else "colour"
        return queryset.filter(**{field: Colour.of(value)})


class StatusFilter(CaseFilter):
    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        wanted = OPEN if request.GET.get("scope", OPEN_SCOPE) == OPEN_SCOPE else labels.STATUS
        return [(status.value, words) for status, words in labels.STATUS.items() if status in wanted]

    def condition(self, value: str) -> Q:
        return Q(status=value)


class TypeFilter(CaseFilter):
    title = _("type")
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(code.value, words) for code, words in labels.TYPE.items() if code is not CaseType.ACCUSATION]

    def condition(self, value: str) -> Q:
        return Q(type=value)


class AreaFilter(CaseFilter):
    """The next level inside the person's own area: townships for the county, villages for a township."""

    title = _("area")
    parameter_name = "area"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        prefixes = actor_of(request).area_prefixes
        if not prefixes:
            return list(areas_of_level("township"))
        found: Choices = []
        for prefix in sorted(prefixes):
            level = {LEVEL_DIGITS["county"]: "township", LEVEL_DIGITS["township"]: "village"}.get(len(prefix))
            found += areas_of_level(level, prefix) if level else []
        return found

    def condition(self, value: str) -> Q:
        return Q(area_code__startswith=value)


def areas_of_level(level: str, prefix: str = "") -> Iterable[tuple[str, str]]:
    areas = Area.objects.filter(level=level, code__startswith=prefix, is_active=True).order_by("code")
    return areas.values_list("code", "name")


class LeadFilter(CaseFilter):
    title = _("lead department")
    parameter_name = "lead"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return list(
            Department.objects.filter(is_active=True).order_by("kind", "code").values_list("code", "short_name")
        )

    def condition(self, value: str) -> Q:
        return Q(lead__code=value)


FILTERS = (ScopeFilter, ColourFilter, StatusFilter, TypeFilter, AreaFilter, LeadFilter)
