"""Many cases at once: the preview, the result of each, pressing twice, and what changed in between."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.admin import bulk_page
from cases.models import Assignment, Case, CaseText, JournalEvent
from cases.rehearsal import MOST_CASES, REHEARSED
from cases.terms import CaseType, Status
from cases.workflow import Action
from notifications.models import Message
from tests.builders import USERNAMES, County
from tests.cases.admin.web import LIST, Web, at_moment, numbers_in, text_of
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db

BULK = f"{LIST}bulk/"


def preview(web: Web, action: str, stories: list[Story], **more: Any) -> Any:
    return web.client.post(BULK, {"action": action, "number": [story.number for story in stories], **more})


def form_of(page: Any) -> dict[str, Any]:
    """What a browser would send from that page, without the button."""
    fields: dict[str, Any] = {"go": [], "number": []}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text_of(page)):
        if name in {"go", "number"}:
            fields[name].append(value)
        elif name != "csrfmiddlewaretoken":
            fields[name] = value
    fields["department"] = fields["shown"]
    return fields


def confirm(web: Web, page: Any, **changes: Any) -> Any:
    return web.client.post(BULK, {**form_of(page), "confirm": "1", "words": "请抓紧办理", **changes})


def happened(story: Story, kind: str) -> int:
    return JournalEvent.objects.filter(case_id=story.case_id, kind=kind).count()


@pytest.fixture
def docketed(county: County, monkeypatch: pytest.MonkeyPatch) -> list[Story]:
    stories = [story_in(county, Status.DOCKETED) for _ in range(4)]
    at_moment(monkeypatch, stories[-1].wait(minutes=10))
    return stories


def test_dispatching_many_shows_first_and_does_then(county: County, docketed: list[Story]) -> None:
    web = Web.of(county.users["center"])
    running = story_in(county, Status.HANDLING)
    page = preview(web, "dispatch", [*docketed, running])
    text = text_of(page)
    assert "水利局" in text
    assert "报到时限 3月3日 17:30" in text
    assert "其中 1 件不办理。" in text
    assert "事项现在是“办理中”" in text
    assert not Assignment.objects.filter(case__in=[story.case_id for story in docketed]).exists()
    done = text_of(confirm(web, page))
    assert "共 4 件，已完成 4 件。" in done
    assert running.number not in done
    for story in docketed:
        assert story.case.status == Status.DISPATCHED
        assert story.part().department == county.water


def test_pressing_twice_does_nothing_twice(county: County, docketed: list[Story]) -> None:
    web = Web.of(county.users["center"])
    page = preview(web, "dispatch", docketed)
    confirm(web, page)
    told = Message.objects.count()
    again = text_of(confirm(web, page))
    assert again.count("此前已办，未重复办理。") == len(docketed)
    assert [happened(story, "dispatch") for story in docketed] == [1] * len(docketed)
    assert Message.objects.count() == told


def test_what_changed_meanwhile_is_refused_alone(county: County, docketed: list[Story]) -> None:
    web = Web.of(county.users["center"])
    page = preview(web, "dispatch", docketed)
    changed, hidden = docketed[1], docketed[2]
    changed.dispatch(county.police)
    Case.objects.filter(pk=hidden.case_id).update(sealed=True, keeper="petition_officer")
    done = text_of(confirm(web, page))
    assert "共 4 件，已完成 2 件。" in done
    assert "预览之后有人改动了这件事项" in done
    assert hidden.case.title not in done.split(hidden.number)[1][:200]
    assert changed.part().department == county.police
    assert [docketed[0].case.status, docketed[3].case.status] == [Status.DISPATCHED] * 2


def test_a_chosen_department_is_previewed_before_it_is_called(county: County, docketed: list[Story]) -> None:
    web = Web.of(county.users["center"])
    page = preview(web, "dispatch", docketed)
    changed = confirm(web, page, department=county.police.code)
    assert changed.status_code == 400
    assert "预览后部门已更改" in text_of(changed)
    assert happened(docketed[0], "dispatch") == 0
    confirm(web, changed)
    assert {story.part().department for story in docketed} == {county.police}


def test_a_township_calls_its_own_units_alone(county: County, docketed: list[Story]) -> None:
    web = Web.of(county.users["township"])
    page = preview(web, "dispatch", docketed)
    assert text_of(page).count("乡镇只能直接派给本乡镇单位") == len(docketed)
    assert "confirm" not in text_of(page)
    assert county.police.name not in text_of(page)
    confirm(web, preview(web, "dispatch", docketed, department=county.station.code))
    assert {story.part().department for story in docketed} == {county.station}
    far = Story.begin(county, by="intake", area=county.other_village)
    assert numbers_in(text_of(preview(web, "dispatch", [far]))) == set()


def test_reassigning_many(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    stories = [story_in(county, Status.HANDLING), story_in(county, Status.DISPATCHED)]
    at_moment(monkeypatch, stories[0].wait(minutes=30))
    web = Web.of(county.users["center"])
    asked = preview(web, "reassign", stories)
    assert text_of(asked).count("请选择接办部门。") == 2
    page = preview(web, "reassign", stories, department=county.police.code)
    assert "水利局" in text_of(page)
    empty = confirm(web, page, words=" ")
    assert empty.status_code == 400
    assert "请填写说明" in text_of(empty)
    assert "共 2 件，已完成 2 件。" in text_of(confirm(web, page))
    assert {story.part().department for story in stories} == {county.police}


def test_reminding_many_tells_each_department_once(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    stories = [story_in(county, Status.HANDLING, assistants=[county.police]), story_in(county, Status.DISPATCHED)]
    at_moment(monkeypatch, stories[0].wait(hours=1))
    web = Web.of(county.users["center"])
    page = preview(web, "remind", stories)
    assert "水利局（办理时限：" in text_of(page)
    told = Message.objects.count()
    confirm(web, page)
    assert Message.objects.count() == told + 3
    confirm(web, page)
    assert Message.objects.count() == told + 3
    assert text_of(preview(web, "remind", stories)).count("一小时内已催办过这些部门。") == 2


def test_words_are_counted_as_they_are_typed_and_never_cut(county: County, docketed: list[Story]) -> None:
    """A browser sends each line break as two characters, and lets 500 be typed where it counts one."""
    web = Web.of(county.users["center"])
    words = "\r\n".join(["请抓紧办理！"] * 71) + "最重要"
    assert len(words.replace("\r\n", "\n")) <= 500 < len(words)
    page = preview(web, "dispatch", docketed, words=words)
    assert page.context["words"] == words.replace("\r\n", "\n")
    refused = confirm(web, page, words="长" * 501)
    assert "最多 500 个字符" in text_of(refused)
    assert refused.context["words"] == "长" * 501
    confirm(web, page, words=words)
    told = CaseText.objects.filter(case_id=docketed[0].case_id, field="instruction").values_list("body", flat=True)
    assert [text.endswith("最重要") for text in told] == [True]


def test_whoever_comes_by_an_address_is_told(county: County) -> None:
    """After a login, or in another language."""
    answer = Web.of(county.users["center"]).client.get(BULK, follow=True)
    assert answer.redirect_chain == [(LIST, 302)]
    assert "请重新选择事项" in text_of(answer)


def test_who_may_act_on_many(county: County, docketed: list[Story]) -> None:
    for username in USERNAMES:
        web = Web.of(county.users[username])
        for action in REHEARSED:
            status = preview(web, action.value, docketed).status_code
            assert status == (200 if username in {"center", "township"} else 404), (username, action)
        assert preview(web, "docket", docketed).status_code == 404
        assert web.get(BULK).status_code == 302


def test_sealed_cases_are_neither_shown_nor_done(county: County, docketed: list[Story]) -> None:
    sealed = Story.begin(county, type=CaseType.ACCUSATION, accused_units=[county.water])
    web = Web.of(county.users["center"])
    page = preview(web, "dispatch", [*docketed, sealed])
    assert sealed.number not in text_of(page)
    forged = [*form_of(page)["go"], f"{sealed.number}:{sealed.case.version}::water", "nonsense", "1:2"]
    done = text_of(confirm(web, page, go=forged))
    assert sealed.case.title not in done.split(sealed.number)[1][:200]
    assert happened(sealed, "dispatch") == 0


def test_a_hundred_at_most(county: County) -> None:
    web = Web.of(county.users["center"])
    numbers = [f"350924-2026-{number:07}" for number in range(MOST_CASES + 1)]
    page = web.client.post(BULK, {"action": "remind", "number": numbers})
    assert page.status_code == 400
    assert "一次最多处理 100 件" in text_of(page)
    assert web.client.post(BULK, {"action": "remind"}).status_code == 200
    assert web.client.post(BULK, {"action": "remind", "confirm": "1", "run": "x"}).status_code == 400
    odd = {"action": "remind", "confirm": "1", "run": "x", "go": "1:1::", "words": "w"}
    assert web.client.post(BULK, odd).status_code == 404


def test_what_takes_too_long_goes_on_with_another_press(
    county: County, docketed: list[Story], monkeypatch: pytest.MonkeyPatch
) -> None:
    web = Web.of(county.users["center"])
    page = preview(web, "dispatch", docketed)
    with monkeypatch.context() as patch:
        patch.setattr(bulk_page, "PATIENCE", -1.0)
        late = confirm(web, page)
    assert text_of(late).count("尚未开始办理。") == len(docketed)
    assert "共 4 件，已完成 4 件。" in text_of(confirm(web, late))


@pytest.mark.parametrize("count", [2, 40])
@pytest.mark.parametrize("action", ["dispatch", "reassign", "remind"])
def test_a_preview_costs_at_most_twelve_queries(county: County, count: int, action: str) -> None:
    status = Status.DOCKETED if action == Action.DISPATCH else Status.HANDLING
    stories = [story_in(county, status) for _ in range(count)]
    web = Web.of(county.users["center"])
    preview(web, action, stories)
    with CaptureQueriesContext(connection) as queries:
        page = preview(web, action, stories, department=county.police.code)
    assert numbers_in(text_of(page)) == {story.number for story in stories}
    assert len(queries) <= 12, "\n".join(query["sql"][:120] for query in queries)
