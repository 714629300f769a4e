"""The rows of a list of the administration as lines of a file: the columns that its page shows, as plain text.

A list says what stands in it and for whom (`get_queryset`, `has_view_permission`), and nothing here asks otherwise. A
column is read as the page reads it; what a page draws (icons, links, marks) is said in words.
"""

from collections.abc import Sequence
from datetime import date, datetime, time
from html import unescape
from typing import Any, Final

from django.contrib.admin.utils import display_for_field, label_for_field, lookup_field
from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist
from django.db import models
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.html import strip_tags
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from cases.exporting import MOMENT_WIDTH, Line, Sheet, in_chunks, in_order, moment

#: Of columns in characters, by what they hold; of all others.
_WIDTHS: Final[tuple[tuple[type[Any], int], ...]] = (
    (models.DateTimeField, MOMENT_WIDTH),
    (models.DateField, 12),
    (models.BooleanField, 8),
    (models.IntegerField, 10),
    (models.TextField, 60),
)
_USUAL_WIDTH: Final = 24


def sheet(model_admin: Any, keys: Sequence[Any], request: HttpRequest) -> Sheet:
    """Of the rows that this person still sees. A query for 500 of them."""
    names = columns(model_admin, request)
    rows = _rows(model_admin, request)
    lines = in_chunks(
        keys,
        head=lambda: [_head(name, model_admin) for name in names],
        read=lambda chunk: [line(row, names, model_admin) for row in in_order(rows, chunk)],
    )
    widths = [_width(model_admin, name) for name in names]
    return Sheet(str(capfirst(model_admin.opts.verbose_name_plural)), widths, lines)


def columns(model_admin: Any, request: HttpRequest) -> Sequence[str]:
    names: Sequence[str] = getattr(model_admin, "list_as_file", ()) or model_admin.get_list_display(request)
    return names


def _rows(model_admin: Any, request: HttpRequest) -> QuerySet[Any]:
    """With what the page reads along of other tables."""
    rows: QuerySet[Any] = model_admin.get_queryset(request)
    related = model_admin.get_list_select_related(request)
    return rows.select_related(*related) if related else rows


def _head(name: str, model_admin: Any) -> str:
    label: Any = label_for_field(name, model_admin.model, model_admin=model_admin)
    return str(capfirst(label))


def line(row: Model, names: Sequence[str], model_admin: Any) -> Line:
    return [_cell(row, name, model_admin) for name in names]


def _cell(row: Model, name: str, model_admin: Any) -> str:
    try:
        field, _attr, value = lookup_field(name, row, model_admin)
    except ObjectDoesNotExist:
        return ""
    if field is None:
        return text(value)
    if isinstance(field.remote_field, models.ManyToOneRel):
        return text(getattr(row, field.name))
    if field.flatchoices:
        return str(dict(field.flatchoices).get(value, value))
    shown: str = text(value) if _is_plain(value) else str(display_for_field(value, field, ""))
    return shown


def text(value: Any) -> str:
    """What a page shows, without its markup; moments with their year, and nothing where there is nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, list | tuple):
        return "、".join(map(text, value))
    return unescape(strip_tags(str(value))) if hasattr(value, "__html__") else str(value)


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int | date | time | list | tuple)


def _width(model_admin: Any, name: str) -> int:
    try:
        field = model_admin.opts.get_field(name)
    except FieldDoesNotExist:
        return _USUAL_WIDTH
    return next((width for kind, width in _WIDTHS if isinstance(field, kind)), _USUAL_WIDTH)
