"""Erasure: nothing of a person is left in any table, file or list, and every chain still holds (docs/privacy.md)."""

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from cases import blind, journal
from cases.access import visible_to
from cases.actions import rotation
from cases.actions.erasure import Erased, erase_petitioner
from cases.actions.intake import PetitionerInput
from cases.actions.meetings import decide_item, draw_up
from cases.actions.unsealing import unseal
from cases.errors import Conflict
from cases.invariants import violations
from cases.models import Alert, CaseText, JournalEvent, MeetingItem, Petitioner
from cases.searching import search
from cases.similar import Draft, similar_cases
from cases.terms import CaseType, Disclosure, Grade, MeetingKind, Status
from cases.workflow import ALL_CASE_ACTIONS, TABLE, Action, FieldKind
from notifications.models import Message
from tests.builders import NAMED, County
from tests.cases.admin.web import Web
from tests.cases.side_stories import order_of
from tests.photos import send_photo
from tests.stories import Story, of_person, story_in

pytestmark = pytest.mark.django_db

MARK = "紫薇七七"
PHONE = "13955512345"
WORDS = f"联系{MARK} {PHONE}"
HIDDEN = PetitionerInput(Disclosure.CONFIDENTIAL, MARK, PHONE, "352225199001011234", f"{MARK}街 1 号")


def everything() -> Iterator[tuple[str, str]]:
    """Every row of every table as text, encrypted columns opened: what a thief of the database and its keys reads."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            yield from ((table, row) for (row,) in cursor.fetchall())
    for model, column in rotation.encrypted_columns():
        for value in model._default_manager.values_list(column, flat=True):
            yield f"{model._meta.db_table}.{column}", str(value)


def found(*marks: str) -> set[str]:
    return {table for table, row in everything() for mark in marks if mark in row}


def told_everywhere(county: County) -> Story:
    """A case that has ended and whose marks stand wherever a person can write."""
    words = f"联系{MARK} {PHONE}"
    story = Story.begin(county, petitioner=HIDDEN, title=f"{MARK}家漏水", description=words, address=f"{MARK}路")
    story.wait(days=3).sweep()
    draw_up(MeetingKind.WEEKLY, now=story.now, county=county.county.code)
    decide_item(
        item_id=MeetingItem.objects.get().pk, actor=county.actor("center", now=story.now), now=story.now, decision=words
    )
    story.docket(note=words).dispatch(instruction=words).report_in()
    look(story, "township")
    story.finish(reply=words).verify(comment=words)
    story.act(Action.RATE, "center", key="k", grade="4", solved=True, record=words)
    return story


def look(story: Story, by: str) -> Any:
    person = story.case.petitioners.get()
    actor = story.county.actor(by, now=story.now)
    return unseal(case_id=story.case_id, petitioner_id=person.pk, actor=actor, reason=WORDS, now=story.now)


def command(name: str, *arguments: str) -> str:
    out = StringIO()
    call_command(name, *arguments, stdout=out)
    return out.getvalue()


def marked(county: County, **changes: Any) -> Story:
    told: dict[str, Any] = {
        "petitioner": HIDDEN,
        "title": f"{MARK}家漏水",
        "description": WORDS,
        "address": f"{MARK}路",
    }
    return Story.begin(county, **(told | changes))


def round_the_loop(county: County) -> Story:
    """One long case: everything that may be written on the way, until it is closed a second time."""
    story = marked(county).docket(note=WORDS)
    whistle: dict[str, Any] = {"lead": "water", "assistants": ["police"], "instruction": WORDS}
    story.act(Action.PROPOSE_WHISTLE, "township", **whistle)
    story.act(Action.REFUSE_WHISTLE, "leader", comment=WORDS)
    story.act(Action.PROPOSE_WHISTLE, "township", **whistle)
    story.act(Action.APPROVE_WHISTLE, "leader", comment=WORDS)
    part = story.part(county.police).pk
    story.act(Action.OBJECT, "police-handler", assignment=part, reason="other_lead", basis=WORDS)
    story.act(Action.DECIDE_OBJECTION, "center", assignment=part, upheld=False, comment=WORDS)
    story.report_in(county.police).report_in()
    story.act(Action.REMIND, "center", comment=WORDS)
    story.act(Action.REQUEST_EXTENSION, "handler", amount=3, reason=WORDS)
    story.act(Action.DECIDE_EXTENSION, "center", granted=False, comment=WORDS)
    story.act(Action.ADD_ASSISTANT, "center", department="housing", comment=WORDS)
    part = story.part(county.housing).pk
    story.act(Action.REASSIGN, "center", assignment=part, department="station-100", comment=WORDS)
    story.act(Action.RELEASE_ASSISTANT, "center", assignment=story.part(county.station).pk, comment=WORDS)
    until = (story.now + timedelta(days=2)).date().isoformat()
    story.act(Action.SUSPEND, "center", reason="season", until=until, comment=WORDS)
    story.wait(hours=1).act(Action.RESUME, "center", comment=WORDS)
    supervised(story, county)
    look(story, "township")
    meeting(story, county)
    for unit in (county.police, county.water):
        story.finish(unit, reply=WORDS)
    story.verify(passed=False, comment=WORDS).finish(county.police, reply=WORDS).finish(reply=WORDS).verify()
    story.rate(key="k", record=WORDS).act(Action.REOPEN, "center", comment=WORDS)
    return story.finish(county.police).finish().verify(comment=WORDS).rate(Grade.FAIRLY_SATISFIED, record=WORDS)


def supervised(story: Story, county: County) -> None:
    story.wait(days=9).sweep()
    red = Alert.objects.get(charged=county.water, colour=3, clock__kind="handle")
    story.act(Action.ACKNOWLEDGE, "handler", alert=red.pk, note=WORDS)
    story.act(Action.SUBMIT_PLAN, "deputy", alert=red.pk, plan=WORDS)
    story.act(Action.ANNUL_ALERT, "inspector", alert=red.pk, comment=WORDS)
    for unit in (county.water, county.station):
        if not story.case.supervision_orders.filter(department=unit).exists():
            story.act(Action.SUPERVISE, "inspector", department=unit.code, card="yellow", demand=WORDS)
    order = order_of(story, county.water)
    story.act(Action.ANSWER_SUPERVISION, "depthead", order=order.pk, reply=WORDS)
    story.act(Action.SIGN_OFF, "inspector", order=order.pk, comment=WORDS)


def meeting(story: Story, county: County) -> None:
    draw_up(MeetingKind.WEEKLY, now=story.now, county=county.county.code)
    item = MeetingItem.objects.get(case=story.case_id)
    decide_item(item_id=item.pk, actor=county.actor("center", now=story.now), now=story.now, decision=WORDS)


def everything_that_can_be_written(county: County) -> list[Story]:
    """Cases in which every text of the workflow table has been written, all of them ended."""
    rejected = marked(county)
    rejected.act(Action.REJECT, "township", reason="unclear", advice=WORDS)
    withdrawn = marked(county).docket().dispatch(instruction=WORDS)
    withdrawn.act(Action.WITHDRAW, "township", proof=WORDS)
    master, merged = round_the_loop(county), marked(county)
    other = Story.begin(county).docket()
    merged.act(Action.MERGE, "township", master=other.number, comment=WORDS)
    accused = marked(county, type=CaseType.ACCUSATION, accused_units=(county.water,)).wait(minutes=1)
    accused.act(Action.DOCKET, "petition", type="accusation", category="urban-supply", urgency="normal", note=WORDS)
    accused.act(Action.CONCLUDE, "petition", reply=WORDS)
    photo = send_photo(county.users["gridworker"])
    mended = marked(county)
    mended.act(Action.RESOLVE_ON_SPOT, "gridworker", reply=WORDS, photos=[str(photo.pk)])
    mended.rate(record=WORDS)
    ended = [rejected, withdrawn, master, merged, accused, mended]
    assert all(story.case.closed_at for story in ended)
    return ended


def written() -> set[tuple[str, str]]:
    """The texts that somebody wrote: (event, field)."""
    rows = CaseText.objects.exclude(body="").values_list("case_id", "event_seq", "field")
    kinds = {(e.case_id, e.seq): e.kind for e in JournalEvent.objects.all()}
    return {(kinds[case_id, seq], field) for case_id, seq, field in rows}


@pytest.fixture
def media(settings: Any, tmp_path: Path) -> Path:
    """A folder of the test's own for what people send."""
    default = settings.STORAGES["default"]
    own = default | {"OPTIONS": default["OPTIONS"] | {"location": tmp_path / "media"}}
    settings.STORAGES = settings.STORAGES | {"default": own}
    return tmp_path / "media"


def test_whatever_the_table_lets_people_write_is_gone_after_an_erasure(
    county: County, media: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    """Every table and every file is read for the marks, with the keys of the house."""
    stories = everything_that_can_be_written(county)
    fields = {(a.value, f.name) for a in ALL_CASE_ACTIONS for f in TABLE[a].fields if f.kind is FieldKind.TEXT}
    assert written() >= fields, "a text of the table was not tried"
    marks = (MARK, PHONE, HIDDEN.id_number, blind.PHONE.of(PHONE), blind.NAME.of(MARK))
    assert found(*marks) >= {"cases_case", "cases_casetext", "cases_petitioner", "cases_petitioner.phone"}
    numbers = [story.number for story in stories]
    assert Message.objects.filter(reference__in=numbers).exists()
    assert files_in(media)
    with django_capture_on_commit_callbacks(execute=True):
        for story in stories:
            erase(story)
    assert found(*marks) == set()
    assert files_in(media) == []
    assert not Message.objects.filter(reference__in=numbers).exists()
    assert {kind for kind, _field in written()} == {"erase"}, "but for the reasons of the erasures"
    assert command("verify_journal", "--verbosity", "0").endswith(" 0 broken\n")
    last = max(stories, key=lambda story: story.now).wait(days=2)
    last.sweep()
    assert list(violations(now=last.now)) == []


def test_no_list_export_or_proposal_names_the_person_again(county: County) -> None:
    """The list of a meeting was drawn up and decided before; it goes on with its numbers."""
    story = told_everywhere(county)
    erase(story)
    held = MeetingItem.objects.get(case=story.case_id).meeting
    office = Web.of(county.users["inspector"])
    answer: Any = office.client.post(reverse("admin:meeting_export", args=[held.pk]), {"format": "csv"})
    listed = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert story.number in listed
    assert not any(mark in listed for mark in (MARK, PHONE))
    for username in ("center", "township", "inspector"):
        actor = county.actor(username, now=story.now)
        assert similar_cases(Draft(f"{MARK}家漏水", WORDS, PHONE), actor=actor, now=story.now) == []
        assert not search(visible_to(actor), MARK, actor=actor).exists()
        assert not search(visible_to(actor), PHONE, actor=actor).exists()


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_call_back_about_somebody_who_joined_another_matter_goes_with_that_person(county: County) -> None:
    """It stands in the journal of the master, which goes on; what others said there stays."""
    master = Story.begin(county, petitioner=NAMED).docket()
    follower = marked(county)
    follower.act(Action.MERGE, "township", master=master.number, comment="同一件事")
    joined = follower.case.petitioners.get()
    master.dispatch().report_in().finish().verify("township")
    master.rate(petitioner=joined.pk, record=WORDS).rate(record="满意")
    follower.at(master.now)
    assert erase(follower).texts >= 2
    assert found(MARK, PHONE) == set()
    assert CaseText.objects.get(case=master.case_id, body="满意")
    assert all(broken is None for _links, broken in journal.verify_all())
    assert not erase(follower).anything


def erase(story: Story) -> Erased:
    return erase_petitioner(number=story.number, reason="本人申请", now=story.now + timedelta(days=1))


def test_after_an_erasure_no_table_holds_a_word_of_the_person_and_every_chain_is_whole(county: County) -> None:
    story, other = told_everywhere(county), Story.begin(county)
    marks = (MARK, PHONE, HIDDEN.id_number, blind.PHONE.of(PHONE), blind.NAME.of(MARK))
    assert {"cases_case", "cases_casetext", "cases_petitioner", "cases_petitioner.name", "cases_meetingitem"} <= found(
        *marks
    )
    salts = set(CaseText.objects.values_list("salt", flat=True)) | {story.case.text_salt, story.case.request_digest}
    erased = erase(story)
    assert (erased.petitioners, erased.matter, erased.matter_kept) == (1, True, False)
    assert erased.texts >= 6
    assert erased.messages > 0
    assert found(*marks, *(salt for salt in salts if salt)) == set()
    assert all(broken is None for _links, broken in journal.verify_all())
    case = story.case
    assert (case.title, case.description, case.text_salt, case.latitude) == ("—", "", "", None)
    assert story.events()[-1].kind == "erase"
    assert CaseText.objects.get(case=case, event_seq=case.event_seq).body == "本人申请"
    assert [of_person(county.actor("center"), text) for text in (PHONE, MARK)] == [[], []]
    assert not search(visible_to(county.actor("center")), MARK, actor=county.actor("center")).exists()
    with pytest.raises(Conflict):
        look(story, "center")
    other.case.refresh_from_db()
    assert other.case.title == "自来水管漏水"
    assert Petitioner.objects.get(case=other.case_id).name


def test_erasing_again_finds_nothing_and_writes_nothing(county: County) -> None:
    story = told_everywhere(county)
    erase(story)
    events = len(story.events())
    assert not erase(story).anything
    assert len(story.events()) == events


def test_an_open_case_loses_its_petitioner_and_keeps_its_matter_until_it_has_ended(county: County) -> None:
    story = Story.begin(county, petitioner=HIDDEN, title="路口漏水")
    first = erase(story)
    assert (first.petitioners, first.matter, first.matter_kept) == (1, False, True)
    assert found(MARK, PHONE) == set()
    assert story.case.title == "路口漏水"
    assert not erase(story).anything
    story.wait(days=2).docket().withdraw()
    second = erase(story)
    assert (second.petitioners, second.matter) == (0, True)
    assert found("路口漏水") == set()
    assert all(broken is None for _links, broken in journal.verify_all())


def test_the_command_says_what_it_took(county: County) -> None:
    story = story_in(county, Status.CLOSED, petitioner=NAMED)
    said = command("erase_petitioner", story.number, "--reason", "本人申请")
    assert story.number in said
    assert MARK not in said
    assert command("erase_petitioner", story.number, "--reason", "again").count("\n") == 1
    open_story = Story.begin(county, petitioner=NAMED)
    assert command("erase_petitioner", open_story.number, "--reason", "r").count("\n") == 2
    for arguments in (("350924-2026-9999999", "--reason", "r"), (story.number, "--reason", " ")):
        with pytest.raises(CommandError):
            command("erase_petitioner", *arguments)
