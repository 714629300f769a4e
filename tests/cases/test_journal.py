"""History cannot be changed, and what was changed all the same is found (domain.md, "Privacy"; docs/journal.md)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.utils import translation

from cases import chain, journal
from cases.models import CalendarVersion, CaseText, JournalEvent, JournalMaintenance, PolicyVersion
from cases.terms import Status
from cases.workflow import Action
from tests.builders import MONDAY, County
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db


def run(statement: str, *values: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def breaks() -> list[tuple[str, int, str]]:
    found = [broken for _, broken in journal.verify_all() if broken]
    return [(broken.number, broken.seq, broken.why) for broken in [*found, *journal.verify_texts()]]


# Append-only

ATTEMPTS = [
    "UPDATE cases_journalevent SET kind = 'forged'",
    "UPDATE cases_journalevent SET kind = kind WHERE false",
    "DELETE FROM cases_journalevent",
    "TRUNCATE cases_journalevent",
    "DELETE FROM cases_journalmaintenance",
    "TRUNCATE cases_journalmaintenance",
    "UPDATE cases_journalmaintenance SET reason = ''",
]


@pytest.mark.parametrize("statement", ATTEMPTS)
def test_the_database_refuses_to_change_history(county: County, statement: str) -> None:
    """As the application's own user: this connection is the one that the service writes with."""
    story = story_in(county, Status.HANDLING)
    before = story.events()
    run("SET CONSTRAINTS ALL IMMEDIATE")  # what a commit would do: TRUNCATE refuses while checks are pending
    with pytest.raises(DatabaseError, match="append-only") as refusal:
        run(statement)
    assert getattr(refusal.value.__cause__, "sqlstate", "") == "42501"
    assert story.events() == before


def test_the_orm_is_refused_too(county: County) -> None:
    event = Story.begin(county).events()[0]
    event.kind = "forged"
    attempts: list[Callable[[], object]] = [event.save, event.delete, JournalEvent.objects.all().delete]
    for attempt in attempts:
        with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
            attempt()


def test_a_case_with_history_cannot_be_deleted(county: County) -> None:
    story = Story.begin(county)
    with pytest.raises(DatabaseError):
        story.case.delete()
    assert story.events()


@pytest.mark.parametrize("model", [PolicyVersion, CalendarVersion])
def test_a_published_version_is_immutable(county: County, model: type[PolicyVersion] | type[CalendarVersion]) -> None:
    with pytest.raises(ProgrammingError, match="immutable"), transaction.atomic():
        model.objects.update(reason="forged")
    version = model.objects.get()
    version.reason = "forged"
    with pytest.raises(ProgrammingError, match="immutable"), transaction.atomic():
        version.save()
    assert model.objects.get().reason == "test"


# The switch


def test_the_switch_lets_through_and_is_journaled(county: County) -> None:
    story = story_in(county, Status.DOCKETED)
    with journal.maintenance("retention 2026-03"):
        run("DELETE FROM cases_journalevent WHERE case_id = %s AND seq = 2", story.case_id)
    assert len(story.events()) == 1
    note = JournalMaintenance.objects.get()
    assert (note.operation, note.reason) == ("DELETE", "cases_journalevent: retention 2026-03")
    assert note.database_user


def test_the_switch_is_off_again_behind_its_block(county: County) -> None:
    Story.begin(county)
    with journal.maintenance("first"):
        pass
    with pytest.raises(DatabaseError, match="append-only"):
        run("DELETE FROM cases_journalevent")


def test_the_switch_is_off_again_after_an_error_inside_its_block(county: County) -> None:
    story = Story.begin(county)

    def fail() -> None:
        with journal.maintenance("first"):
            run("DELETE FROM cases_journalevent")
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert len(story.events()) == 1, "what it did was undone"
    with pytest.raises(DatabaseError, match="append-only"):
        run("DELETE FROM cases_journalevent")


@pytest.mark.parametrize("reason", ["", "  "])
def test_the_switch_needs_a_reason(reason: str) -> None:
    with pytest.raises(ValueError, match="reason"), journal.maintenance(reason):
        pass


def test_the_notes_of_the_switch_are_history_too(county: County) -> None:
    Story.begin(county)
    with journal.maintenance("first"):
        run("UPDATE cases_journalevent SET kind = kind")
    with journal.maintenance("cover up"):
        run("DELETE FROM cases_journalmaintenance")
    assert [note.reason for note in JournalMaintenance.objects.all()] == ["cases_journalmaintenance: cover up"]


# What is written


def test_every_action_is_one_event_with_who_when_and_what(county: County) -> None:
    story = story_in(county, Status.CLOSED)
    events = story.events()
    assert [event.kind for event in events] == [
        Action.COLLECT,
        Action.DOCKET,
        Action.DISPATCH,
        Action.REPORT_IN,
        Action.FINISH,
        Action.VERIFY,
        Action.RATE,
    ]
    assert [event.seq for event in events] == list(range(1, 8))
    assert [event.actor.username for event in events if event.actor] == [
        "gridworker",
        "township",
        "center",
        "handler",
        "handler",
        "gridworker",
        "center",
    ]
    assert [event.at for event in events] == sorted(event.at for event in events)
    assert [(event.payload.get("from"), event.payload["to"]) for event in events] == [
        (None, "collected"),
        ("collected", "docketed"),
        ("docketed", "dispatched"),
        ("dispatched", "handling"),
        ("handling", "answered"),
        ("answered", "rating"),
        ("rating", "closed"),
    ]


def test_each_event_is_chained_to_the_one_before(county: County) -> None:
    story = story_in(county, Status.HANDLING).wait(days=9)
    story.sweep()
    prev = chain.GENESIS
    for event in story.events():
        assert bytes(event.prev_hash) == prev
        prev = bytes(event.hash)
    assert bytes(story.case.event_hash) == prev
    assert breaks() == []


def test_a_text_stands_beside_its_event_and_only_its_digest_inside(county: County) -> None:
    story = story_in(county, Status.HANDLING).finish(reply="已换新水管")
    event = story.events()[-1]
    text = CaseText.objects.get(case=story.case_id, field="reply")
    assert (text.event_seq, text.body, len(text.salt)) == (event.seq, "已换新水管", 32)
    assert event.payload["texts"] == {"reply": chain.text_digest(text.salt, text.body)}
    assert "水管" not in str(event.payload)


def test_two_equal_texts_do_not_look_alike(county: County) -> None:
    digests = [story_in(county, Status.HANDLING).finish(reply="同样").events()[-1].payload["texts"] for _ in range(2)]
    assert digests[0] != digests[1]


# What was changed is found


def forged(story: Story, statement: str, *values: Any) -> list[tuple[str, int, str]]:
    """Change history under the switch and see what verification says."""
    with journal.maintenance("forgery"):
        run(statement, *values)
    return breaks()


def test_whole_chains_are_whole(county: County) -> None:
    for status in (Status.COLLECTED, Status.CLOSED, Status.WITHDRAWN, Status.REJECTED):
        story_in(county, status)
    assert [links for links, _ in journal.verify_all()] == [1, 7, 2, 2]
    assert breaks() == []


FORGERIES = [
    ('payload = payload || \'{"to": "closed"}\'', "changed"),
    ("payload = payload - 'unit'", "changed"),
    ("kind = 'reject'", "changed"),
    ("at = at - interval '1 microsecond'", "changed"),
    ("actor_id = NULL", "changed"),
    ("prev_hash = decode(repeat('00', 32), 'hex')", "changed"),
    ("hash = decode(repeat('00', 32), 'hex')", "changed"),
    ("seq = 77", "missing"),
]


@pytest.mark.parametrize(("change", "why"), FORGERIES)
def test_any_change_of_an_event_is_found_where_it_is(county: County, change: str, why: str) -> None:
    story = story_in(county, Status.HANDLING)
    Story.begin(county)
    found = forged(story, f"UPDATE cases_journalevent SET {change} WHERE case_id = %s AND seq = 2", story.case_id)
    assert found[0] == (story.number, 2, why)
    assert {number for number, _, _ in found} == {story.number}


@pytest.mark.parametrize("seq", [1, 2, 4])
def test_a_deleted_event_is_missed_wherever_it_stood(county: County, seq: int) -> None:
    story = story_in(county, Status.HANDLING)
    found = forged(story, "DELETE FROM cases_journalevent WHERE case_id = %s AND seq = %s", story.case_id, seq)
    assert found[0] == (story.number, seq, "missing")


def test_a_whole_history_that_is_gone_is_missed(county: County) -> None:
    story = Story.begin(county)
    with journal.maintenance("forgery"):
        run("DELETE FROM cases_journalevent")
    assert [(links, broken.seq if broken else None) for links, broken in journal.verify_all()] == [(0, 1)]
    assert breaks() == [(story.number, 1, "missing")]


def test_exchanged_events_are_found(county: County) -> None:
    story = story_in(county, Status.HANDLING)
    with journal.maintenance("forgery"):
        for old, new in ((2, 99), (3, 2), (99, 3)):
            run("UPDATE cases_journalevent SET seq = %s WHERE case_id = %s AND seq = %s", new, story.case_id, old)
    assert breaks()[0] == (story.number, 2, "changed")


def test_an_event_moved_to_another_case_breaks_both(county: County) -> None:
    mine, other = story_in(county, Status.DOCKETED), Story.begin(county)
    found = forged(
        mine, "UPDATE cases_journalevent SET case_id = %s WHERE case_id = %s AND seq = 2", other.case_id, mine.case_id
    )
    assert {number for number, _, _ in found} == {mine.number, other.number}


def test_an_appended_event_that_the_case_does_not_know_is_found(county: County) -> None:
    """INSERT is what the journal is for, so only the head on the case gives a forged last event away."""
    story = Story.begin(county)
    head = story.events()[-1]
    digest = chain.link(
        prev=bytes(head.hash), case_id=story.case_id, seq=2, kind="close", actor_id=None, at=MONDAY, payload={}
    )
    JournalEvent.objects.create(
        case=story.case, seq=2, kind="close", at=MONDAY, payload={}, prev_hash=bytes(head.hash), hash=digest
    )
    assert [number for number, _, _ in breaks()] == [story.number]


def test_a_changed_text_is_found(county: County) -> None:
    story = story_in(county, Status.ANSWERED)
    CaseText.objects.filter(case=story.case_id, field="reply").update(body="什么都没做")
    assert breaks() == [(story.number, 5, "text")]


def test_a_changed_matter_is_found(county: County) -> None:
    story = Story.begin(county)
    type(story.case).objects.update(description="从来没有漏水")
    assert breaks() == [(story.number, 1, "text")]


def test_an_erased_text_breaks_nothing(county: County) -> None:
    """Retention: texts and salts go, the chain stays whole (domain.md, "Privacy")."""
    story = story_in(county, Status.ANSWERED)
    CaseText.objects.filter(case=story.case_id).delete()
    type(story.case).objects.update(title="", description="", text_salt="")
    assert breaks() == []


# The command


def test_the_command_counts_and_is_silent_about_whole_chains(
    county: County, capsys: pytest.CaptureFixture[str]
) -> None:
    story_in(county, Status.CLOSED)
    Story.begin(county)
    call_command("verify_journal")
    assert capsys.readouterr().out == "2 cases, 8 events checked, 0 broken\n"


def test_the_command_names_the_first_broken_link_of_each_case_and_fails(
    county: County, capsys: pytest.CaptureFixture[str]
) -> None:
    changed, cut, fine = (story_in(county, Status.HANDLING) for _ in range(3))
    with journal.maintenance("forgery"):
        run("UPDATE cases_journalevent SET payload = '{}' WHERE case_id = %s AND seq IN (2, 3)", changed.case_id)
        run("DELETE FROM cases_journalevent WHERE case_id = %s AND seq = 4", cut.case_id)
    CaseText.objects.create(case_id=changed.case_id, event_seq=3, field="note", salt="s", body="b")
    with pytest.raises(SystemExit) as ending, translation.override("en"):
        call_command("verify_journal")
    assert ending.value.code == 1
    *named, total = capsys.readouterr().out.splitlines()
    assert total == "3 cases, 11 events checked, 2 broken"
    assert named == [f"{changed.number}: event 2 was changed", f"{cut.number}: event 4 is missing"]
    assert fine.number not in "".join(named)


def test_the_command_runs_without_any_case(capsys: pytest.CaptureFixture[str], db: None) -> None:
    call_command("verify_journal")
    assert capsys.readouterr().out == "0 cases, 0 events checked, 0 broken\n"
