"""The start page, put together by role; the same address with `part` answers only what the page renews by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from typing import Any, Final, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from unfold.sites import UnfoldAdminSite

from cases import glance
from cases.admin import wording
from cases.admin.desk import lanes, picture, todo, watch
from cases.admin.desk.formulas import COUNTS, LEFT_OUT, TOGETHER
from cases.admin.desk.rows import Counter, Lister, behind, by_colour, worst
from cases.admin.filters import OPEN_SCOPE
from cases.admin.pages import moment_in
from cases.admin.supervised import orders_for
from cases.calendar import ZONE
from cases.colours import Colour
from cases.glance import Open
from cases.models import Case
from cases.models.case import ANY_WORST_FIRST
from cases.terms import KEEPERS
from cases.workflow.rule import DISPATCHERS
from grids.actors import Actor
from grids.admin.person import actor_of, now_of, roles_of
from grids.roles import CASELESS_ROLES, Role
from grids.seen import mark_seen
from notifications.inbox import messages_of

MESSAGES: Final = 8
OTHERS_SHOWN, CHANGED_SHOWN, WORST_SHOWN = 5, 6, 8
REFRESH_SECONDS: Final = 30
#: They handle cases, and always see what waits for them.
_HANDLING = frozenset({Role.GRID_WORKER, Role.DEPARTMENT_HANDLER, Role.INTAKE_OFFICER})
#: They decide, answer or keep now and then: what waits for them is shown where anything does.
_DECIDING = KEEPERS | {Role.TOWNSHIP_LEADER, Role.DEPARTMENT_HEAD}
#: They take part in many cases of an area without watching over it.
_FAR: Final = frozenset({Role.TOWNSHIP_DISPATCHER, Role.INTAKE_OFFICER, Role.PETITION_OFFICER})
#: They watch over what they see, without an area's figures.
_OVERSEEING = frozenset({Role.TOWNSHIP_DISPATCHER, Role.DEPARTMENT_DEPUTY, Role.DEPARTMENT_HEAD, Role.PETITION_OFFICER})


def fill_desk(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """unfold's callback for the start page."""
    return {**context, **desk_of(request), "title": _("Desk"), "every": REFRESH_SECONDS}


def parts(request: HttpRequest) -> HttpResponse:
    """What the page renews: 304 when nothing changed. It reads the session and never prolongs it.

    `X-As-Of` and `X-Until` tell how fresh it is, in words and as a moment, also where nothing changed.
    """
    response = TemplateResponse(request, "cases/desk_parts.html", desk_of(request)).render()
    etag = f'"{sha256(response.content).hexdigest()[:32]}"'
    answer = get_conditional_response(request, etag=etag, response=response) or response
    answer["ETag"] = etag
    answer["X-As-Of"] = f"{now_of(request).astimezone(ZONE):%H:%M}"
    answer["X-Until"] = now_of(request).isoformat()
    return answer


@require_POST
def seen(request: HttpRequest) -> HttpResponse:
    """Everything up to the moment of the page that was read is no news any more. A POST: looking alone marks nothing,
    since pages are also fetched by tabs that nobody looks at."""
    until, user_id = moment_in(request.POST.get("until", "")), actor_of(request).user_id
    if user_id is not None and until is not None:
        mark_seen(user_id=user_id, until=until, now=now_of(request))
    return HttpResponseRedirect(reverse("admin:index"))


def desk_of(request: HttpRequest) -> dict[str, Any]:
    roles, actor = roles_of(request), actor_of(request)
    desk = _Desk(request, actor, now_of(request))
    no_cases = not roles - CASELESS_ROLES
    return {
        "now": desk.now,
        "as_of": f"{desk.now.astimezone(ZONE):%H:%M}",
        "formulas": COUNTS,
        "together": TOGETHER,
        "left_out": LEFT_OUT,
        "messages_newest": messages_of(actor.user_id or 0)[:MESSAGES],
        "no_cases": no_cases,
        "ways": _ways(request) if no_cases else [],
        **(desk.parts() if actor.roles - CASELESS_ROLES else {}),
    }


def _ways(request: HttpRequest) -> list[dict[str, Any]]:
    """What stands in the sidebar, which a phone hides."""
    return cast("list[dict[str, Any]]", cast("UnfoldAdminSite", admin.site).get_sidebar_list(request))


@dataclass
class _Desk:
    """One person's desk: which counts and lists it wants, asked for together, then shared out to its parts."""

    request: HttpRequest
    actor: Actor
    now: datetime

    def parts(self) -> dict[str, Any]:
        counted, shown = self._counted, self._shown
        found: dict[str, Any] = {}
        if self.todo is not None and (self.todo.tally or self.has(_HANDLING)):
            found |= self.todo.parts(shown["waiting"], self.lister)
        if self.dispatches:
            found |= lanes.lanes(self.actor, self.tally, counted, shown, self.lister)
        if self.has(_HANDLING):
            found |= todo.others_parts(counted["others"], shown["others"], self.lister)
        if "changed" in shown:
            found |= todo.changed_parts(counted["changed"], shown["changed"], self.lister, self.since)
        return found | self._watching(counted, shown) | {"since": self.since}

    def has(self, roles: frozenset[Role]) -> bool:
        return bool(self.actor.roles & roles)

    @property
    def dispatches(self) -> bool:
        return self.has(DISPATCHERS)

    @property
    def watches(self) -> bool:
        return self.has(watch.AREA_WATCHERS)

    @cached_property
    def lister(self) -> Lister:
        return Lister(self.now, wording.live_calendar())

    @cached_property
    def since(self) -> datetime:
        return todo.seen_until(self.request)

    @cached_property
    def todo(self) -> todo.Todo | None:
        return todo.Todo(self.actor) if self.has(_HANDLING | _DECIDING) else None

    @cached_property
    def tally(self) -> Open:
        return glance.open_cases(self.actor, digits=watch.digits_of(self.actor))

    @cached_property
    def _counted(self) -> dict[str, int]:
        asked: dict[str, QuerySet[Any]] = {}
        if self.has(_HANDLING):
            asked["others"] = glance.others_of(self.actor)
        if self._is_near:
            asked["changed"] = glance.changed_for(self.actor, self.since)
        if self.dispatches:
            asked |= lanes.lane_counts(self.actor)
        asked |= self._news()
        return glance.counts(**asked) if asked else {}

    @property
    def _is_near(self) -> bool:
        """Whether single cases are news for this person: for who watches over an area they are figures."""
        return Role.GRID_WORKER in self.actor.roles or bool(self.actor.department_ids)

    def _news(self) -> dict[str, QuerySet[Any]]:
        """News as figures, for who sees more cases than one can read the news of."""
        if not (self.watches or self.has(_FAR)):
            return {}
        news: dict[str, QuerySet[Any]] = {
            "received": glance.received_between(self.actor, self.since, self.now),
            "closed": glance.closed_between(self.actor, self.since, self.now),
        }
        if self.actor.area_prefixes:
            news["reds"] = glance.reds_since(self.actor, self.since)
        if self.watches:
            news["unanswered"] = orders_for(self.actor).filter(answered_at=None)
            news["answered"] = orders_for(self.actor).filter(answered_at__isnull=False, signed_off_at=None)
        return news

    @cached_property
    def _shown(self) -> dict[str, list[Case]]:
        wanted: dict[str, tuple[QuerySet[Case], int]] = {}
        if self.todo is not None:
            # By columns that no index has: few cases wait, and an index in this order would be walked to its end.
            wanted["waiting"] = self.todo.cases.order_by(*ANY_WORST_FIRST), todo.TODO_SHOWN
        if self.has(_HANDLING):
            wanted["others"] = todo.others_first(self.actor), OTHERS_SHOWN
        if self._is_near:
            changed = glance.changed_for(self.actor, self.since)
            wanted["changed"] = changed.order_by("-updated_at", "-id"), CHANGED_SHOWN
        if self.dispatches:
            wanted |= {name: (rows, lanes.LANE_SHOWN) for name, rows in lanes.lane_lists(self.actor).items()}
        if self._lists_worst:
            reddened = glance.seen_by(self.actor).open().filter(standing__colour__gt=Colour.NONE)
            few = not self.actor.area_prefixes
            wanted["worst"] = (
                reddened.order_by(*ANY_WORST_FIRST) if few else reddened.worst_first(),
                WORST_SHOWN,
            )
        return glance.first_of(**wanted) if wanted else {}

    @property
    def _lists_worst(self) -> bool:
        """Who has no list of the own sees the worst by name."""
        return (self.watches or self.has(_OVERSEEING)) and not self.has(_HANDLING | DISPATCHERS)

    def _watching(self, counted: Mapping[str, int], shown: Mapping[str, list[Case]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.watches:
            mode = self.request.GET.get("map", "")
            mode = mode if mode in picture.MODES else picture.LATE
            found |= watch.watch_parts(self.actor, self.tally, glance.loads(self.actor), now=self.now, mode=mode)
            found |= {"orders_waiting": self._orders(counted)}
        elif self.has(_OVERSEEING):
            found["watched"] = by_colour(lambda colour: self.tally.total(colour=colour), scope=OPEN_SCOPE)
            if self.dispatches:
                found |= lanes.loads_parts(glance.loads(self.actor))
        if "received" in counted:
            found |= {"news": self._news_counters(counted), "news_formulas": [COUNTS[name] for name in self._news()]}
        if self._lists_worst:
            found["worst"] = self.lister.rows(shown["worst"], order=worst)
        return found

    def _news_counters(self, counted: Mapping[str, int]) -> list[Counter]:
        since, colours = self.since.isoformat(), {"reds": int(Colour.RED)}
        return [
            Counter(COUNTS[name].title, counted[name], behind(name, since=since), colours.get(name, 0))
            for name in ("received", "closed", "reds")
            if name in counted
        ]

    def _orders(self, counted: Mapping[str, int]) -> list[Counter]:
        board = reverse("admin:board")
        return [
            Counter(COUNTS["unanswered"].title, counted["unanswered"], f"{board}#column-waiting"),
            Counter(COUNTS["answered"].title, counted["answered"], f"{board}#column-answered"),
        ]
