"""Every list that can be taken out as a file: who may, and what its rows become.

A list is known by a code (`what`), which its note keeps and by which the worker finds it again; its rows by their keys.
So the page that asks and the worker that makes the file read the same list by the same rules, each at its own moment.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from cases import exporting
from cases.admin import audit_page, behind_page, export_words, list_file, looks_page, order_file, supervised
from cases.admin.export_words import AUDIT, BEHIND, CASES, COLUMNS, LOOKS, ORDERS
from cases.errors import NotPermitted
from cases.exporting import MOMENT_WIDTH, Sheet, in_chunks, in_order, moment
from cases.models import Case, Errand
from cases.people import as_looks, looks_for
from grids.actors import Actor
from grids.admin.person import actor_of, request_of, roles_of
from grids.roles import CASELESS_ROLES, Role

EXPORTERS: Final = frozenset(Role) - CASELESS_ROLES
_AUDIT_WIDTHS: Final = (MOMENT_WIDTH, 24, 40, 30)
_LOOK_WIDTHS: Final = (MOMENT_WIDTH, 14, 24, 23, 14, 50)


@dataclass(frozen=True, slots=True)
class Rows:
    """Which rows, in their order, and what each is counted for where they stand behind a figure."""

    keys: Sequence[Any]
    moments: Sequence[datetime | None] = ()


Draw = Callable[[HttpRequest, Rows], Sheet]


@dataclass(frozen=True, slots=True)
class Listing:
    """`opens`: who sees the list, asked before each step; `draw`: its rows as a sheet, of those that this person still
    sees; `page` with `args`: where it is exported. `waits`: long ones are an errand of the worker; rows without a
    number for a key are sent at any length. `model` is the table whose keys are those of the rows.
    """

    what: str
    opens: Callable[[HttpRequest], bool]
    draw: Draw
    page: str
    args: tuple[str, ...] = ()
    waits: bool = True
    model: type[Model] = Case

    def words(self, criteria: Mapping[str, Any]) -> str:
        return str(export_words.list_words(self.what, criteria))

    def address(self, criteria: Mapping[str, Any]) -> str:
        """Of the page that exports it by these filters; a search is kept nowhere."""
        kept = {name: str(value) for name, value in criteria.items() if name != export_words.SEARCHED}
        return f"{reverse(f'admin:{self.page}', args=self.args)}?{urlencode(kept)}"


def listing_of(what: str) -> Listing | None:
    """By its code; None for one that is not there (any more)."""
    kind, _dot, name = what.partition(".")
    if what == CASES:
        return Listing(what, partial(_has, EXPORTERS), partial(_cases, _("Cases")), "exports")
    if what == LOOKS:
        return Listing(what, partial(_has, looks_page.READERS), _looks, "looks_export")
    if kind == ORDERS and name in COLUMNS:
        return Listing(what, partial(_has, supervised.READERS), _orders, "orders_export", (name,))
    if kind == BEHIND and name in behind_page.KINDS:
        draw = partial(_cases, _("Behind a figure"))
        return Listing(what, partial(_has, EXPORTERS), draw, "behind_export", (name,))
    if kind == AUDIT and name in audit_page.SOURCES:
        return Listing(what, partial(_has, audit_page.READERS), partial(_audited, name), "audit_export", (name,))
    return of_table(what)


def of_table(what: str) -> Listing | None:
    """A list of the administration: its page says who opens it and what stands in it."""
    model_admin = export_words.admin_of(what)
    if model_admin is None or model_admin.model is Case:
        return None
    counted, draw = model_admin.opts.pk.get_internal_type().endswith("AutoField"), partial(_table, model_admin)
    args = (model_admin.opts.app_label, model_admin.opts.model_name)
    return Listing(
        what, model_admin.has_view_permission, draw, "list_export", args, waits=counted, model=model_admin.model
    )


def sheet_of(errand: Errand, _actor: Actor, now: datetime) -> Sheet:
    """What the worker writes. NotPermitted where the officer does not open that list any more."""
    request = request_of(errand.user, now=now)
    what = errand.note.what if errand.note else ""
    listing = listing_of(what)
    if listing is None or not errand.user.is_active or not listing.opens(request):
        raise NotPermitted(_("Your posts do not open this list any more."))
    return listing.draw(request, Rows(errand.row_ids, errand.moments))


def _has(roles: frozenset[Role], request: HttpRequest) -> bool:
    return bool(roles_of(request) & roles)


# What becomes of the rows


def _cases(name: str, request: HttpRequest, rows: Rows) -> Sheet:
    return exporting.sheet(name, rows.keys, actor=actor_of(request), moments=rows.moments)


def _orders(request: HttpRequest, rows: Rows) -> Sheet:
    return order_file.sheet(_("Supervision orders"), rows.keys, actor=actor_of(request))


def _table(model_admin: Any, request: HttpRequest, rows: Rows) -> Sheet:
    return list_file.sheet(model_admin, rows.keys, request)


def _audited(kind: str, _request: HttpRequest, rows: Rows) -> Sheet:
    source = audit_page.SOURCES[kind]

    def read(keys: Sequence[Any]) -> list[list[str]]:
        found = in_order(source.rows(audit_page.everything(kind)), keys)
        told = source.lines(found)
        return [[moment(line.at), line.who, _(str(line.what)), list_file.text(line.more)] for line in told]

    heads = (_("When"), _("Who"), source.what, source.more)
    lines = in_chunks(rows.keys, head=lambda: [str(head) for head in heads], read=read)
    return Sheet(str(source.words), _AUDIT_WIDTHS, lines)


def _looks(request: HttpRequest, rows: Rows) -> Sheet:
    """Of sealed cases none, as in every file."""
    seen = looks_for(actor_of(request)).filter(case__sealed=False)

    def read(keys: Sequence[Any]) -> list[list[str]]:
        placed = looks_page.placed(as_looks(in_order(seen, keys)))
        return [[moment(one.at), one.who, unit, one.number, one.pseudonym, one.reason] for one, unit in placed]

    heads = (_("When"), _("Who"), _("Unit"), _("Case"), _("Petitioner"), _("Reason"))
    return Sheet(_("Looks at petitioners"), _LOOK_WIDTHS, in_chunks(rows.keys, head=lambda: list(heads), read=read))
