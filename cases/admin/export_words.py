"""What officers read of an export: which list it was, and by which filters, in words for the codes that are noted."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from django.apps import apps
from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from cases import labels
from cases.admin.desk.formulas import COUNTS, SHARES
from cases.admin.filters import DUES, SCOPES
from cases.admin.pages import moment_in
from cases.categories import CATEGORIES
from cases.exporting import moment
from cases.models import ExportNote
from grids.book import AREAS, DEPARTMENTS

CASES, LOOKS, BEHIND, AUDIT, MEETING, ORDERS = "cases", "looks", "behind", "audit", "meeting", "orders"
#: The kinds of the auditor's page.
AUDITED: Final[Mapping[str, Any]] = {
    "logins": _("Logins"),
    "failures": _("Failed logins"),
    "looks": _("Looks at petitioners"),
    "exports": _("Exports"),
    "changes": _("Changes of the configuration"),
}
#: Of the supervision board.
COLUMNS: Final[Mapping[str, Any]] = {
    "waiting": _("Waiting for an answer"),
    "answered": _("Waiting for sign-off"),
    "done": _("Signed off"),
}
_LISTS: Final[Mapping[str, Any]] = {
    CASES: _("List of cases"),
    MEETING: _("List of a dispatch meeting"),
    LOOKS: _("Looks at petitioners"),
}
#: Noted of a search; never what was searched for.
SEARCHED: Final = "searched"
Words = tuple[Any, Any]


def words_of(note: ExportNote) -> Any:
    """Which list it was."""
    return list_words(note.what, note.criteria)


def list_words(what: str, criteria: Mapping[str, Any]) -> Any:
    """By the code of a note: one of ours, or the name of a table. The code itself where it says nothing any more."""
    kind, _dot, name = what.partition(".")
    if kind == BEHIND:
        formula = SHARES.get(criteria.get("name", "")) if name == "share" else COUNTS.get(name)
        return _("Behind the figure %(figure)s") % {"figure": formula.title} if formula else what
    if kind == AUDIT:
        return AUDITED.get(name, what)
    if kind == ORDERS and name in COLUMNS:
        return _("Supervision orders, %(column)s") % {"column": COLUMNS[name]}
    model_admin = admin_of(what)
    return capfirst(model_admin.opts.verbose_name_plural) if model_admin else _LISTS.get(what, what)


def admin_of(what: str) -> Any | None:
    """The page of the table `app.model`, where it has one."""
    try:
        model = apps.get_model(what)
    except (LookupError, ValueError):
        return None
    return admin.site.get_model_admin(model) if admin.site.is_registered(model) else None


def filter_words(what: str, criteria: Mapping[str, Any]) -> Iterator[Words]:
    """Each filter with what it was set to."""
    model_admin = admin_of(what)
    for name, value in criteria.items():
        if name == SEARCHED:
            yield _("Search"), _("yes; what for is kept nowhere")
        elif value != "":
            yield _of_table(model_admin, name, str(value)) if model_admin else _of_ours(name, str(value))


def _of_table(model_admin: Any, name: str, value: str) -> Words:
    """By the list's own filters, or by the column that the filter asks."""
    for spec in model_admin.list_filter:
        if isinstance(spec, type) and issubclass(spec, admin.SimpleListFilter) and spec.parameter_name == name:
            choices = dict(spec(HttpRequest(), {name: [value]}, model_admin.model, model_admin).lookup_choices)
            return capfirst(spec.title), choices.get(value, value)
    try:
        field = model_admin.opts.get_field(name.partition("__")[0])
    except FieldDoesNotExist:
        return name, value
    if isinstance(field, models.BooleanField):
        return capfirst(field.verbose_name), {"1": _("Yes"), "0": _("No")}.get(value, value)
    return capfirst(field.verbose_name), dict(field.flatchoices).get(value, value)


def _of_ours(name: str, value: str) -> Words:
    title, words = _OURS.get(name, (name, str))
    return capfirst(title), words(value) or value


def _coded(table: Mapping[Any, Any]) -> Callable[[str], Any]:
    return {str(getattr(code, "value", code)): words for code, words in table.items()}.get


def _at(value: str) -> str:
    """A moment as the county reads it; a day as it stands."""
    return moment(moment_in(value))


_ORDERS: Final = {"due": _("nearest due first"), "received": _("oldest first"), "-received": _("newest first")}
_COLOURS: Final = {colour.code: words for colour, words in labels.COLOUR.items()}
#: Of the lists that have no table of their own: what a filter is called, and what its codes mean.
_OURS: Final[Mapping[str, tuple[Any, Callable[[str], Any]]]] = {
    "scope": (_("scope"), _coded(SCOPES)),
    "colour": (_("colour"), _coded(_COLOURS)),
    "status": (_("status"), _coded(labels.STATUS)),
    "type": (_("type"), _coded(labels.TYPE)),
    "area": (_("area"), AREAS.coded),
    "category": (_("category"), CATEGORIES.coded),
    "lead": (_("lead department"), DEPARTMENTS.coded),
    "due": (_("due"), _coded(DUES)),
    "sort": (_("order"), _coded(_ORDERS)),
    "phase": (_("phase"), _coded(labels.PHASE)),
    "place": (_("area"), AREAS.coded),
    "unit": (_("department"), DEPARTMENTS.coded),
    "name": (_("figure"), _coded({name: formula.title for name, formula in SHARES.items()})),
    "part": (_("part"), _coded({"hit": _("above the line"), "missed": _("only below the line")})),
    "period": (_("month"), str),
    "day": (_("day"), str),
    "since": (_("from"), _at),
    "until": (_("to"), _at),
    "reason": (_("reason"), _coded(labels.CONCERN | {"undecided": _("Without a decision")})),
    "meeting": (_("number of the meeting"), str),
}
