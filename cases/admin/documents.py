"""The documents of policy and calendar versions as tables that a person can read."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import labels
from cases.phrases import day_of_year, limit_words

#: The columns of domain.md, "Default policy", in its order.
_COLUMNS = ("docket", "dispatch", "report_in", "objection", "handle", "resolve", "extension", "rate")
_HEADINGS: Mapping[str, Any] = {
    **{kind.value: words for kind, words in labels.CLOCK.items()},
    "objection": gettext_lazy("Objection limit"),
    "extension": gettext_lazy("Extension"),
}


def rule_words(place: str) -> str:
    """A place of the policy, such as `types.appeal.handle`, as people read it."""
    part, _dot, rest = place.partition(".")
    row, _dot, kind = rest.rpartition(".")
    name = _type_words(row) if part == "types" else row
    return f"{name} · {_HEADINGS.get(kind, kind)}"


def policy_table(rules: Mapping[str, Any]) -> SafeString:
    """One row for each type of case, one column for each limit."""
    head = format_html_join("", "<th>{}</th>", ((_HEADINGS[column],) for column in _COLUMNS))
    rows = format_html_join(
        "",
        "<tr><th>{}</th>{}</tr>",
        ((_type_words(code), _cells(row)) for code, row in _in_order(rules.get("types", {}))),
    )
    return format_html(
        '<div class="w-scroll" tabindex="0"><table class="w-policy"><tr><th>{}</th>{}</tr>{}</table></div>',
        _("Type"),
        head,
        rows,
    )


def _in_order(types: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """As domain.md lists them; the database keeps no order."""
    order = [case_type.value for case_type in labels.TYPE]
    return sorted(types.items(), key=lambda entry: order.index(entry[0]) if entry[0] in order else len(order))


def _type_words(code: str) -> Any:
    words: Mapping[Any, Any] = labels.TYPE
    return words.get(code, code)


def _cells(row: Mapping[str, Any]) -> SafeString:
    return format_html_join("", "<td>{}</td>", ((_cell(column, row.get(column)),) for column in _COLUMNS))


def _cell(column: str, value: Any) -> str:
    if value is None:
        return "—"
    if column == "extension":
        return f"{value['times']} × {limit_words(value['limit'])}"
    return limit_words(value["limit"] if isinstance(value, Mapping) else value)  # a cell may have colours of its own


def calendar_lines(document: Mapping[str, Any]) -> SafeString:
    """Year by year: the holidays by name and the weekends that are worked."""
    days = [(date.fromisoformat(day), rule) for day, rule in sorted(document.get("days", {}).items())]
    years = [(year, list(found)) for year, found in groupby(days, key=lambda entry: entry[0].year)]
    lines = ((year, _holidays(found), _("Worked"), _worked(found)) for year, found in reversed(years))
    return format_html_join("", '<dl class="w-days"><dt>{}</dt><dd>{}</dd><dt>{}</dt><dd>{}</dd></dl>', lines)


def _holidays(days: Iterable[tuple[date, Mapping[str, Any]]]) -> str:
    free = [(day, rule["name"]) for day, rule in days if not rule["work"]]
    spans: list[tuple[str, date, date]] = []
    for day, name in free:
        if spans and spans[-1][0] == name and day - spans[-1][2] == timedelta(days=1):
            spans[-1] = (name, spans[-1][1], day)
        else:
            spans.append((name, day, day))
    return " · ".join(f"{name} {_span(first, last)}" for name, first, last in spans)


def _span(first: date, last: date) -> str:
    return day_of_year(first) if first == last else f"{day_of_year(first)}–{day_of_year(last)}"


def _worked(days: Iterable[tuple[date, Mapping[str, Any]]]) -> str:
    return " · ".join(day_of_year(day) for day, rule in days if rule["work"]) or "—"
