"""People found by their whole name: exactly where their phone number finds them, and nowhere else (docs/privacy.md)."""

import importlib
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from cases import blind, people
from cases.access import visible_to
from cases.actions import rotation
from cases.actions.erasure import erase_petitioner
from cases.actions.expiry import anonymise_expired
from cases.actions.intake import PetitionerInput
from cases.models import Case, Petitioner
from cases.searching import search
from cases.similar import Draft, similar_cases
from cases.terms import CaseType, Disclosure, Status
from tests.api_client import Phone
from tests.builders import ANONYMOUS, MONDAY, County
from tests.cases.admin.web import LIST, Web, numbers_in, text_of
from tests.cases.api.crowd import multiply
from tests.stories import Story, of_person, story_in

pytestmark = pytest.mark.django_db

NAME = "欧阳紫薇"
PHONE = "13955512345"
NOBODY = "欧阳紫荆"
NAMED = PetitionerInput(Disclosure.NAMED, NAME, PHONE)
HIDDEN = PetitionerInput(Disclosure.CONFIDENTIAL, NAME, PHONE)
HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=4)

filled = importlib.import_module("cases.migrations.0031_name_index_filled")


def found(county: County, username: str, text: str = NAME) -> list[int]:
    actor = county.actor(username)
    by_search = list(search(visible_to(actor), text, actor=actor).order_by("-pk").values_list("pk", flat=True))
    assert by_search == of_person(actor, text)
    return by_search


# One name, however it is written


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (" 王小明　", "王小明"),
        ("王 小 明", "王小明"),
        ("王\u200b小明", "王小明"),
        ("阿卜杜拉•买买提", "阿卜杜拉·买买提"),
        ("阿卜杜拉 ． 买买提", "阿卜杜拉·买买提"),
        ("阿卜杜拉‧买买提", "阿卜杜拉·买买提"),
        ("阿卜杜拉・买买提", "阿卜杜拉·买买提"),
        ("阿卜杜拉･买买提·", "阿卜杜拉·买买提"),
        ("JOHN  o’neill", "John O'Neill"),
        ("Ｊｏｈｎ Smith", "john smith"),
        ("Anne – Marie Müller", "anne-marie mu\u0308ller"),
        ("寿宁县（南阳）茶业有限公司", "寿宁县(南阳)茶业有限公司"),
    ],
)
def test_one_name_has_one_index_however_it_is_written(written: str, name: str) -> None:
    assert blind.NAME.of(written) == blind.NAME.of(name) != ""
    assert blind.NAME.under_any_key(written) == [blind.NAME.of(name)]


@pytest.mark.parametrize(
    "written", ["", " ", "王", "·", "王·", "13955512345", "张三2", "３号楼", "漏水，三天了", "a@b.cn"]
)
def test_what_is_no_name_has_no_index(written: str) -> None:
    assert blind.NAME.of(written) == ""
    assert blind.NAME.under_any_key(written) == []


@pytest.mark.parametrize(("one", "other"), [("王小明", "王小朋"), ("王小明", "王小"), ("John Smith", "Smith John")])
def test_other_names_have_other_indexes(one: str, other: str) -> None:
    assert blind.NAME.of(one) != blind.NAME.of(other)


@given(st.text() | st.text("王Ａßﬁİǅ ·.•-'’()́ͅ가\u200b"))
def test_any_text_can_be_made_plain_and_what_is_plain_stays_so(text: str) -> None:
    plain = blind.plain_name(text)
    assert blind.plain_name(plain) == plain


@given(HAN, st.lists(st.sampled_from(" \t\u3000\u200b\u2060"), min_size=5, max_size=5))
def test_spaces_in_a_chinese_name_say_nothing(name: str, spaces: list[str]) -> None:
    written = "".join(space + sign for space, sign in zip(spaces, name, strict=False))
    assert blind.plain_name(written) == blind.plain_name(name) != ""


def test_indexes_of_names_and_numbers_have_keys_of_their_own(settings: Any) -> None:
    """A digest of one kind never equals one of the other, and under another key all are others."""
    same = blind.BlindIndex(blind.PHONE.purpose, blind.plain_name)
    assert same.of(NAME) != blind.NAME.of(NAME)
    before = blind.NAME.of(NAME)
    settings.CODE_KEYS = ["n" * 20 + "0123456789abcdef", *settings.CODE_KEYS]
    assert blind.NAME.of(NAME) != before
    assert blind.NAME.under_any_key(NAME)[1] == before


# Who finds whom


def test_the_whole_name_is_found_by_those_who_may_know_and_no_part_of_it(county: County) -> None:
    story = Story.begin(county, petitioner=HIDDEN).docket().dispatch()
    for username in ("township", "center"):
        assert found(county, username) == [story.case_id]
        for part in (NAME[:-1], NAME[1:], NAME[:2], NAME[-2:], f"{NAME}们"):
            assert found(county, username, part) == []
    # They see the case, but nobody finds out by typing names whose pseudonym it is.
    for username in ("handler", "gridworker", "inspector", "leader"):
        assert visible_to(county.actor(username)).exists()
        assert found(county, username) == []


def test_a_latin_name_is_found_in_any_case_of_letters(county: County) -> None:
    story = Story.begin(county, petitioner=PetitionerInput(Disclosure.NAMED, "John Smith"))
    assert found(county, "center", "john  SMITH") == [story.case_id]
    assert found(county, "center", "john") == []


def test_a_name_is_found_exactly_where_its_phone_number_is(county: County) -> None:
    """Named, confidential, sealed, of another township, of a department, anonymous and erased: for every user."""
    Story.begin(county, petitioner=NAMED).docket().dispatch().report_in()
    Story.begin(county, petitioner=HIDDEN).docket().dispatch()
    Story.begin(county, by="intake", petitioner=NAMED, area=county.other_village)
    Story.begin(county, by="intake", petitioner=HIDDEN, area=county.other_village)
    Story.begin(county, type=CaseType.ACCUSATION, petitioner=NAMED, accused_units=(county.water,))
    Story.begin(county, petitioner=ANONYMOUS)
    gone = Story.begin(county, petitioner=NAMED).withdraw()
    erase_petitioner(number=gone.number, reason="本人申请", now=gone.now)
    seen = {username: found(county, username) for username in county.users}
    assert seen == {username: of_person(county.actor(username), PHONE) for username in county.users}
    assert {len(cases) for cases in seen.values()} >= {0, 1, 2, 4}
    assert all(gone.case_id not in cases for cases in seen.values())


def test_who_may_not_know_a_petitioner_is_answered_as_for_a_name_that_nobody_bears(county: County) -> None:
    """The same rows, the same counts and as many statements, in the web and for phones."""
    Story.begin(county, petitioner=HIDDEN).docket().dispatch()
    Story.begin(county, type=CaseType.ACCUSATION, petitioner=NAMED, accused_units=(county.police,))
    for username in ("handler", "gridworker", "inspector", "leader", "police-handler", "auditor"):
        web, phone = Web.of(county.users[username]), Phone(county.users[username])
        told = [_answers(web, phone, name) for name in (NOBODY, NAME, NOBODY)][1:]
        assert told[0] == told[1], username


def _answers(web: Web, phone: Phone, name: str) -> list[Any]:
    with CaptureQueriesContext(connection) as queries:
        rows = text_of(web.client.post(f"{LIST}rows/", {"q": name, "scope": "all"}))
        page = text_of(web.client.post(LIST, {"q": name, "scope": "all"}))
        listed = phone.get("cases/", q=name, status="all").json
    assert name in page
    assert name not in rows
    return [rows, numbers_in(page), page.count("<tr"), listed, len(queries)]


def test_a_name_in_an_address_of_the_list_finds_nobody(county: County) -> None:
    story = Story.begin(county, petitioner=NAMED)
    web = Web.of(county.users["center"])
    assert numbers_in(text_of(web.client.post(f"{LIST}rows/", {"q": NAME}))) == {story.number}
    assert numbers_in(web.page(LIST, q=NAME)) == set()
    assert web.get("/admin/exports/", scope="all", q=NAME).context["count"] == 0
    page = text_of(web.client.post(LIST, {"q": NAME}))
    assert [part for part in page.split('href="') if NAME in part.split('"')[0]] == []


def test_a_phone_finds_by_name_whom_its_officer_may_know(county: County) -> None:
    story = Story.begin(county, petitioner=HIDDEN).docket().dispatch()
    for username, knows in (("center", True), ("township", True), ("handler", False), ("gridworker", False)):
        listed = Phone(county.users[username]).get("cases/", q=NAME).json["results"]
        assert [case["number"] for case in listed] == ([story.number] if knows else [])


def test_a_name_is_also_a_word(county: County) -> None:
    """The text of a matter that speaks of somebody is found beside the matters that this person raised."""
    own = Story.begin(county, petitioner=NAMED)
    told = Story.begin(county, title=f"邻居{NAME}家漏水")
    actor = county.actor("center")
    both = set(search(visible_to(actor), NAME, actor=actor).values_list("pk", flat=True))
    assert both == {own.case_id, told.case_id}
    words = search(visible_to(actor), f"漏水 {NAME}", actor=actor).values_list("pk", flat=True)
    assert list(words) == [told.case_id], "words beside a name are words"


def test_the_same_name_is_no_reason_to_propose_a_repeat(county: County) -> None:
    Story.begin(county, petitioner=PetitionerInput(Disclosure.NAMED, NAME), title="路灯不亮", description="")
    other = Story.begin(county, petitioner=NAMED, title="噪声扰民", description="")
    assert similar_cases(other.case, actor=county.actor("center"), now=MONDAY) == []
    assert similar_cases(Draft(NAME), actor=county.actor("center"), now=MONDAY) == []


# Whom nobody finds any more


def test_an_erased_and_an_expired_petitioner_are_not_found(county: County) -> None:
    erased, expired = story_in(county, Status.CLOSED, petitioner=NAMED), story_in(county, Status.CLOSED)
    assert found(county, "center") == [erased.case_id]
    assert found(county, "center", "王小明") == [expired.case_id]
    erase_petitioner(number=erased.number, reason="本人申请", now=erased.now)
    assert anonymise_expired(ended_before=expired.now + timedelta(days=1), ticks=iter([expired.now] * 9)) == 1
    assert found(county, "center") == found(county, "center", "王小明") == []
    assert set(Petitioner.objects.values_list("name_index", flat=True)) == {""}


# Who was there before, and other keys


def test_whom_an_older_release_left_without_an_index_is_found_after_the_migration(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    stories = [Story.begin(county, petitioner=NAMED) for _ in range(5)]
    firm = Story.begin(county, petitioner=PetitionerInput(Disclosure.NAMED, "3号楼", PHONE))
    Petitioner.objects.update(name_index="")
    _unreadable(stories[0])
    monkeypatch.setattr(filled, "SIZE", 2)
    for _run in range(2):
        filled.fill(None, connection.schema_editor())
        assert found(county, "center") == [story.case_id for story in reversed(stories[1:])]
    assert not Petitioner.objects.exclude(name_index="").filter(case__in=[firm.case_id, stories[0].case_id]).exists()


def _unreadable(story: Story) -> None:
    token = Fernet(Fernet.generate_key()).encrypt(b"x").decode()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cases_petitioner SET name = %s WHERE case_id = %s", [token, story.case_id])


def test_a_rotation_gives_an_index_to_whoever_has_a_name_or_a_number_alone(county: County, settings: Any) -> None:
    one = Story.begin(county, petitioner=PetitionerInput(Disclosure.NAMED, NAME))
    other = Story.begin(county, petitioner=PetitionerInput(Disclosure.NAMED, "", PHONE))
    settings.CODE_KEYS = ["n" * 20 + "0123456789abcdef", *settings.CODE_KEYS]
    Petitioner.objects.filter(case=one.case_id).update(name_index="")  # taken in by an older release
    done = [batch for batch in rotation.rotate(size=1) if batch.column.endswith("_index")]
    assert {(b.column, b.rewritten) for b in done if b.rewritten} == {
        ("cases_petitioner.name_index", 1),
        ("cases_petitioner.phone_index", 1),
    }
    settings.CODE_KEYS = settings.CODE_KEYS[:1]
    assert (found(county, "center"), found(county, "center", PHONE)) == ([one.case_id], [other.case_id])


# Many


def crowd(county: County, count: int, *, bearers: int) -> Story:
    """So many cases more, the last `bearers` of them raised by people of one name."""
    story = story_in(county, Status.HANDLING)
    multiply(story.case_id, count)
    last = Case.objects.order_by("-pk").values_list("pk", flat=True)[bearers - 1]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cases_petitioner (case_id, disclosure, pseudonym, name, phone, id_number, address,"
            " phone_index, name_index) SELECT id, 'named', 'P', '', '', '', '', '',"
            " CASE WHEN id >= %s THEN %s ELSE md5(id::text) END FROM cases_case WHERE id <> %s",
            [last, blind.NAME.of(NAME), story.case_id],
        )
        cursor.execute("ANALYZE cases_petitioner")
    return story


def test_of_a_name_that_many_bear_the_newest_are_found(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    crowd(county, 100, bearers=50)
    monkeypatch.setattr(people, "MOST", 20)
    newest = list(Case.objects.order_by("-pk").values_list("pk", flat=True)[:20])
    assert found(county, "center") == newest


def test_the_newest_are_those_of_the_list_that_is_asked_for(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    """An old matter that is still open is found among the open ones, however many have ended since."""
    first = Story.begin(county, petitioner=NAMED)
    for _ in range(3):
        Story.begin(county, petitioner=NAMED).withdraw()
    monkeypatch.setattr(people, "MOST", 2)
    web, phone = Web.of(county.users["center"]), Phone(county.users["center"])
    assert numbers_in(text_of(web.client.post(f"{LIST}rows/", {"q": NAME, "scope": "open"}))) == {first.number}
    assert [case["number"] for case in phone.get("cases/", q=NAME).json["results"]] == [first.number]
    assert len(found(county, "center")) == 2


@pytest.mark.parametrize("count", [100, 2_000])
def test_a_search_for_a_name_costs_the_same_however_many_bear_it(county: County, count: int) -> None:
    """One statement more than for other words."""
    crowd(county, count, bearers=count * 9 // 10)
    phone, web = Phone(county.users["center"]), Web.of(county.users["center"])
    spent = {}
    for words in ("水管", NAME, NOBODY, "0000042"):  # the first one warms up the books
        asked = {"q": words, "scope": "all"}
        spent[words] = [
            _cost(partial(phone.get, "cases/", q=words, status="all")),
            *(_cost(partial(web.client.post, page, asked)) for page in (f"{LIST}rows/", LIST)),
        ]
    assert spent[NAME] == [3, 8, 11]
    assert spent[NOBODY] == [3, 7, 10], "no rows to read"
    assert spent["0000042"] == [2, 6, 9], "what can be no name looks for nobody"


def _cost(ask: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as queries:
        ask()
    return len(queries)


@pytest.mark.slow  # it wants twenty thousand cases of its own
@pytest.mark.parametrize("username", ["center", "township", "handler"])
def test_whom_a_name_finds_is_looked_up_and_fetched_by_indexes(county: County, username: str) -> None:
    crowd(county, 20_000, bearers=300)
    actor = county.actor(username)
    with CaptureQueriesContext(connection) as queries:
        list(search(visible_to(actor), NAME, actor=actor).order_by("-received_at", "-id").values_list("pk")[:51])
    asked, listed = (plan(query["sql"]) for query in queries)
    assert "petitioner_name" in asked, asked
    assert "Seq Scan on cases_petitioner" not in asked
    assert "Seq Scan on cases_case" not in listed


@pytest.mark.slow  # it wants twenty thousand cases of its own
def test_a_text_is_taken_apart_only_where_it_holds_the_name(county: County) -> None:
    """Read in the order of the list, thousands of texts without the name would take a second and more."""
    crowd(county, 20_000, bearers=1_500)
    actor = county.actor("center")
    with CaptureQueriesContext(connection) as queries:
        list(search(visible_to(actor), NAME, actor=actor)[:51])
    sql = queries[-1]["sql"]
    assert sql.index("STRPOS") < sql.index("cases_bigram_query") < sql.index('"id" IN')


def plan(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}")
        return "\n".join(line for (line,) in cursor.fetchall())
