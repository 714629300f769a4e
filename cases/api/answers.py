"""Reading a request and rendering cases: what the views of this room have in common."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from cases.access import sees
from cases.actions.intake import Collected
from cases.api.inputs import ListFilters, PageFilters, validated
from cases.api.keyset import OF_CASES, Cursor, Keys, Place, page
from cases.api.render import ROW_COLUMNS, Whole, detail, row, whole
from cases.api.render_side_paths import NOTHING_BESIDE
from cases.errors import NotVisible
from cases.guards import Scene, offers
from cases.models.case import CaseQuerySet
from cases.selectors import case_for
from grids.actors import Actor, actor_for
from grids.api.people import signed_in


def actor_of(request: Request) -> Actor:
    return actor_for(signed_in(request), now=timezone.now())


def asked_of(filters: type[ListFilters | PageFilters], request: Request) -> dict[str, Any]:
    """The query of an address, validated. ValidationError names what cannot be taken."""
    return validated(filters, request.query_params)


def unknown() -> NotVisible:
    return NotVisible(_("There is no such case."))


def seen_case(actor: Actor, number: str) -> Whole:
    """NotVisible where the posts of this person open no such case."""
    case = case_for(actor, number)
    if case is None:
        raise unknown()
    return whole(actor, case, now=timezone.now())


def taken_in(actor: Actor, collected: Collected) -> Whole | None:
    """The case as whoever took it in sees it; None where its keeper alone does."""
    if not collected.created:
        case = case_for(actor, collected.case.number)
        return None if case is None else whole(actor, case, now=timezone.now())
    return _fresh_case(actor, collected) if sees(actor, collected.case, []) else None


def _fresh_case(actor: Actor, collected: Collected) -> Whole:
    """A case taken in just now, from memory: it has a clock and perhaps a petitioner, nothing else."""
    case = collected.case
    scene = Scene(case, [], [], [], [], [], [], collected.concerned, followed=False)
    return Whole(
        case=case,
        clocks=collected.clocks,
        assignments=[],
        alerts=[],
        attachments=collected.attachments,
        petitioner=collected.petitioner,
        rating=None,
        offers=offers(actor, scene, now=case.received_at),
        beside=NOTHING_BESIDE,
    )


def case_answer(seen: Whole, *, status: int = 200, headers: dict[str, str] | None = None, **extra: str) -> Response:
    """The case with its version as ETag. Colours move without a new version, so nothing is answered with 304 here."""
    tagged = {"ETag": f'"{seen.case.version}"', "Cache-Control": "private, no-store", **(headers or {})}
    return Response(detail(seen) | extra, status=status, headers=tagged)


def case_page(
    request: Request, cases: CaseQuerySet, asked: dict[str, Any], *, ordering: str, keys: Keys = OF_CASES
) -> Response:
    place = Place.read(asked.get("cursor"), ordering=ordering)
    found = page(cases, ordering=ordering, place=place, size=asked["page_size"], columns=ROW_COLUMNS, keys=keys)
    links = {"next": _address(request, found.next), "previous": _address(request, found.previous)}
    return Response(links | {"results": [row(values) for values in found.rows]})


def next_page(request: Request, cursor: Cursor | None) -> str | None:
    return _address(request, cursor.write() if cursor else None)


def _address(request: Request, cursor: str | None) -> str | None:
    """Of the page with that cursor, which is empty for the first one."""
    if cursor is None:
        return None
    here = request.build_absolute_uri()
    return replace_query_param(here, "cursor", cursor) if cursor else remove_query_param(here, "cursor")
