"""What the pages of the desk take beside a hundred thousand cases, by role; the work list has figures of its own."""

from collections.abc import Iterator, Mapping
from functools import partial

from django.test import Client

from cases.actions.interviews import propose_interviews
from cases.actions.meetings import draw_up
from cases.models import Assignment, Case, Meeting
from cases.rehearsal import MOST_CASES
from cases.terms import AssignmentRole, AssignmentState, MeetingKind, Status
from grids.models import Post, User
from grids.roles import Role
from tests.bench.figures import Figure, say
from tests.bench.load import Load
from tests.bench.taken import MOST_MS, MOST_QUERIES, Ask, client_of, taken

ADMIN = "/admin/"
LIST = f"{ADMIN}cases/case/"
BARE = "preferences/"  # a page that reads nothing of the cases: what the frame, the session and the menu cost
_EVERYBODY = ("", "notifications/message/")


def measure(load: Load, people: Mapping[str, User]) -> Iterator[Figure]:
    """The median of each page in process, from the test client's call to the rendered page."""
    propose_interviews(now=load.now)
    meeting = draw_up(MeetingKind.WEEKLY, now=load.now, county=load.county.villages[0].code[:6])
    for role, user in people.items():
        client = client_of(user)
        bare = taken(partial(client.get, ADMIN + BARE)).median
        for name, ask in _asked(role, client, load, meeting):
            found = taken(ask)
            if found.median > MOST_MS or found.queries > MOST_QUERIES:
                say(f"over the bar: {role} {name}: {found.median:.0f} ms, {found.queries} queries")
            yield Figure(f"page_{role}_{name}_queries", found.queries, "queries", MOST_QUERIES)
            yield Figure(f"page_{role}_{name}", found.median, "ms", bare)


def officers(load: Load) -> dict[str, User]:
    """One of each kind; the department is the first that has work."""

    def holder(role: Role, **of: object) -> User:
        post = Post.objects.filter(role=role, **of).select_related("user").order_by("pk").first()
        assert post is not None
        return post.user

    busiest = Assignment.objects.values_list("department", flat=True).order_by("department").first()
    assert busiest is not None
    return {
        "center": load.county.center,
        "township": holder(Role.TOWNSHIP_DISPATCHER),
        "leader": holder(Role.TOWNSHIP_LEADER),
        "handler": load.county.handlers[busiest],
        "depthead": holder(Role.DEPARTMENT_HEAD, department=busiest),
        "inspector": holder(Role.INSPECTOR),
        "petition": holder(Role.PETITION_OFFICER),
        "auditor": holder(Role.AUDITOR),
        "admin": holder(Role.SYSTEM_ADMIN),
    }


_PAGES: Mapping[str, tuple[str, ...]] = {
    "center": (
        "supervision/",
        "meetings/",
        "exports/?scope=all",
        "behind/open/",
        "exports/behind/open/",
        "imports/cases/",
    ),
    "township": ("exports/",),
    "leader": ("supervision/",),
    "handler": ("exports/",),
    "depthead": ("supervision/",),
    "inspector": ("supervision/", "meetings/", "exports/?scope=all"),
    "petition": ("looks/",),
    "auditor": ("cases/journalevent/", "audit/", "exports/cases/journalevent/", "exports/audit/logins/"),
    "admin": (
        "engine/",
        "cases/clock/",
        "grids/user/",
        "grids/post/",
        "grids/area/",
        "exports/grids/area/",
        "grids/department/",
        "cases/category/",
        "limits/",
        "calendar/",
        "notifications/delivery/",
    ),
}


def _asked(role: str, client: Client, load: Load, meeting: Meeting) -> Iterator[tuple[str, Ask]]:
    for address in (*_EVERYBODY, *_PAGES[role]):
        name = address.partition("?")[0].strip("/").replace("/", "_") or "desk"
        yield name, partial(client.get, ADMIN + address)
    if role in {"center", "inspector"}:
        yield "meeting", partial(client.get, f"{ADMIN}meetings/{meeting.pk}/")
    if role == "center":
        docketed = Case.objects.filter(status=Status.DOCKETED).values_list("number", flat=True)[:MOST_CASES]
        chosen = {"action": "dispatch", "number": list(docketed)}
        yield "bulk_dispatch_100", partial(client.post, f"{LIST}bulk/", chosen)
    for number in _case(role, load):
        yield "case", partial(client.get, f"{LIST}{number}/change/")
        yield "paper", partial(client.get, f"{LIST}{number}/paper/")


def _case(role: str, load: Load) -> Iterator[str]:
    """One in hand that this officer sees."""
    parts = Assignment.objects.filter(state=AssignmentState.WORKING, role=AssignmentRole.LEAD).order_by("pk")
    if role in {"handler", "depthead"}:
        parts = parts.filter(department=Assignment.objects.order_by("department").values("department")[:1])
    elif role in {"township", "leader"}:
        township = min(load.county.units)
        parts = parts.filter(case__area__code__startswith=township)
    elif role not in {"center", "inspector"}:
        return
    yield parts.values_list("case__number", flat=True)[0]
