"""查看记录: who looked at petitioners' plain data, for the petition office; and what a petitioner can be told of it."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from cases.access import visible_to
from cases.admin.pages import open_to, render, slice_of
from cases.models import JournalEvent, Petitioner
from cases.people import Look, as_looks, looks_at, looks_for
from grids.actors import day_of
from grids.admin.person import actor_of, now_of
from grids.models import Post
from grids.roles import Role

READERS = frozenset({Role.PETITION_OFFICER})
SHOWN = 30
_LONGEST_NUMBER = 24


@dataclass(frozen=True, slots=True)
class Line:
    """One look. `unit` is where the person sat at that time; `opens`: the reader may open the case."""

    look: Look
    unit: str
    opens: bool


@open_to(READERS)
def looks(request: HttpRequest) -> HttpResponse:
    """All looks in the reader's areas, newest first; of one case when its number is given."""
    actor, number = actor_of(request), number_in(request)
    shown = slice_of(events_of(request), request.GET.get("page", ""), size=SHOWN)
    found = as_looks(shown.rows)
    opened = set(visible_to(actor).filter(number__in={one.number for one in found}).values_list("number", flat=True))
    context = {
        "title": _("Looks at petitioners"),
        "lines": [Line(one, unit, one.number in opened) for one, unit in placed(found)],
        "shown": shown,
        "number": number,
        "now": now_of(request),
    }
    return render(request, "cases/looks.html", context)


def events_of(request: HttpRequest) -> QuerySet[JournalEvent]:
    """What the page lists: all looks, or those at one case."""
    events, number = looks_for(actor_of(request)), number_in(request)
    return events.filter(case__number=number) if number else events


def number_in(request: HttpRequest) -> str:
    return request.GET.get("number", "").replace("\x00", "").strip()[:_LONGEST_NUMBER]


@open_to(READERS)
def told(request: HttpRequest, petitioner_id: int) -> HttpResponse:
    """A sheet for one petitioner: who looked and when. Reasons stay in the house: they may speak of others."""
    watched = looks_for(actor_of(request)).filter(payload__petitioner=petitioner_id)
    person = Petitioner.objects.select_related("case").filter(pk=petitioner_id, case__in=watched.values("case")).first()
    if person is None:
        raise Http404(_("There is no such petitioner."))
    context: dict[str, Any] = {
        "person": person,
        "lines": [Line(one, unit, False) for one, unit in placed(looks_at(person))],
        "now": now_of(request),
    }
    return render(request, "cases/looks_told.html", context)


def placed(found: list[Look]) -> list[tuple[Look, str]]:
    """The looks with the unit or area of whoever looked, by the posts held on that day. One query."""
    users = {one.who_id for one in found}
    posts = list(Post.objects.filter(user__in=users).select_related("department", "area").order_by("pk"))
    return [(one, _unit(one, posts)) for one in found]


def _unit(look: Look, posts: list[Post]) -> str:
    day = day_of(look.at)
    held = (
        post
        for post in posts
        if post.user_id == look.who_id and post.valid_from <= day and (post.valid_to is None or post.valid_to >= day)
    )
    names = (post.department.name if post.department else post.area.name if post.area else "" for post in held)
    return "、".join(dict.fromkeys(names))
