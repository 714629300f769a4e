"""The lists of reasons are rows: what is offered, what is refused, what an old case still shows."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from cases import reasons
from cases.actions.inputs import clean
from cases.errors import InvalidInput
from cases.models import Reason
from cases.terms import ReasonList, Status
from cases.workflow import ALL_CASE_ACTIONS, TABLE, Action, FieldKind
from tests.builders import USERNAMES, County
from tests.cases.admin.web import Web, opened_by, text_of
from tests.stories import story_in

pytestmark = pytest.mark.django_db

OBJECTION: dict[str, Any] = {"assignment": 1, "basis": "三定方案"}


def retire(code: str) -> None:
    Reason.objects.filter(code=code).update(is_active=False)
    reasons.forget()


def test_every_field_that_asks_why_has_a_list_with_entries(county: County) -> None:
    asked = [field for action in ALL_CASE_ACTIONS for field in TABLE[action].fields if field.kind is FieldKind.REASON]
    assert {field.reasons for field in asked} == set(ReasonList)
    assert all(len(reasons.offered(field.reasons)) >= 5 for field in asked)


def test_words_are_the_readers(county: County) -> None:
    assert reasons.words(ReasonList.SUSPEND, "season") == "受季节或天气限制"
    with translation.override("en"):
        assert reasons.words(ReasonList.SUSPEND, "season") == "Season or weather"


def test_a_new_entry_is_offered_in_its_place_and_taken(county: County) -> None:
    Reason.objects.create(list=ReasonList.OBJECT, code="typhoon", name_zh="台风", name_en="Typhoon", position=5)
    reasons.forget()
    assert next(iter(reasons.offered(ReasonList.OBJECT).items())) == ("typhoon", "台风")
    assert clean(Action.OBJECT, OBJECTION | {"reason": "typhoon"})["reason"] == "typhoon"


@pytest.mark.parametrize("wrong", ["season", "nonsense", 7, True, ["other_lead"], {"a": 1}])
def test_what_stands_on_no_list_or_on_another_one_is_refused_with_the_codes(county: County, wrong: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        clean(Action.OBJECT, OBJECTION | {"reason": wrong})
    assert set(refused.value.errors) == {"reason"}
    assert "other_lead" in str(refused.value.errors["reason"][0])


def test_a_retired_entry_is_refused_and_old_cases_still_say_it(county: County) -> None:
    story = story_in(county, Status.HANDLING)
    story.act(Action.SUSPEND, "center", reason="season", until="2026-03-20")
    retire("season")
    with pytest.raises(InvalidInput) as refused:
        clean(Action.SUSPEND, {"reason": "season", "until": "2026-03-20"})
    assert set(refused.value.errors) == {"reason"}
    assert "受季节或天气限制" in text_of(Web.of(county.users["center"]).case(story.number))


def test_a_code_that_nobody_knows_any_more_is_shown_as_it_is(county: County) -> None:
    assert reasons.words(ReasonList.REJECT, "of_old") == "of_old"


def test_a_process_reads_the_lists_once(county: County) -> None:
    reasons.forget()
    with CaptureQueriesContext(connection) as queries:
        for _ in range(3):
            reasons.offered(ReasonList.REJECT)
            reasons.words(ReasonList.SUSPEND, "season")
    assert len(queries) == 1


def test_an_entry_stands_once_on_its_list(county: County) -> None:
    with pytest.raises(IntegrityError, match="reason_once"), transaction.atomic():
        Reason.objects.create(list=ReasonList.REJECT, code="unclear", name_zh="x", name_en="x")


def test_the_administrator_edits_words_and_retires_but_never_changes_a_code(county: County) -> None:
    web = Web.of(county.users["admin"])
    entry = Reason.objects.get(list=ReasonList.SUSPEND, code="season")
    address = f"/admin/cases/reason/{entry.pk}/change/"
    form = {"code": "other", "list": "reject", "name_zh": "汛期", "name_en": "Flood season", "position": "1"}
    assert web.client.post(address, form | opened_by(web.get(address))).status_code == 302
    entry.refresh_from_db()
    assert (entry.list, entry.code, entry.name_zh, entry.is_active) == ("suspend", "season", "汛期", False)
    assert "season" not in reasons.offered(ReasonList.SUSPEND)
    assert reasons.words(ReasonList.SUSPEND, "season") == "汛期"


def test_a_code_that_no_phone_could_send_is_refused(county: County) -> None:
    form = {"list": "reject", "code": "Два", "name_zh": "二", "name_en": "Two", "position": "1", "is_active": "on"}
    page = text_of(Web.of(county.users["admin"]).client.post("/admin/cases/reason/add/", form))
    assert "只能包含小写字母、数字和下划线" in page
    assert not Reason.objects.filter(name_en="Two").exists()


def test_only_the_administrator_opens_the_lists(county: County) -> None:
    for username in USERNAMES:
        status = Web.of(county.users[username]).get("/admin/cases/reason/").status_code
        assert status == (200 if username == "admin" else 403), username
