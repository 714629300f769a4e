"""The filters of the case list. Each narrows what the person sees anyway; none can widen it."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final, cast

from django.contrib.admin import SimpleListFilter
from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases import labels
from cases.admin.choices import category_choices
from cases.admin.wording import SHAPES, WORDS
from cases.categories import CATEGORIES
from cases.colours import Colour
from cases.models import Case
from cases.models.case import ANY_WORST_FIRST, WORST_FIRST, CaseQuerySet
from cases.terms import OPEN, CaseType
from cases.worklists import Worklist, day_begins, due_on, is_open_only, narrowed
from grids.admin.person import actor_of, now_of
from grids.area_codes import LEVEL_DIGITS
from grids.book import AREAS, DEPARTMENTS

Choices = list[tuple[str, Any]]
OPEN_SCOPE, TODO_SCOPE = Worklist.OPEN.value, Worklist.TODO.value
SCOPES: Final = {
    Worklist.OPEN: _("Open cases"),
    Worklist.TODO: _("Waiting for me"),
    Worklist.UNASSIGNED: _("To be dispatched"),
    Worklist.TODAY: pgettext_lazy("work list", "Due today"),
    Worklist.RED: _("Red alerts"),
    Worklist.RETURNED: _("Returned"),
    Worklist.RATING: _("Waiting for a rating"),
    Worklist.MINE: _("Passed through my hands"),
    Worklist.ALL: _("All cases"),
}
DUES: Final = {
    "late": _("Overdue"),
    "today": pgettext_lazy("work list", "Due today"),
    "tomorrow": _("Due tomorrow"),
    "week": _("Due within seven days"),
}


class CaseFilter(SimpleListFilter):
    """One choice of the bar above the list; without one the filter does nothing.

    What is not offered is none: bar, files and notes of exports say what was filtered, and no more.
    """

    all_words = _("All")

    def value(self) -> str | None:
        asked = super().value()
        return asked if asked and self.allows(asked) else None

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        value = self.value()
        return queryset.filter(self.condition(value)) if value else queryset

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
        return super().value() or OPEN_SCOPE

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        scope = scope_of(request)
        return narrowed(cast("CaseQuerySet", queryset), scope, actor=actor_of(request), now=now_of(request))


def scope_of(request: HttpRequest) -> Worklist:
    asked = request.GET.get(ScopeFilter.parameter_name)
    return Worklist(asked) if asked in SCOPES else Worklist.OPEN


def shows_open_only(request: HttpRequest) -> bool:
    """Whether the list holds no case that has ended, as without another scope."""
    return is_open_only(scope_of(request), actor_of(request))


def usual_order(request: HttpRequest) -> tuple[str, ...]:
    if shows_open_only(request):
        return WORST_FIRST
    return ANY_WORST_FIRST if scope_of(request) is Worklist.TODO else ("-received_at", "-id")


class ColourFilter(CaseFilter):
    title = _("colour")
    parameter_name = "colour"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(c.code, labels.COLOUR[c]) for c in sorted(Colour, reverse=True)]

    @property
    def chips(self) -> Iterable[tuple[str, str, Any, int, bool]]:
        """Code, shape, word and number of each colour, and whether it is chosen; the shape tells them apart as well."""
        for colour in (Colour.RED, Colour.YELLOW, Colour.BLUE):
            yield colour.code, SHAPES[colour], WORDS[colour], int(colour), colour.code == self.value()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        """Where all cases are open, by the index that also sorts them."""
        value = self.value()
        if value is None:
            return queryset
        field = "standing__colour" if shows_open_only(request) else "colour"
        return queryset.filter(**{field: Colour.of(value)})


class StatusFilter(CaseFilter):
    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        wanted = OPEN if shows_open_only(request) else labels.STATUS
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
    inside = (area for area in AREAS.all() if area.level == level and area.is_active and area.code.startswith(prefix))
    return sorted((area.code, area.name) for area in inside)


class CategoryFilter(CaseFilter):
    """Second-level topics under their topic. A topic itself finds all that lies under it."""

    title = _("category")
    parameter_name = "category"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(row.code, row.name) for row in CATEGORIES.all() if row.is_active]

    def allows(self, value: str) -> bool:
        return CATEGORIES.coded(value) is not None

    def condition(self, value: str) -> Q:
        found = [row.pk for row in CATEGORIES.all() if value in {row.code, row.parent.code if row.parent else ""}]
        return Q(category__in=found)

    @property
    def grouped(self) -> Iterable[tuple[Any, list[tuple[str, Any, bool]]]]:
        choices: list[Any] = category_choices()
        for topic, rows in choices:
            yield topic, [(code, name, code == self.value()) for code, name in rows]


class LeadFilter(CaseFilter):
    title = _("lead department")
    parameter_name = "lead"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        units = sorted((unit for unit in DEPARTMENTS.all() if unit.is_active), key=lambda unit: (unit.kind, unit.code))
        return [(unit.code, unit.short_name) for unit in units]

    def condition(self, value: str) -> Q:
        unit = DEPARTMENTS.coded(value)
        return Q(lead=unit.pk if unit else None)


class DueFilter(CaseFilter):
    """By the nearest due time of the running clocks."""

    title = _("due")
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return list(DUES.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        now = now_of(request)
        conditions = {
            "late": Q(due_at__lt=now),
            "today": due_on(now),
            "tomorrow": due_on(now, days=1),
            "week": Q(due_at__gte=now, due_at__lt=day_begins(now) + timedelta(days=8)),
        }
        asked = conditions.get(self.value() or "")
        return queryset if asked is None else queryset.filter(asked)


#: By name, how the list is ordered; without one, worst colour first, or newest first where closed cases stand in it.
ORDERS: Final = {
    "due": ("due_at", "id"),
    "received": ("received_at", "id"),
    "-received": ("-received_at", "-id"),
}


class SortFilter(CaseFilter):
    """The order of the rows: chosen by the heads of columns, kept beside the filters, narrowing nothing."""

    title = _("order")
    parameter_name = "sort"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(name, name) for name in ORDERS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        return queryset


FILTERS = (
    ScopeFilter,
    ColourFilter,
    DueFilter,
    StatusFilter,
    TypeFilter,
    AreaFilter,
    CategoryFilter,
    LeadFilter,
    SortFilter,
)
PARAMETERS: Final = tuple(spec.parameter_name for spec in FILTERS)


def kept_query(asked: QueryDict) -> str:
    """The filters alone, each once and in one order: what may stand in an address. Never what was searched for."""
    return urlencode([(name, value) for name in PARAMETERS if (value := asked.get(name, ""))])
