"""The limits in the browser: a grid that keeps what was typed, errors beside their cells, versions, and trying out."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.admin.policy_form import document_of, form_of, typed_form
from cases.admin.policy_page import Field
from cases.calendar import ZONE
from cases.limits import PolicyRules
from cases.models import Clock, PolicyVersion
from cases.terms import Status
from grids.admin import person
from tests.builders import MONDAY, USERNAMES, County, policy_document
from tests.cases.admin.web import Web
from tests.stories import story_in

pytestmark = pytest.mark.django_db

PAGE = reverse("admin:policy")


@pytest.fixture(autouse=True)
def _monday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(person, "timezone", SimpleNamespace(now=lambda: MONDAY))


def fields(**changes: str) -> dict[str, Any]:
    """The grid as it is sent when these places are typed over."""
    form = form_of(policy_document())
    beside = {"base": "1", "valid_from": "2026-03-03", "reason": "提速"}
    return {**form.fields, "category": form.codes, **beside, **changes}


def press(county: County, button: str, sent: dict[str, Any] | None = None, /, **changes: str) -> Any:
    return Web.of(county.users["admin"]).client.post(PAGE, {**(sent or fields()), **changes, "press": button})


def cell(response: Any, place: str) -> Any:
    lines = response.context["lines"] + response.context["category_lines"]
    found = [f for line in lines for f in (*line.limits, *line.extension)]
    found += [f for line in lines for c in line.details for f in (c.limit, *c.colours)]
    found += [f for c in response.context["shared"] for f in (c.limit, *c.colours)] + response.context["colours"]
    return next(field for field in found if field.place == place)


@pytest.mark.parametrize("username", USERNAMES)
def test_only_the_system_administrator_opens_or_publishes(county: County, username: str) -> None:
    web = Web.of(county.users[username])
    assert web.get(PAGE).status_code == (200 if username == "admin" else 403)
    if username != "admin":
        assert web.client.post(PAGE, {**fields(), "press": "publish"}).status_code == 403
    assert PolicyVersion.objects.count() == 1


def rich_document() -> dict[str, Any]:
    document = policy_document()
    document["types"]["appeal"]["handle"] = {"limit": "5 wd", "blue": None, "yellow": {"before": "1 wd"}, "red": False}
    document["types"]["appeal"]["verify"] = "1 wd"
    document["supervision"]["hours"] = {"limit": "2 h", "blue": 0.25}
    document["categories"] = {"urban-supply": {"handle": "2 wd"}}
    return document


@pytest.mark.parametrize("document", [policy_document(), rich_document()])
def test_a_document_comes_back_from_the_form_as_it_was(document: dict[str, Any]) -> None:
    form = form_of(document)
    typed = typed_form(form.fields, form.codes)
    again = document_of(typed)
    assert typed.errors == {}
    assert PolicyRules.parse(again) == PolicyRules.parse(document)


def test_what_the_form_shows_is_published_as_the_next_version(county: County) -> None:
    PolicyVersion.objects.create(number=2, valid_from=MONDAY, rules=rich_document(), reason="x", published_at=MONDAY)
    web = Web.of(county.users["admin"])
    shown = web.get(PAGE)
    sent = {
        field.place: field.value
        for line in (*shown.context["lines"], *shown.context["category_lines"])
        for field in (*line.limits, *line.extension, *(f for c in line.details for f in (c.limit, *c.colours)))
    }
    sent |= {f.place: f.value for c in shown.context["shared"] for f in (c.limit, *c.colours)}
    sent |= {f.place: f.value for f in shown.context["colours"]}
    sent |= {
        "base": str(shown.context["typed"].base),
        "category": "urban-supply",
        "valid_from": "2026-04-01",
        "reason": "季度调整",
        "types.consult.handle": "1 wd",
    }
    response = web.client.post(PAGE, {**sent, "press": "publish"})
    assert (response.status_code, response.headers["Location"]) == (302, f"{PAGE}#done=limits")
    version = PolicyVersion.objects.get(number=3)
    expected = rich_document()
    expected["types"]["consult"]["handle"] = "1 wd"
    assert PolicyRules.parse(version.rules) == PolicyRules.parse(expected)
    assert (version.valid_from, version.reason) == (datetime(2026, 4, 1, tzinfo=ZONE), "季度调整")
    assert version.published_by == county.users["admin"]
    assert web.get(reverse("admin:cases_policyversion_change", args=[version.pk])).status_code == 200
    assert LogEntry.objects.get().user == county.users["admin"]


@pytest.mark.parametrize(
    ("place", "typed"),
    [
        ("types.appeal.handle", "five days"),
        ("types.appeal.handle", "1.5 wd"),
        ("types.appeal.extension.times", "often"),
        ("types.appeal.extension.limit", "0 wd"),
        ("types.appeal.handle.blue", "200%"),
        ("types.appeal.handle.yellow", "soon"),
        ("types.appeal.handle.red", "maybe"),
        ("types.patrol.rate", "7 d"),
        ("verify.hours", "x"),
        ("thresholds.blue", "<script>"),
        ("types.consult.handle", "99999 cd"),
    ],
)
def test_a_cell_that_cannot_be_read_is_marked_and_everything_is_kept(county: County, place: str, typed: str) -> None:
    response = press(county, "publish", **{place: typed, "types.urgent.docket": "2 h"})
    assert response.status_code == 400
    wrong = cell(response, place)
    assert wrong.value == typed
    assert wrong.errors
    assert cell(response, "types.urgent.docket").value == "2 h"
    assert response.context["typed"].reason == "提速"
    assert b'value="<script>"' not in response.content
    assert PolicyVersion.objects.count() == 1


def test_colours_in_the_wrong_order_are_told_at_their_cell(county: County) -> None:
    response = press(county, "publish", **{"types.appeal.handle.blue": "90%", "types.appeal.handle.yellow": "40%"})
    assert response.status_code == 400
    assert cell(response, "types.appeal.handle").errors


def test_a_whole_row_left_empty_is_refused(county: County) -> None:
    sent = {place: value for place, value in fields().items() if not place.startswith("types.window.")}
    response = press(county, "publish", sent)
    assert response.status_code == 400
    assert PolicyVersion.objects.count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"valid_from": "2026-03-01"},
        {"valid_from": "soon"},
        {"valid_from": "9999-01-01"},
        {"reason": " "},
        {"reason": "长" * 201},
    ],
)
def test_date_and_reason_are_asked_for(county: County, changes: dict[str, str]) -> None:
    response = press(county, "publish", **changes)
    assert response.status_code == 400
    assert response.context["typed"].problems
    assert PolicyVersion.objects.count() == 1


def test_a_version_of_today_begins_at_this_moment(county: County) -> None:
    assert press(county, "publish", valid_from="2026-03-02").status_code == 302
    assert PolicyVersion.objects.get(number=2).valid_from == MONDAY


def publish_beside(valid_from: datetime, **changes: str) -> PolicyVersion:
    """What a colleague published meanwhile: these cells of the type of consultations."""
    rules = policy_document()
    rules["types"]["consult"] |= changes
    number = PolicyVersion.objects.count() + 1
    about = {"reason": "咨询提速", "published_at": MONDAY, "valid_from": valid_from}
    return PolicyVersion.objects.create(number=number, rules=rules, **about)


def test_what_was_published_meanwhile_is_followed_where_nothing_was_typed(county: County) -> None:
    """Two tabs: the older one must not take back what the newer one published."""
    publish_beside(MONDAY, handle="3 wd", docket="1 h")
    typed = {"types.appeal.handle": "6 wd", "types.consult.docket": "3 h"}
    refused = press(county, "publish", **typed)
    assert refused.status_code == 409
    assert PolicyVersion.objects.count() == 2
    told = refused.context["typed"]
    assert "版本 2" in told.problems[0]
    assert "咨询提速" in told.problems[0]
    assert (told.base, told.reason) == (2, "提速")
    assert cell(refused, "types.consult.handle").value == "3 wd"
    assert cell(refused, "types.appeal.handle") == Field("types.appeal.handle", "6 wd", [])
    both = cell(refused, "types.consult.docket")
    assert (both.value, both.errors) == ("3 h", ["版本 2 此处为：1 h"])
    again = press(county, "publish", **{**typed, "types.consult.handle": "3 wd", "base": "2"})
    assert again.status_code == 302
    rules = PolicyVersion.objects.get(number=3).rules["types"]
    assert (rules["consult"]["handle"], rules["consult"]["docket"]) == ("3 wd", "3 h")
    assert rules["appeal"]["handle"] == "6 wd"


def test_what_begins_later_is_not_drawn_into_what_begins_now(county: County) -> None:
    publish_beside(MONDAY + timedelta(days=30), handle="4 wd")
    page = Web.of(county.users["admin"]).get(PAGE)
    assert cell(page, "types.consult.handle").value != "4 wd"
    assert page.context["typed"].base == 1
    assert "版本 2" in page.context["later"]
    assert press(county, "publish", **{"types.appeal.handle": "6 wd"}).status_code == 302
    later = press(county, "publish", valid_from="2026-05-01", **{"types.appeal.handle": "6 wd"})
    assert later.status_code == 409
    assert cell(later, "types.consult.handle").value == "4 wd"
    assert later.context["typed"].base == 2


@pytest.mark.parametrize("base", ["", "x", "99"])
def test_a_form_of_no_version_publishes_nothing(county: County, base: str) -> None:
    refused = press(county, "publish", base=base, **{"types.appeal.handle": "6 wd"})
    assert (refused.status_code, refused.context["typed"].base) == (409, 1)
    assert cell(refused, "types.appeal.handle").value == "6 wd"
    assert PolicyVersion.objects.count() == 1


def test_a_category_gets_its_row(county: County) -> None:
    added = press(county, "add", new_category="urban-supply")
    assert [line.code for line in added.context["category_lines"]] == ["urban-supply"]
    assert press(county, "add", new_category="nothing").status_code == 400
    narrowed = {**fields(), "category": ["urban-supply"], "categories.urban-supply.handle": "2 wd"}
    assert press(county, "publish", narrowed).status_code == 302
    assert PolicyVersion.objects.get(number=2).rules["categories"] == {"urban-supply": {"handle": "2 wd"}}
    wider = {**narrowed, "base": "2", "categories.urban-supply.handle": "3000 wd"}
    refused = press(county, "publish", wider)
    assert refused.status_code == 400
    assert cell(refused, "categories.urban-supply.handle").errors


def test_trying_shows_today_beside_the_draft_and_writes_nothing(county: County) -> None:
    story_in(county, Status.CLOSED)
    running = story_in(county, Status.HANDLING)
    before = list(Clock.objects.order_by("pk").values_list("due_at", "generation"))
    response = press(county, "try", **{"types.appeal.handle": "1 wd", "types.appeal.resolve": "1 h"})
    assert response.status_code == 200
    result = response.context["result"]
    assert result.running.changed > 0
    assert running.number in {change.number for change, _kind in result.changes}
    assert (result.total.judged, result.total.today, result.total.draft) == (1, "100.0%", "100.0%")
    assert [len(table.rows) for table in result.tables] == [1, 1, 1]
    assert list(Clock.objects.order_by("pk").values_list("due_at", "generation")) == before
    assert PolicyVersion.objects.count() == 1
    assert cell(response, "types.appeal.resolve").value == "1 h"


def test_the_cost_of_the_page_does_not_grow_with_versions(county: County) -> None:
    web = Web.of(county.users["admin"])
    costs = []
    for first in (2, 6):
        for number in range(first, first + 4):
            PolicyVersion.objects.create(
                number=number, valid_from=MONDAY, rules=policy_document(), reason="x", published_at=MONDAY
            )
        web.page(PAGE)
        with CaptureQueriesContext(connection) as seen:
            web.page(PAGE)
        costs.append(len(seen))
    assert costs[0] == costs[1]
    assert len(web.get(PAGE).context["versions"]) == 8
    assert date.fromisoformat(web.get(PAGE).context["typed"].valid_from) > MONDAY.date()
