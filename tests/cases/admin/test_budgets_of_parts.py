"""What pages ask for beside themselves costs no more than a page: fragments, answers to what was pressed, figures.

With a case on which everything happened several times, and for somebody who holds a post of every kind. What a press
does, answered in its place, may cost what an action may (tests/budget.py); answered with a page, what two pages may.
"""

import re
import uuid
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any, Final

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.actions.meetings import draw_up
from cases.models import Case, Meeting, SupervisionOrder
from cases.previews import FORESEEN
from cases.terms import MeetingKind, Status
from cases.workflow import Action
from grids.book import DEPARTMENTS
from grids.labels import DepartmentKind
from grids.models import Department
from grids.roles import Role
from tests.budget import ACTION
from tests.builders import County, add_post, add_user
from tests.cases.admin.test_budgets import MOST
from tests.cases.admin.web import LIST, Web, at_moment, case_page, text_of
from tests.cases.side_stories import extend, in_hand, object_to, supervise, suspend
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db

Asks = Iterator[tuple[str, Callable[[], Any]]]
PEOPLE: Final = ("many", "inspector", "township", "handler")
_NOT_COUNTED: Final = ("SAVEPOINT", "RELEASE", "ROLLBACK")
#: Posts that no test of one role brings together, and a small county does.
_POSTS: Final = (
    (Role.CENTER_DISPATCHER, "county"),
    (Role.INSPECTOR, "county"),
    (Role.PETITION_OFFICER, "county"),
    (Role.INTAKE_OFFICER, "county"),
    (Role.TOWNSHIP_DISPATCHER, "township"),
    (Role.TOWNSHIP_LEADER, "township"),
    (Role.GRID_WORKER, "village"),
    (Role.DEPARTMENT_HANDLER, "water"),
    (Role.DEPARTMENT_HEAD, "water"),
    (Role.DEPARTMENT_DEPUTY, "police"),
    (Role.AUDITOR, "county"),
    (Role.SYSTEM_ADMIN, "county"),
)


def busy(county: County, times: int) -> Story:
    """A case with so many assistants, followers and reminders, an order against each, red for days."""
    units = [_unit(county, f"unit-{times}-{number}") for number in range(times)]
    DEPARTMENTS.forget()
    story = Story.begin(county).docket().wait(minutes=1).dispatch(assistants=units)
    object_to(story, units[-1])
    for unit in (county.water, *units[:-1]):
        story.wait(minutes=1).report_in(unit)
    for _ in range(times):
        story.wait(hours=2).act(Action.REMIND, "center", comment="请尽快")
        in_hand(county).at(story.now).act(Action.MERGE, "center", master=story.number, comment="同一处")
    extend(story, 2)
    suspend(story, date(2026, 3, 6))
    story.wait(hours=1).act(Action.RESUME, "center", comment="材料已到")
    for unit in (county.water, *units):
        supervise(story, unit)
    story.wait(days=9).sweep()
    return story


def _unit(county: County, code: str) -> Department:
    unit = Department.objects.create(
        code=code, name=code, short_name=code, kind=DepartmentKind.COUNTY, area=county.county
    )
    county.users[f"{code}-handler"] = add_user(f"{code}-handler")
    add_post(county.users[f"{code}-handler"], Role.DEPARTMENT_HANDLER, unit)
    return unit


@pytest.fixture
def many(county: County) -> None:
    county.users["many"] = add_user("many")
    for role, place in _POSTS:
        add_post(county.users["many"], role, getattr(county, place))


def cost(ask: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as queries:
        answer = ask()
    assert answer.status_code < 500
    return sum(not query["sql"].startswith(_NOT_COUNTED) for query in queries.captured_queries)


def reads(web: Web, story: Story) -> Asks:
    """Pages and fragments that change nothing."""
    own = f"{LIST}{story.number}/"
    order, clock = SupervisionOrder.objects.filter(case=story.case_id).first(), story.case.clocks.first()
    assert order is not None
    assert clock is not None
    parts = ["paper/", f"paper/?order={order.pk}", "similar/", "similar/?merge", "news/?version=1"]
    parts += [f"suggested/{action}/" for action in ("docket", "dispatch", "propose_whistle")]
    parts += [f"preview/{action.value}/" for action in sorted(FORESEEN)]
    pages = [case_page(story.number), reverse("admin:index"), reverse("admin:board")]
    pages += [f"{reverse('admin:index')}?part=1", reverse("admin:clock_receipt", args=[story.number, clock.pk])]
    pages += [reverse("admin:meeting", args=[Meeting.objects.get().pk])]
    for page in (*pages, *(f"{own}{part}" for part in parts)):
        yield page, partial(web.get, page)
    given = {"passed": "on", "granted": "on", "upheld": "on", "grade": "1", "amount": "2", "until": "2026-04-09"}
    chosen = {"lead": "police", "department": "police", "assignment": str(story.part().pk)}
    for action in sorted(FORESEEN):
        yield f"{action.value} filled in", partial(web.get, f"{own}preview/{action.value}/", **given, **chosen)
    for page in (LIST, f"{LIST}rows/"):
        for words in ("水管", "王小明", "13800001234"):
            yield f"{page} {words}", partial(web.client.post, page, {"q": words, "scope": "all"})
    draft = {"title": "自来水管漏水", "phone": "13800001234"}
    yield "draft", partial(web.client.post, f"{LIST}add/similar/", draft)
    numbers = list(Case.objects.order_by("pk").values_list("number", flat=True)[:100])
    for act in ("dispatch", "reassign", "remind"):
        asked = {"action": act, "number": numbers, "department": "police"}
        yield f"{act} many", partial(web.client.post, f"{LIST}bulk/", asked)


@pytest.mark.parametrize("times", [2, pytest.param(5, marks=pytest.mark.slow)])
def test_what_a_page_asks_for_costs_no_more_than_a_page(
    county: County, many: None, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    story = busy(county, times)
    for status in (Status.COLLECTED, Status.DOCKETED, Status.ANSWERED, Status.RATING):
        story_in(county, status, at=story.now - timedelta(hours=1))
    draw_up(MeetingKind.WEEKLY, now=story.now, county=county.county.code)
    at_moment(monkeypatch, story)
    over: dict[tuple[str, str], int] = {}
    for username in PEOPLE:
        web = Web.of(county.users[username])
        _ = [ask() for _name, ask in reads(web, story)]  # what a process reads once in half a minute
        for name, ask in (*reads(web, story), *others(web, story)):
            if (spent := cost(ask)) > MOST:
                over[username, name] = spent
    assert not over


def others(web: Web, story: Story) -> Asks:
    """The other cases, and the rows behind each kind of figure of the desk and the board."""
    for number in Case.objects.exclude(pk=story.case_id).exclude(master=story.case_id).values_list("number", flat=True):
        yield number, partial(web.case, number)
    shown = "".join(text_of(web.get(reverse(f"admin:{page}"))) for page in ("index", "board"))
    figures = {link.partition("?")[0]: link for link in re.findall(r'href="(/admin/behind/[^"]+)"', shown)}
    for link in figures.values():
        yield link, partial(web.client.get, link)


def presses(web: Web, story: Story) -> Asks:
    """Answers to what was pressed: in place, as a page, and refused."""
    own, case = f"{LIST}{story.number}/", story.case
    person = case.petitioners.get()
    for reason in ("", "回访核实"):
        yield f"page: look {reason}", partial(web.client.post, f"{own}petitioners/{person.pk}/", {"reason": reason})
    for action in (Action.FINISH, Action.RESUME, Action.APPROVE_WHISTLE, Action.SUPERVISE, Action.DOCKET):
        for version in (0, case.version):
            yield f"page: {action} {version}", partial(web.press, story, action.value, version=version)
    order = SupervisionOrder.objects.filter(case=story.case_id).first()
    assert order is not None
    for act in ("sign_off", "answer_supervision"):
        address = reverse("admin:order_act", args=[order.pk, act])
        yield f"page: {act}", partial(web.client.post, address, {"text": ""})
        for text in ("", "已督促整改"):
            yield f"part: {act} {text}", partial(web.client.post, address, {"text": text, "part": "1"})
    item = Meeting.objects.get().items.order_by("pk")[0]
    address = reverse("admin:meeting_decide", args=[item.meeting_id, item.pk])
    for decision in ("议" * 3000, "请抓紧"):
        yield f"page: decision {decision[:3]}", partial(web.client.post, address, {"decision": decision})
        asked = {"decision": decision, "part": "1"}
        yield f"part: decision {decision[:3]}", partial(web.client.post, address, asked)
    matter = {
        "client_id": str(uuid.uuid4()),
        "source": "grid",
        "type": "appeal",
        "urgency": "normal",
        "title": "自来水管漏水",
        "area": story.county.grid.code,
        "disclosure": "named",
        "name": "王小明",
        "phone": "13800001234",
    }
    yield "page: empty matter", partial(web.client.post, f"{LIST}add/", {})
    yield "page: matter", partial(web.client.post, f"{LIST}add/", matter)


@pytest.mark.parametrize("times", [2, pytest.param(5, marks=pytest.mark.slow)])
def test_the_answer_to_a_press_costs_at_most_an_action_and_in_a_page_two_pages(
    county: County, many: None, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    story = busy(county, times)
    draw_up(MeetingKind.WEEKLY, now=story.now, county=county.county.code)
    at_moment(monkeypatch, story)
    over: dict[tuple[str, str], int] = {}
    for username in PEOPLE:
        web = Web.of(county.users[username])
        _ = [ask() for _name, ask in reads(web, story)]
        for name, ask in presses(web, story):
            most = ACTION if name.startswith("part") else 2 * MOST
            if (spent := cost(ask)) > most:
                over[username, name] = spent
    assert not over
