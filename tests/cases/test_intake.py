"""采集: what comes in, from whom, and what of a petitioner is kept (domain.md, `collect`, "Privacy")."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from cases.actions.intake import Answered, Collected, PetitionerInput, collect, import_matter
from cases.actions.publishing import publish_calendar, publish_policy
from cases.errors import Conflict, InvalidInput, NotPermitted, NotReady
from cases.models import CalendarVersion, Case, PolicyVersion
from cases.official_days import official_calendar
from cases.terms import CaseType, ClockKind, Disclosure, Outcome, Source, Status
from cases.versions import policy_in_force
from cases.workflow import TABLE, Action
from grids.actors import SERVICE, Actor
from grids.roles import Role
from tests.builders import ANONYMOUS, MONDAY, USERNAME_OF, County, policy_document, unpublish
from tests.stories import Story, matter

pytestmark = pytest.mark.django_db


def send(county: County, actor: Actor, **changes: Any) -> Collected:
    return collect(matter=matter(county, **changes), client_id=uuid.uuid4(), actor=actor, now=MONDAY, request={"n": 1})


@pytest.mark.parametrize("role", list(Role))
def test_only_collectors_collect(county: County, role: Role) -> None:
    actor = county.actor(USERNAME_OF[role])
    if role in TABLE[Action.COLLECT].roles:
        assert send(county, actor).case.status == Status.COLLECTED
    else:
        with pytest.raises(NotPermitted):
            send(county, actor)
        assert Case.objects.count() == 0


def test_nobody_collects_outside_the_own_area(county: County) -> None:
    with pytest.raises(NotPermitted):
        send(county, county.actor("gridworker"), area=county.other_village)
    with pytest.raises(NotPermitted):
        send(county, county.actor("gridworker"), area=county.township)


def test_of_an_anonymous_petitioner_nothing_is_stored(county: County) -> None:
    told = PetitionerInput(Disclosure.ANONYMOUS, name="不留名", phone="13900000000", address="隐秘路")
    case = send(county, county.actor("intake"), petitioner=told, address="隐秘路 9 号").case
    assert case.petitioners.count() == 0
    assert (case.disclosure, case.address) == (Disclosure.ANONYMOUS, "")


def test_the_petitioner_is_encrypted_where_the_database_keeps_it(county: County) -> None:
    told = PetitionerInput(Disclosure.CONFIDENTIAL, "王小明", "13800001234", "352225199001011234", "解放街 1 号")
    case = send(county, county.actor("intake"), petitioner=told, address="解放街 2 号").case
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, phone, id_number, address FROM cases_petitioner")
        stored = [*cursor.fetchone()]
        cursor.execute("SELECT address FROM cases_case WHERE id = %s", [case.pk])
        stored += cursor.fetchone()
    assert all(value.startswith("gAAAA") for value in stored)
    found = Case.objects.get(pk=case.pk)
    who = found.petitioners.get()
    assert (who.name, who.phone, who.id_number, who.address) == (told.name, told.phone, told.id_number, told.address)
    assert found.address == "解放街 2 号"
    assert str(who) == who.pseudonym
    assert "王" not in repr(who)


def test_the_capture_time_is_kept_and_the_clock_starts_at_receipt(county: County) -> None:
    captured = MONDAY - timedelta(hours=5)
    case = send(county, county.actor("gridworker"), captured_at=captured).case
    assert (case.captured_at, case.received_at) == (captured, MONDAY)
    assert case.clocks.get().started_at == MONDAY


def test_numbers_are_given_once_and_gaps_are_allowed(county: County) -> None:
    actor = county.actor("gridworker")
    first = send(county, actor).case.number
    with pytest.raises(ValueError, match="title"):
        send(county, actor, title=_Unsaveable())
    second = send(county, actor).case.number
    assert int(second[-7:]) > int(first[-7:])
    assert first[:-7] == second[:-7] == "350924-2026-"


class _Unsaveable:
    def __str__(self) -> str:
        raise ValueError("a title that cannot be stored")


def test_without_a_policy_or_calendar_the_service_says_that_it_is_not_ready(county: County) -> None:
    unpublish(county.calendar)
    with pytest.raises(NotReady):
        Story.begin(county)
    with pytest.raises(NotReady):
        policy_in_force(MONDAY.replace(year=2019))


# Versions


def test_a_case_keeps_the_policy_that_it_began_with(county: County) -> None:
    early = Story.begin(county)
    rules = policy_document()
    rules["types"]["appeal"] |= {"dispatch": "1 wh", "resolve": "2 wd"}
    publish_policy(rules=rules, follows=1, valid_from=MONDAY, reason="更快", actor=SERVICE, now=MONDAY)
    late = Story.begin(county)
    for story, dispatch, resolve in ((early, "4 wh", "7 wd"), (late, "1 wh", "2 wd")):
        story.wait(minutes=5).docket()
        assert (story.clock(ClockKind.DISPATCH).limit, story.clock(ClockKind.RESOLVE).limit) == (dispatch, resolve)


def test_a_policy_published_for_later_does_not_count_yet(county: County) -> None:
    publish_policy(
        rules=policy_document(),
        follows=1,
        valid_from=MONDAY + timedelta(days=1),
        reason="明天",
        actor=SERVICE,
        now=MONDAY,
    )
    assert policy_in_force(MONDAY).number == 1
    assert policy_in_force(MONDAY + timedelta(days=1)).number == 2


def test_a_category_narrows_a_limit(county: County) -> None:
    rules = policy_document()
    rules["categories"] = {county.category.code: {"handle": "2 wd"}}
    publish_policy(rules=rules, follows=1, valid_from=MONDAY, reason="供水", actor=SERVICE, now=MONDAY)
    story = Story.begin(county).docket().dispatch().report_in()
    assert story.clock(ClockKind.HANDLE).limit == "2 wd"


@pytest.mark.parametrize("missing", ["review", "patrol"])
def test_a_policy_must_know_every_type(county: County, missing: str) -> None:
    rules = policy_document()
    del rules["types"][missing]
    with pytest.raises(InvalidInput) as refusal:
        publish_policy(rules=rules, follows=1, valid_from=MONDAY, reason="-", actor=SERVICE, now=MONDAY)
    assert refusal.value.errors == {f"types.{missing}": ["缺少这一行。"]}
    assert PolicyVersion.objects.count() == 1


def test_a_type_that_the_cases_own_limits_do_not_know_is_answered_with_a_sentence(county: County) -> None:
    rules = policy_document()
    del rules["types"]["review"]
    PolicyVersion.objects.create(
        number=2, valid_from=MONDAY, rules=rules, reason="by an older release", published_at=MONDAY
    )
    story = Story.begin(county)
    with pytest.raises(NotReady):
        story.docket(type=CaseType.REVIEW)
    assert story.case.status == Status.COLLECTED


def test_a_calendar_published_later_leaves_running_clocks_alone(county: County) -> None:
    story = Story.begin(county)
    due = story.clock(ClockKind.DOCKET).due_at
    newer = publish_calendar(calendar=official_calendar(), reason="调休", actor=SERVICE, now=MONDAY)
    assert story.clock(ClockKind.DOCKET).due_at == due
    story.wait(minutes=5).docket()
    assert story.clock(ClockKind.RESOLVE).calendar == newer
    assert CalendarVersion.objects.count() == 2


# From older systems


def bring(county: County, number: str, *, answer: Answered | None = None, **changes: Any) -> Case | None:
    return import_matter(
        matter=matter(county, source=Source.IMPORT, petitioner=ANONYMOUS, **changes),
        received_at=MONDAY - timedelta(days=400),
        answer=answer,
        source_system="12345",
        source_number=number,
        now=MONDAY,
    )


def test_an_answered_row_becomes_a_closed_case_with_its_own_times(county: County) -> None:
    answered = MONDAY - timedelta(days=390)
    case = bring(county, "1", answer=Answered("已修好", answered))
    assert case is not None
    case.refresh_from_db()
    assert (case.status, case.outcome, case.closed_at) == (Status.CLOSED, Outcome.HISTORIC, answered)
    assert (case.received_at, case.answered_at) == (MONDAY - timedelta(days=400), answered)
    assert case.clocks.count() == case.alerts.count() == 0
    event = case.events.get()
    assert (event.kind, event.at) == ("archive", MONDAY)
    assert "已修好" not in str(event.payload)


def test_an_open_row_is_collected_and_its_clock_starts_at_import(county: County) -> None:
    case = bring(county, "2")
    assert case is not None
    assert (case.status, case.received_at) == (Status.COLLECTED, MONDAY)
    assert case.clocks.get().started_at == MONDAY


def test_a_row_comes_in_once(county: County) -> None:
    assert bring(county, "3") is not None
    assert bring(county, "3") is None
    assert Case.objects.count() == 1


def test_what_cannot_be_saved_beside_another_is_a_conflict(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    """A unique value that is taken for another reason than a repeated client_id."""
    first = send(county, county.actor("gridworker")).case
    monkeypatch.setattr("cases.actions.intake._next_number", lambda _now: first.number)
    with pytest.raises(Conflict):
        send(county, county.actor("gridworker"))
