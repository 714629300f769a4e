"""Petitioners: found by number, looked at for a reason, erased for good, encrypted under new keys (docs/privacy.md)."""

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from itertools import islice
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from cases import blind, journal, people, selectors
from cases.access import visible_to
from cases.actions import rotation
from cases.actions.erasure import Erased, erase_petitioner
from cases.actions.intake import PetitionerInput
from cases.actions.meetings import decide_item, draw_up
from cases.actions.unsealing import unseal
from cases.errors import Conflict, InvalidInput, NotPermitted, NotVisible
from cases.models import CaseText, JournalEvent, MeetingItem, Petitioner
from cases.models.fields import EncryptedTextField
from cases.similar import Draft, Proposal, Reason, similar_cases
from cases.terms import Disclosure, MeetingKind, Status
from cases.workflow import Action
from grids.roles import Role
from tests.builders import MONDAY, County, add_post, add_user
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db

MARK = "紫薇七七"
PHONE = "13955512345"
HIDDEN = PetitionerInput(Disclosure.CONFIDENTIAL, MARK, PHONE, "352225199001011234", f"{MARK}街 1 号")
NAMED = PetitionerInput(Disclosure.NAMED, MARK, PHONE, "352225199001011234", f"{MARK}街 1 号")


# The blind index


@pytest.mark.parametrize(
    "written", [PHONE, f"+86 {PHONE}", f"0086-{PHONE}", "139 5551 2345", "１３９５５５１２３４５", f"86{PHONE}"]
)
def test_one_number_has_one_index_however_it_is_written(written: str) -> None:
    assert blind.index(written) == blind.index(PHONE)
    assert blind.indexes(written) == [blind.index(PHONE)]


@pytest.mark.parametrize("written", ["", "12345", "无", "内线 88"])
def test_what_is_no_number_has_no_index_and_finds_nothing(county: County, written: str) -> None:
    Story.begin(county, petitioner=PetitionerInput(Disclosure.NAMED, "王", written))
    assert blind.index(written) == ""
    assert not people.of_phone(county.actor("center"), written).exists()


@given(st.text())
def test_any_text_can_be_normalised(text: str) -> None:
    assert blind.normalised(text) == blind.normalised(blind.normalised(text)) or len(blind.normalised(text)) > 11


def test_an_exact_number_is_found_by_those_who_may_know_and_no_part_of_it(county: County) -> None:
    story = Story.begin(county, petitioner=HIDDEN).docket().dispatch()
    for username in ("township", "center"):
        actor = county.actor(username)
        assert [c.pk for c in people.of_phone(actor, f"+86 {PHONE}")] == [story.case_id]
        assert [c.pk for c in selectors.search(visible_to(actor), PHONE, actor=actor)] == [story.case_id]
        assert not people.of_phone(actor, PHONE[:-1]).exists()
        assert not selectors.search(visible_to(actor), PHONE[:-1], actor=actor).exists()
    assert not people.of_phone(county.actor("police-handler"), PHONE).exists()
    # They see the case, but nobody finds out by typing numbers whose pseudonym it is.
    for username in ("handler", "gridworker", "inspector", "leader"):
        actor = county.actor(username)
        assert visible_to(actor).exists()
        assert not people.of_phone(actor, PHONE).exists()


def test_a_handler_finds_the_named_petitioner_of_a_visible_case(county: County) -> None:
    Story.begin(county, petitioner=NAMED).docket().dispatch()
    assert people.of_phone(county.actor("handler"), PHONE).count() == 1
    assert people.of_phone(county.actor("police-handler"), PHONE).count() == 0


# Unsealing


def look(story: Story, by: str, *, reason: str = "回访核实") -> Any:
    return unseal(
        case_id=story.case_id,
        petitioner_id=story.case.petitioners.get().pk,
        actor=story.county.actor(by, now=story.now),
        reason=reason,
        now=story.now,
    )


@pytest.mark.parametrize("petitioner", [NAMED, HIDDEN])
def test_who_may_look(county: County, petitioner: PetitionerInput) -> None:
    story = Story.begin(county, by="intake", petitioner=petitioner).docket().dispatch().report_in()
    may = {"township", "center"} | ({"handler"} if petitioner is NAMED else set())
    for username in (
        "gridworker",
        "intake",
        "township",
        "leader",
        "center",
        "handler",
        "deputy",
        "depthead",
        "inspector",
    ):
        if username in may:
            assert look(story, username).phone == PHONE
        else:
            with pytest.raises(NotPermitted):
                look(story, username)
    for username in ("police-handler", "auditor", "admin"):
        with pytest.raises(NotVisible):
            look(story, username)
    assert JournalEvent.objects.filter(kind="unseal").count() == len(may)


def test_a_handler_who_is_done_looks_no_more(county: County) -> None:
    story = story_in(county, Status.ANSWERED, petitioner=NAMED)
    with pytest.raises(NotPermitted):
        look(story, "handler")


def test_a_look_has_a_reason_stands_in_the_journal_and_in_the_list_of_the_petition_office(county: County) -> None:
    story = Story.begin(county, petitioner=HIDDEN)
    for nothing in ("", "  ", "理" * 501):
        with pytest.raises(InvalidInput):
            look(story, "township", reason=nothing)
    version = story.case.version
    plain = look(story, "township")
    assert (plain.name, plain.phone, plain.id_number) == (MARK, PHONE, HIDDEN.id_number)
    assert MARK not in repr(plain)
    assert story.case.version == version
    event = story.events()[-1]
    assert (event.kind, event.payload["petitioner"]) == ("unseal", story.case.petitioners.get().pk)
    assert "回访" not in str(event.payload)
    (seen,) = people.as_looks(people.looks_for(county.actor("petition")))
    assert (seen.number, seen.who, seen.at, seen.reason) == (story.number, "township", story.now, "回访核实")
    assert people.looks_at(story.case.petitioners.get()) == [seen]
    for username in county.users.keys() - {"petition"}:
        assert not people.looks_for(county.actor(username)).exists()
    elsewhere = add_user("elsewhere")
    add_post(elsewhere, Role.PETITION_OFFICER, county.other_township)
    county.users["elsewhere"] = elsewhere
    assert not people.looks_for(county.actor("elsewhere")).exists()


# Erasure


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
    look(story, "township", reason=words)
    story.finish(reply=words).verify(comment=words)
    story.act(Action.RATE, "center", key="k", grade="4", solved=True, record=words)
    return story


def erase(story: Story) -> Erased:
    return erase_petitioner(number=story.number, reason="本人申请", now=story.now + timedelta(days=1))


def test_after_an_erasure_no_table_holds_a_word_of_the_person_and_every_chain_is_whole(county: County) -> None:
    story, other = told_everywhere(county), Story.begin(county)
    marks = (MARK, PHONE, HIDDEN.id_number, blind.index(PHONE))
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
    assert not people.of_phone(county.actor("center"), PHONE).exists()
    assert not selectors.search(visible_to(county.actor("center")), MARK, actor=county.actor("center")).exists()
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


def command(name: str, *arguments: str) -> str:
    out = StringIO()
    call_command(name, *arguments, stdout=out)
    return out.getvalue()


# Rotation


def raw() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, phone, id_number, address FROM cases_petitioner ORDER BY id")
        values = [value for row in cursor.fetchall() for value in row]
        cursor.execute("SELECT address FROM cases_case ORDER BY id")
        return [value for value in values + [row[0] for row in cursor.fetchall()] if value]


def test_rotation_writes_everything_with_the_newest_key_and_can_be_repeated(county: County, settings: Any) -> None:
    for _ in range(5):
        Story.begin(county, petitioner=HIDDEN, address="旧街")
    old, new = settings.FIELD_KEYS[0], Fernet.generate_key().decode()
    settings.FIELD_KEYS, settings.CODE_KEYS = [new, old], ["n" * 20 + "0123456789abcdef", *settings.CODE_KEYS]
    assert people.of_phone(county.actor("center"), PHONE).count() == 5  # found also before the rotation
    done = list(rotation.rotate(size=2))
    assert sum(batch.rewritten for batch in done) == 5 * 6
    settings.FIELD_KEYS, settings.CODE_KEYS = [new], settings.CODE_KEYS[:1]
    for token in raw():
        Fernet(new).decrypt(token.encode())
    assert people.of_phone(county.actor("center"), PHONE).count() == 5
    assert {p.name for p in Petitioner.objects.all()} == {MARK}
    assert sum(batch.rewritten for batch in rotation.rotate(size=2)) == 0
    assert "0" in command("rotate_keys")


def test_a_rotation_that_was_cut_off_goes_on_where_it_stood(county: County, settings: Any) -> None:
    for _ in range(5):
        Story.begin(county, petitioner=HIDDEN)
    settings.FIELD_KEYS = [Fernet.generate_key().decode(), *settings.FIELD_KEYS]
    first = list(islice(rotation.rotate(size=2), 5))  # the columns of addresses come first and are empty
    rest = list(rotation.rotate(size=2))
    assert sum(b.rewritten for b in first) + sum(b.rewritten for b in rest) == 5 * 4
    assert sum(b.rewritten for b in rest) < 5 * 4


def test_a_value_that_no_key_opens_is_named_and_left(county: County, settings: Any) -> None:
    story = Story.begin(county, petitioner=HIDDEN)
    before = raw()
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(CommandError, match=r"cases_petitioner\.phone"):
        command("rotate_keys")
    assert raw() == before
    assert story.number


def test_every_encrypted_field_is_rotated() -> None:
    columns = {f"{model.__name__}.{column}" for model, column in rotation.encrypted_columns()}
    people = {f"Petitioner.{n}" for n in ("name", "phone", "id_number", "address")} | {"Case.address"}
    assert columns == people | {"Address.target", "Address.secret"}
    assert all(isinstance(m._meta.get_field(c), EncryptedTextField) for m, c in rotation.encrypted_columns())


# Repeats


def test_the_same_petitioner_and_similar_words_are_proposed_with_their_reasons(county: County) -> None:
    words = "溪坪路口的自来水管漏水，路面结冰"
    ended = Story.begin(county, petitioner=NAMED, title="路灯不亮", description="").withdraw()
    alike = Story.begin(county, title="溪坪路口自来水管漏水三天了", description="")
    Story.begin(county, title="村里的狗没有拴", description="晚上吵")
    story = Story.begin(county, petitioner=NAMED, title=words, description="")
    both = similar_cases(story.case, actor=county.actor("township"), now=MONDAY)
    assert [(s.case.pk, s.proposal, s.reasons) for s in both] == [
        (ended.case_id, Proposal.REPEAT, (Reason.SAME_PETITIONER,)),
        (alike.case_id, Proposal.DUPLICATE, (Reason.SIMILAR_TEXT,)),
    ]
    assert 0.2 <= both[1].score <= 1
    draft = similar_cases(Draft(words, phone=f"+86{PHONE}"), actor=county.actor("township"), now=MONDAY)
    assert [s.case.pk for s in draft] == [story.case_id, ended.case_id, alike.case_id]
    assert len(similar_cases(Draft(words), actor=county.actor("township"), now=MONDAY, limit=1)) == 1


def test_only_what_one_sees_is_proposed_and_no_confidential_petitioner_is_given_away(county: County) -> None:
    Story.begin(county, petitioner=HIDDEN, title="占道经营", description="").docket().dispatch()
    story = Story.begin(county, petitioner=HIDDEN, title="水渠塌方", description="").docket().dispatch()
    Story.begin(county, by="intake", petitioner=HIDDEN, area=county.other_village, title="水渠塌方", description="")
    assert [s.reasons for s in similar_cases(story.case, actor=county.actor("township"), now=MONDAY)] == [
        (Reason.SAME_PETITIONER,)
    ]
    assert similar_cases(story.case, actor=county.actor("handler"), now=MONDAY) == []
    assert similar_cases(story.case, actor=county.actor("auditor"), now=MONDAY) == []


def test_what_is_older_than_a_year_is_no_repeat(county: County) -> None:
    story = Story.begin(county)
    later = MONDAY + timedelta(days=366)
    assert similar_cases(Draft(story.case.title, story.case.description), actor=county.actor("center"), now=later) == []


def test_similar_words_are_found_by_the_index(county: County) -> None:
    Story.begin(county)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT id FROM cases_case WHERE (title || ' ' || description) % '自来水管漏水'")
        assert "case_matter_text" in str(cursor.fetchall())
