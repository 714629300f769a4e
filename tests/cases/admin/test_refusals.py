"""What does not happen is told in a sentence, with everything that was typed, and never as an error of the server."""

import pytest
from django.contrib.admin.models import LogEntry

from cases.admin import case_page
from cases.errors import NotReady
from cases.terms import Status
from cases.workflow import Action
from tests.builders import County
from tests.cases.admin.web import Web, text_of
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db


def test_missing_fields_keep_what_was_typed(county: County) -> None:
    story = story_in(county, Status.DOCKETED)
    response = Web.of(county.users["center"]).press(story, "dispatch", instruction="请今天到场", assistants=["police"])
    page = text_of(response)
    assert response.status_code == 400
    assert "请今天到场" in page
    assert '<option value="police" selected>' in page
    assert "此项必填。" in page
    assert 'data-action="dispatch" open' in page
    assert story.case.status == Status.DOCKETED


def test_a_failed_verification_asks_for_its_reason(county: County) -> None:
    story = story_in(county, Status.ANSWERED)
    response = Web.of(county.users["township"]).press(story, "verify", passed="false", comment=" ")
    assert response.status_code == 400
    assert "此项必填。" in text_of(response)
    assert Web.of(county.users["township"]).press(story, "verify", passed="true").status_code == 302


def test_two_officers_on_one_case_the_second_reads_a_sentence(county: County) -> None:
    """Both look at the docketed case; the centre calls water, then the township sends its own dispatch."""
    story = story_in(county, Status.DOCKETED)
    seen = story.case.version
    first = Web.of(county.users["center"]).press(story, "dispatch", version=seen, lead="water", assistants=[])
    second = Web.of(county.users["township"]).press(
        story, "dispatch", version=seen, lead="station-100", assistants=[], instruction="请综治办先到现场"
    )
    page = text_of(second)
    assert first.status_code == 302
    assert second.status_code == 412
    assert "您打开之后，这件事项已有变动。您填写的内容已保留" in page
    assert "请综治办先到现场" in page
    assert story.case.lead == county.water


def test_an_action_that_the_state_no_longer_allows(county: County) -> None:
    story = story_in(county, Status.DOCKETED)
    response = Web.of(county.users["township"]).press(
        story, "docket", type="appeal", category=county.category.code, urgency="normal", note="再立一次"
    )
    assert response.status_code == 409
    assert "事项现在是“已立项”，不能进行此操作" in text_of(response)
    assert "再立一次" in text_of(response)


def test_an_action_of_another_post(county: County) -> None:
    story = story_in(county, Status.HANDLING)
    response = Web.of(county.users["inspector"]).press(story, "withdraw", proof="督查撤回")
    assert response.status_code == 403
    assert "您的岗位不能对这件事项进行此操作" in text_of(response)
    assert story.case.status == Status.HANDLING


def test_what_was_typed_on_a_case_that_left_ones_hands_stands_on_the_page_that_says_so(county: County) -> None:
    """Whoever never saw it, or made the number up, is told the same: nothing is learnt from the answer."""
    story = story_in(county, Status.HANDLING)
    web, stranger = Web.of(county.users["handler"]), Web.of(county.users["petition"])
    seen, part = story.case.version, story.part().pk
    story.act(Action.REASSIGN, "center", assignment=part, department="police", comment="改由公安局牵头")
    pages = [
        web.press(story, "finish", version=seen, assignment=part, reply="已换管"),
        stranger.press(story, "finish", version=seen, reply="已换管"),
        web.client.post("/admin/cases/case/350924-2026-9999999/actions/finish/", {"reply": "已换管"}),
    ]
    assert [page.status_code for page in pages] == [404] * 3
    for page in pages:
        assert "这件事项已不在您手上" in text_of(page)
        assert ">已换管</textarea>" in text_of(page)
        assert story.case.title not in text_of(page)


def test_a_service_that_is_not_ready_says_so(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_named: object) -> None:
        raise NotReady("尚无生效的工作日历，请管理员先行发布。")

    monkeypatch.setattr(case_page, "perform", refuse)
    story = story_in(county, Status.DISPATCHED)
    response = Web.of(county.users["handler"]).press(story, "report_in", assignment=story.part().pk)
    assert response.status_code == 503
    assert "尚无生效的工作日历" in text_of(response)


@pytest.mark.parametrize(
    "inputs",
    [
        {"type": "x", "category": "y", "urgency": "z"},
        {"type": "nonsense", "category": "urban-supply", "urgency": "normal"},
        {"type": "appeal", "category": "\x00", "urgency": "normal"},
        {"type": "appeal", "category": "urban-supply", "urgency": "normal", "note": "\x00"},
        {"type": "appeal", "category": "urban-supply", "urgency": "normal", "note": "长" * 501},
        {"version": "x", "type": "", "category": "", "urgency": ""},
    ],
)
def test_senseless_input_is_refused_with_words(county: County, inputs: dict[str, str]) -> None:
    story = Story.begin(county)
    response = Web.of(county.users["township"]).client.post(
        f"/admin/cases/case/{story.number}/actions/docket/", {"version": story.case.version, **inputs}
    )
    assert response.status_code == 400
    assert "w-wrong" in response.content.decode()
    assert story.case.status == Status.COLLECTED


def test_nothing_of_a_case_reaches_djangos_own_log(county: County) -> None:
    story = story_in(county, Status.COLLECTED, title="不应出现的标题")
    web = Web.of(county.users["township"])
    web.case(story.number)
    web.press(story, "docket", type="appeal", category=county.category.code, urgency="normal")
    web.press(story, "docket")
    for page in ("history", "delete"):
        assert web.get(f"/admin/cases/case/{story.number}/{page}/").status_code == 302
    assert web.client.post(f"/admin/cases/case/{story.number}/delete/", {"post": "yes"}).status_code == 302
    assert not LogEntry.objects.exists()
    assert "不应出现的标题" not in str(story.case)
