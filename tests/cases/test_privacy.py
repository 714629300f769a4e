"""No free text and nothing about a person where it cannot be erased: journal, messages, logs (domain.md, "Privacy").

A whole case is told with a marker in every text field; afterwards every table of the database is searched for them.
"""

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from cases.actions.intake import PetitionerInput
from cases.colours import Colour
from cases.models import Alert
from cases.terms import ClockKind, Disclosure, Grade
from cases.workflow import TABLE, Action, FieldKind
from tests.builders import MONDAY, County
from tests.stories import Story

pytestmark = pytest.mark.django_db

PERSONAL = {"name": "马克名字", "phone": "13987651234", "id_number": "35222519900101MARK", "address": "马克住址"}
MATTER: dict[str, Any] = {"title": "马克标题", "description": "马克内容"}
PLACE = "马克地点"
TEXTS = ["note", "advice", "instruction", "reply", "comment", "record", "proof", "basis", "reason", "demand", "plan"]


def marker(field: str) -> str:
    return f"马克{field}文字"


def tell(county: County, *, disclosure: Disclosure) -> Story:
    """Every action with every text that it takes; colours, a failing row and a dissatisfied rating included."""
    petitioner = PetitionerInput(disclosure, **PERSONAL)
    story = Story.begin(county, by="intake", petitioner=petitioner, address=PLACE, **MATTER)
    story.wait(hours=30).sweep()
    story.acknowledge(story.alerts()[0], "township", note=marker("note"))
    story.docket(note=marker("note")).dispatch(assistants=[county.police], instruction=marker("instruction"))
    story.report_in(on_spot=True, latitude="27.1", longitude="119.2")
    _side_paths(story)
    story.finish(reply=marker("reply")).finish(county.police, reply=marker("reply"))
    story.verify(passed=False, comment=marker("comment")).finish(reply=marker("reply"))
    story.finish(county.police, reply=marker("reply")).verify(comment=marker("comment"))
    story.rate(Grade.DISSATISFIED, record=marker("record"))
    _fail(story)
    return story.withdraw(proof=marker("proof"))


def _side_paths(story: Story) -> None:
    """The texts that only side paths take."""
    county = story.county
    police = story.part(county.police).pk
    by = county.handler_of(county.police).username
    reason: dict[str, Any] = {"reason": "other_lead", "basis": marker("basis")}
    story.act(Action.OBJECT, by, assignment=police, **reason)
    story.act(Action.DECIDE_OBJECTION, "center", assignment=police, upheld=False, comment=marker("comment"))
    story.report_in(county.police)
    story.act(Action.REQUEST_EXTENSION, "handler", amount=1, reason=marker("reason"))
    story.act(Action.DECIDE_EXTENSION, "center", granted=True)
    given: dict[str, Any] = {"department": county.water.code, "card": "listed", "demand": marker("demand")}
    story.act(Action.SUPERVISE, "inspector", **given)
    story.act(Action.SUBMIT_PLAN, "township", alert=story.alerts()[-1].pk, plan=marker("plan"))


def _fail(story: Story) -> None:
    """A row that the sweep must set aside, with its error in the log."""
    clock = story.clock(ClockKind.RESOLVE)
    alert = Alert.objects.create(
        clock=clock, case=story.case, generation=1, colour=Colour.RED, moment=MONDAY, raised_at=MONDAY
    )
    assert story.wait(days=30).sweep().held == 1
    alert.delete()


def tables_with(text: str) -> set[str]:
    """The tables in which any column of any row contains the text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        found = set()
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{table}" row WHERE row::text LIKE %s', [f"%{text}%"])
            (count,) = cursor.fetchone()
            if count:
                found.add(table)
    return found


@pytest.mark.parametrize("disclosure", [Disclosure.NAMED, Disclosure.CONFIDENTIAL])
def test_nothing_about_a_person_stands_readable_in_any_table(county: County, disclosure: Disclosure) -> None:
    tell(county, disclosure=disclosure)
    for text in [*PERSONAL.values(), PLACE]:
        assert tables_with(text) == set(), text


def test_of_an_anonymous_person_nothing_stands_anywhere(county: County) -> None:
    story = tell(county, disclosure=Disclosure.ANONYMOUS)
    for text in [*PERSONAL.values(), PLACE]:
        assert tables_with(text) == set(), text
    assert story.case.petitioners.count() == 0


def test_free_texts_stand_only_where_they_can_be_erased(county: County) -> None:
    tell(county, disclosure=Disclosure.NAMED)
    other = Story.begin(county).reject(advice=marker("advice"))
    for text in MATTER.values():
        assert tables_with(text) == {"cases_case"}
    for field in TEXTS:
        assert tables_with(marker(field)) == {"cases_casetext"}, field
    assert other.events()


def test_every_text_field_of_the_table_was_told() -> None:
    """A new text field must be added to the story above."""
    fields = {field.name for rule in TABLE.values() for field in rule.fields if field.kind is FieldKind.TEXT}
    assert fields == set(TEXTS)
    assert Action.ACKNOWLEDGE in TABLE


def test_the_log_holds_ids_and_codes_only(county: County, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    story = tell(county, disclosure=Disclosure.NAMED)
    for text in ["马克", *PERSONAL.values(), story.query_code]:
        assert text not in caplog.text
    assert any("could not be worked on" in record.message for record in caplog.records)


def test_what_django_prints_of_a_row_names_nobody(county: County) -> None:
    story = tell(county, disclosure=Disclosure.NAMED)
    case = story.case
    rows = [case, *case.petitioners.all(), *case.texts.all(), *case.events.all(), *case.assignments.all()]
    rows += [*case.clocks.all(), *case.alerts.all(), *case.ratings.all()]
    assert "马克" not in " ".join(f"{row} {row!r}" for row in rows)


def test_messages_carry_facts_and_no_text_of_the_case(county: County) -> None:
    story = tell(county, disclosure=Disclosure.CONFIDENTIAL)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(row::text, ' ') FROM notifications_message row")
        (everything,) = cursor.fetchone()
    assert story.number in everything
    assert "马克" not in everything


def test_the_query_code_stands_nowhere(county: County) -> None:
    story = tell(county, disclosure=Disclosure.NAMED)
    assert tables_with(story.query_code) == set()
    assert story.now > MONDAY + timedelta(days=30)
