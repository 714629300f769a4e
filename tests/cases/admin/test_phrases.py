"""常用语: offered beside the text of their action, kept by administrators, and no more than words."""

import csv

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from cases import phrasebook
from cases.models import Phrase
from cases.terms import Status
from cases.workflow import ALL_CASE_ACTIONS, TABLE, Action, FieldKind
from seeds.reference import FOLDER, load_phrases
from tests.builders import County
from tests.cases.admin.web import Web, case_page, opened_by
from tests.stories import story_in

pytestmark = pytest.mark.django_db


def form_of(page: str, action: str) -> str:
    return page[page.index(f'data-action="{action}"') :].partition("</form>")[0]


def test_each_form_offers_the_phrases_of_its_action(county: County) -> None:
    load_phrases()
    page = Web.of(county.users["handler"]).page(case_page(story_in(county, Status.HANDLING).number))
    assert "已到现场核实并处理完毕" in form_of(page, "finish")
    assert "需采购材料" in form_of(page, "request_extension")
    assert "已到现场核实并处理完毕" not in form_of(page, "request_extension")


def test_an_administrator_rewords_takes_out_and_adds(county: County) -> None:
    load_phrases()
    story, admin = story_in(county, Status.HANDLING), Web.of(county.users["admin"])
    first = Phrase.objects.filter(action=Action.FINISH).first()
    assert first is not None
    body = {"action": "finish", "position": 1, "text": "已现场处理"}
    assert admin.client.post("/admin/cases/phrase/add/", body | {"is_active": "on"}).status_code == 302
    change = f"/admin/cases/phrase/{first.pk}/change/"
    assert admin.client.post(change, body | {"text": first.text} | opened_by(admin.get(change))).status_code == 302
    offered = phrasebook.offered(Action.FINISH)
    assert offered[0] == "已现场处理"
    assert first.text not in offered
    load_phrases()
    assert Phrase.objects.filter(text="已现场处理").exists()
    assert "已现场处理" in Web.of(county.users["handler"]).page(case_page(story.number))


def test_the_same_phrase_stands_once(county: County) -> None:
    Phrase.objects.create(action=Action.FINISH, text="已处理")
    with pytest.raises(IntegrityError), transaction.atomic():
        Phrase.objects.create(action=Action.FINISH, text="已处理")


def test_many_phrases_are_bounded_and_read_once(county: County) -> None:
    Phrase.objects.bulk_create(Phrase(action=Action.FINISH, text=f"第{n}句") for n in range(40))
    with CaptureQueriesContext(connection) as queries:
        assert len(phrasebook.offered(Action.FINISH)) == phrasebook.MOST
        phrasebook.offered(Action.VERIFY)
    assert len(queries) == 1


def test_the_seeds_name_actions_with_a_text_that_holds_them() -> None:
    with (FOLDER / "phrases.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            action = Action(row["action"])
            texts = [field for field in TABLE[action].fields if field.kind is FieldKind.TEXT]
            assert action in ALL_CASE_ACTIONS
            assert texts
            assert len(row["text"]) <= min(field.max_length for field in texts)
