"""Petitioners: found by number, looked at for a reason, erased for good, encrypted under new keys (docs/privacy.md)."""

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

from cases import blind, people
from cases.access import visible_to
from cases.actions import rotation
from cases.actions.intake import PetitionerInput
from cases.actions.unsealing import unseal
from cases.errors import InvalidInput, NotPermitted, NotVisible
from cases.models import JournalEvent, Petitioner
from cases.models.fields import EncryptedTextField
from cases.searching import search
from cases.similar import Draft, Proposal, Reason, similar_cases
from cases.terms import Disclosure, Status
from grids.roles import Role
from tests.builders import MONDAY, County, add_post, add_user
from tests.stories import Story, of_person, story_in

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
    assert blind.PHONE.of(written) == blind.PHONE.of(PHONE)
    assert blind.PHONE.under_any_key(written) == [blind.PHONE.of(PHONE)]


@pytest.mark.parametrize("written", ["", "12345", "无", "内线 88"])
def test_what_is_no_number_has_no_index_and_finds_nothing(county: County, written: str) -> None:
    Story.begin(county, petitioner=PetitionerInput(Disclosure.NAMED, "王", written))
    assert blind.PHONE.of(written) == ""
    assert of_person(county.actor("center"), written) == []


@given(st.text())
def test_any_text_can_be_normalised(text: str) -> None:
    digits = blind.phone_digits(text)
    assert digits == blind.phone_digits(digits) or len(digits) > 11


def test_an_exact_number_is_found_by_those_who_may_know_and_no_part_of_it(county: County) -> None:
    story = Story.begin(county, petitioner=HIDDEN).docket().dispatch()
    for username in ("township", "center"):
        actor = county.actor(username)
        assert of_person(actor, f"+86 {PHONE}") == [story.case_id]
        assert [c.pk for c in search(visible_to(actor), PHONE, actor=actor)] == [story.case_id]
        assert of_person(actor, PHONE[:-1]) == []
        assert not search(visible_to(actor), PHONE[:-1], actor=actor).exists()
    assert of_person(county.actor("police-handler"), PHONE) == []
    # They see the case, but nobody finds out by typing numbers whose pseudonym it is.
    for username in ("handler", "gridworker", "inspector", "leader"):
        actor = county.actor(username)
        assert visible_to(actor).exists()
        assert of_person(actor, PHONE) == []


def test_a_handler_finds_the_named_petitioner_of_a_visible_case(county: County) -> None:
    Story.begin(county, petitioner=NAMED).docket().dispatch()
    assert len(of_person(county.actor("handler"), PHONE)) == 1
    assert len(of_person(county.actor("police-handler"), PHONE)) == 0


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


# Rotation


def command(name: str, *arguments: str) -> str:
    out = StringIO()
    call_command(name, *arguments, stdout=out)
    return out.getvalue()


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
    found = [of_person(county.actor("center"), text) for text in (PHONE, MARK)]
    assert [len(ones) for ones in found] == [5, 5], "found also before the rotation"
    done = list(rotation.rotate(size=2))
    assert sum(batch.rewritten for batch in done) == 5 * 7
    settings.FIELD_KEYS, settings.CODE_KEYS = [new], settings.CODE_KEYS[:1]
    for token in raw():
        Fernet(new).decrypt(token.encode())
    assert [of_person(county.actor("center"), text) for text in (PHONE, MARK)] == found
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
    assert columns == people | {"Address.target", "Address.secret", "Errand.shown"}
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
