"""docs/who-may-what.md is the table, and the service does what it says: every role, every address, every kind of case.

The document is read here and nothing beside it: a row is added there, and an address without a row fails.
"""

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from django.conf import settings
from django.core.cache import cache as throttles
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from knox.models import AuthToken

from cases.terms import CaseType, Source
from cases.workflow import ALL_CASE_ACTIONS, TABLE, Action
from grids.roles import DEPARTMENT_ROLES, Role
from notifications.models import Message
from tests.api_client import Answer, Phone
from tests.builders import USERNAME_OF, County, add_post, add_user
from tests.cases.api.phones import new_case
from tests.cases.test_matrix import _INPUTS
from tests.photos import send_photo
from tests.stories import Story

pytestmark = pytest.mark.django_db

PAGE: Final = Path(settings.BASE_DIR) / "docs" / "who-may-what.md"
YES: Final = "yes"
CASE: Final = "cases/{number}/"
KINDS: Final = ("own", "neighbour's", "parent's", "former", "sealed")
Rows = dict[str, dict[Role, str]]


@cache
def tables() -> dict[str, Rows]:
    """Each table of the page by the title of its first column; the columns after it are roles."""
    found: dict[str, Rows] = {}
    head: list[str] = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            head = []
        elif not head:
            head = cells
            found[head[0]] = {}
        elif not set(line) <= set("|-: "):
            found[head[0]][cells[0]] = {Role(role): cell for role, cell in zip(head[1:], cells[1:], strict=True)}
    return found


def listed(title: str) -> list[str]:
    """The addresses under that heading."""
    (part,) = re.findall(rf"^## {title}$(.*?)(?=^## |\Z)", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return re.findall(r"^- `([A-Z]+ \S+)`", part, re.MULTILINE)


def keeper_actions() -> list[str]:
    part = PAGE.read_text(encoding="utf-8").split("## What a keeper does with a sealed case")[1].split("\n## ")[0]
    return re.findall(r"^- `(\w+)`$", part, re.MULTILINE)


def served() -> set[str]:
    """Method and address of everything under /api/v1/, as the URL conf has it; actions by their names."""
    found = set()
    for route, view in _routes(get_resolver().url_patterns, ""):
        if route.startswith("api/v1/"):
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route.removeprefix("api/v1/"))
            methods = [name for name in ("get", "post", "put", "patch", "delete") if hasattr(view.view_class, name)]
            found |= {f"{method.upper()} {path}" for method in methods}
    return found


def _routes(patterns: list[Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route, pattern.callback


def test_every_address_has_exactly_one_row() -> None:
    rows = [row for title in ("on a case", "action", "elsewhere") for row in tables()[title]]
    rows += [*listed("Without a token"), *listed("One's own and nobody else's")]
    named = [f"POST {CASE}actions/{row}/" if row in ALL_CASE_ACTIONS else row for row in rows]
    unserved = {f"POST {CASE}actions/{action}/" for action in set(ALL_CASE_ACTIONS) - set(tables()["action"])}
    assert sorted(named) == sorted(served() - unserved)


def test_the_table_of_actions_is_the_workflow_table() -> None:
    """But for the one refinement that the page tells in words."""
    for action, cells in tables()["action"].items():
        told = {role for role, cell in cells.items() if cell == YES}
        heads = {Role.DEPARTMENT_HEAD} if action == Action.DECIDE_EXTENSION else set()
        assert told == set(TABLE[Action(action)].roles) & set(Role) - heads, action


class World:
    """A case of each kind to everybody. Everything happens this week: doors read the clock."""

    def __init__(self, county: County) -> None:
        self.county = county
        self.now = timezone.now() - timedelta(minutes=30)
        add_post(self._user("stranger"), Role.INTAKE_OFFICER, county.county)
        self.own = self._begin("intake", county.village).docket().dispatch(county.water).report_in()
        self.own.act(Action.REQUEST_EXTENSION, "handler", amount=3, reason="管件未到")
        self.petition = self._begin("intake", county.village, type=CaseType.PETITION)
        self.far = self._begin("stranger", county.other_village).docket(by="center").dispatch(county.police)
        self.above = self._begin("stranger", county.county).docket(by="center").dispatch(county.police, by="center")
        self.lost = self._begin("intake", county.village).docket().dispatch(county.water)
        part = self.lost.part(county.water).pk
        self.lost.act(Action.REASSIGN, "center", assignment=part, department="police", comment="改派")
        self.sealed = self._begin("intake", county.village, type=CaseType.ACCUSATION)

    def story(self, kind: str, role: Role) -> Story:
        if role is Role.PETITION_OFFICER and kind in ("own", "former"):
            return self.petition
        return {
            "own": self.own,
            "neighbour's": self.far,
            "parent's": self.above,
            "former": self.lost,
            "sealed": self.sealed,
        }[kind]

    def phone(self, kind: str, role: Role) -> Phone:
        """Former: a department that lost the case; of the others, somebody whose post ended yesterday."""
        if kind != "former" or role in DEPARTMENT_ROLES:
            return Phone(self.county.users[USERNAME_OF[role]])
        name = f"former-{role}"
        if name not in self.county.users:
            post = self.county.users[USERNAME_OF[role]].posts.get()
            assert post.area is not None
            add_post(self._user(name), role, post.area, until=timezone.localdate() - timedelta(days=1))
        return Phone(self.county.users[name])

    def _user(self, name: str) -> Any:
        self.county.users[name] = add_user(name)
        return self.county.users[name]

    def _begin(self, by: str, area: Any, **more: Any) -> Story:
        return Story.begin(self.county, at=self.now, by=by, area=area, source=Source.HOTLINE, **more)


@pytest.fixture
def world(county: County) -> World:
    return World(county)


def said(answer: Answer) -> str:
    """What the table calls it. Behind the door other things may be wrong: the state, or what was sent."""
    return str(answer.status) if answer.status in (401, 403, 404) else YES


def on_a_case(world: World, kind: str, role: Role) -> dict[str, str]:
    """Every address of one case, asked; nothing of it stays."""
    phone, story = world.phone(kind, role), world.story(kind, role)
    found = {}
    for row in (*tables()["on a case"], *tables()["action"]):
        with transaction.atomic():
            found[row] = said(_ask(phone, row, story, master=world.lost.number))
            transaction.set_rollback(True)
    return found


def _ask(phone: Phone, row: str, story: Story, *, master: str) -> Answer:
    if row in ALL_CASE_ACTIONS:
        return phone.post(f"cases/{story.number}/actions/{row}/", _inputs(Action(row), story, master=master))
    method, path = row.split(" ")
    clock = story.case.clocks.values_list("pk", flat=True).first() or 1
    petitioner = story.case.petitioners.values_list("pk", flat=True).first() or 1
    path = path.format(number=story.number, clock_id=clock, petitioner=petitioner)
    if method == "POST":
        return phone.post(path, {"reason": "回访核实"})
    asked: dict[str, Any] = {"action": "verify", "passed": "true"} if path.endswith("preview/") else {}
    return phone.get(path, **asked)


def _inputs(action: Action, story: Story, *, master: str) -> dict[str, Any]:
    """What can be read, so that the answer is about who asks."""
    given: dict[str, Any] = {
        "assignment": story.case.assignments.values_list("pk", flat=True).first() or 1,
        "alert": 1,
        "order": 1,
        "type": "appeal",
        "category": "urban-supply",
        "urgency": "normal",
        "photos": [str(uuid.UUID(int=1))],
        "master": master,
        "comment": "同一处",
        "reply": "已处理",
        **_INPUTS.get(action, {}),
    }
    if action is Action.SUSPEND:
        given["until"] = str(timezone.localdate() + timedelta(days=7))
    names = {field.name for field in TABLE[action].fields}
    return {name: value for name, value in given.items() if name in names}


@pytest.mark.parametrize("role", list(Role))
def test_everything_about_a_case(world: World, role: Role) -> None:
    seen = tables()["case"]
    doors: Rows = tables()["on a case"] | tables()["action"]
    for kind in KINDS:
        visible = seen[kind][role] == YES
        expected = {row: cells[role] if visible else "404" for row, cells in doors.items()}
        if kind == "sealed" and visible:
            expected |= dict.fromkeys(keeper_actions(), YES)
        assert on_a_case(world, kind, role) == expected, (role, kind)


@pytest.mark.parametrize("role", list(Role))
def test_everything_else(world: World, role: Role) -> None:
    phone = world.phone("own", role)
    found = {}
    for row in tables()["elsewhere"]:
        with transaction.atomic():
            found[row] = said(_ask_elsewhere(phone, row))
            transaction.set_rollback(True)
    assert found == {row: cells[role] for row, cells in tables()["elsewhere"].items()}


def _ask_elsewhere(phone: Phone, row: str) -> Answer:
    """Without a body where none is needed to be let in; what is missing or malformed is 400 and behind the door."""
    method, path = row.split(" ")
    if method == "GET":
        return phone.get(path)
    if method == "PUT":
        return phone.put(path, {})
    return phone.post(path, new_case() if path == "cases/" else {})


def test_without_a_token_only_what_is_listed_answers() -> None:
    """401 everywhere else, whatever is asked and whether it exists or not."""
    throttles.clear()
    opened = listed("Without a token")
    assert opened
    stranger = Client()
    for row in served():
        method, path = row.split(" ")
        path = re.sub(r"{number}", "350924-2026-0000001", path)
        path = re.sub(r"{(attachment_id)}", str(uuid.UUID(int=1)), path)
        path = re.sub(r"{\w+}", "1", path)
        answer = stranger.generic(method, f"/api/v1/{path}", "{}", content_type="application/json")
        if row in opened:
            assert answer.status_code in (200, 400, 404), row
        else:
            assert answer.status_code == 401, row


def test_what_is_somebody_elses_is_not_there(world: World) -> None:
    """By every role, an administrator's included."""
    owner = world.county.users["stranger"]
    ids = {
        "attachment_id": str(send_photo(owner, now=world.now, client_id=uuid.UUID(int=7)).pk),
        "message_id": Message.objects.create(
            recipient=owner, key="other", kind="told", subject="x", created_at=world.now
        ).pk,
        "address_id": 1,
        "token_id": AuthToken.objects.create(owner)[0].token_key,
    }
    for role in Role:
        phone = world.phone("own", role)
        for row in listed("One's own and nobody else's"):
            method, path = row.split(" ")
            ask = {"GET": phone.get, "POST": phone.post, "DELETE": phone.delete}[method]
            assert ask(path.format(**ids)).status == 404, (role, row)


def test_a_department_that_lost_a_case_loses_it_everywhere(world: World) -> None:
    """Every address of the API that reads anything, and the pages of the desk; its inbox keeps that it was told."""
    case = world.lost.case
    for role in sorted(DEPARTMENT_ROLES):
        user = world.county.users[USERNAME_OF[role]]
        phone = Phone(user)
        assert set(on_a_case(world, "former", role).values()) == {"404"}
        for row in served():
            method, path = row.split(" ")
            if method == "GET" and "{" not in path and path != "notifications/":
                for query in ({}, {"status": "all"}, {"q": case.number}, {"q": case.title}):
                    answer = Client().get(
                        f"/api/v1/{path}", query, headers={"Authorization": phone.defaults["HTTP_AUTHORIZATION"]}
                    )
                    assert case.number not in answer.content.decode(), (role, row, query)
