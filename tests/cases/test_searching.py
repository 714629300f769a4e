"""Search by what was written: the index and a plain look at the texts find the same (cases.searching)."""

import uuid

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.access import visible_to
from cases.models import Case
from cases.models.case import CaseQuerySet
from cases.searching import search
from cases.terms import Status
from tests.builders import County
from tests.cases.api.crowd import multiply
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db

#: What breaks searches: signs of LIKE, of quoting and of text search, letters in two cases, an astral character.
SIGNS = "水管漏a B'\\%_&|!:*()<->\"𠮷3"


def found(text: str) -> set[str]:
    return set(search(Case.objects.all(), text).values_list("title", flat=True))


def make(county: County, *titles: str) -> None:
    for title in titles:
        Story.begin(county, title=title, description="", client_id=uuid.uuid4())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(SIGNS, min_size=1, max_size=6), max_size=4), st.lists(st.text(SIGNS, max_size=4), max_size=2))
def test_a_search_finds_what_holds_every_term(county: County, titles: list[str], words: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT before")
        make(county, *titles)
        text = " ".join(words)
        expected = {title for title in titles if all(term.upper() in f"{title} ".upper() for term in text.split())}
        shown = found(text)
        cursor.execute("ROLLBACK TO SAVEPOINT before")
    numbers_too = any(term.strip("0123456789-") == "" for term in text.split())
    assert expected <= shown if numbers_too else shown == expected


def test_two_characters_are_a_word(county: County) -> None:
    make(county, "水管漏水", "管水员不在", "路灯")
    assert found("水管") == {"水管漏水"}
    assert found("水") == {"水管漏水", "管水员不在"}
    assert found("管") == {"水管漏水", "管水员不在"}
    assert found("灯") == {"路灯"}
    assert found("漏水 水管") == {"水管漏水"}
    assert found("漏管") == set()


def test_letters_are_found_in_any_case(county: County) -> None:
    make(county, "5G基站辐射", "wifi 断线")
    assert found("5g") == {"5G基站辐射"}
    assert found("WiFi") == {"wifi 断线"}


def test_a_number_is_found_by_its_beginning_and_its_end(county: County) -> None:
    story = Story.begin(county, title="甲")
    Story.begin(county, title="乙")
    assert found(story.number) == {"甲"}
    assert found(story.number[-7:]) == {"甲"}
    assert found(story.number[:11]) == {"甲", "乙"}
    assert found(story.number[1:12]) == set()


@pytest.mark.parametrize("pattern", ["{0} {1} {2}", "{0}{1}{2}", " {0}　{1}-{2}"])
def test_a_number_is_found_however_it_was_copied(county: County, pattern: str) -> None:
    story, _other = Story.begin(county), Story.begin(county)
    typed = pattern.format(*story.number.split("-"))
    wide = typed.translate({ord(digit): ord(digit) - ord("0") + ord("０") for digit in "0123456789"})
    for text in (typed, wide, wide.strip()[-7:]):
        assert [case.number for case in search(Case.objects.all(), text)] == [story.number]


def test_what_is_erased_is_found_no_more(county: County) -> None:
    story = Story.begin(county, title="王小明家漏水")
    Case.objects.filter(pk=story.case_id).update(title="(已删除)")
    assert found("小明") == set()


@pytest.mark.parametrize(
    ("text", "index"),
    [("泄漏", "case_matter_bigrams"), ("0000042", "case_number_backwards"), ("泄", "case_matter_bigrams")],
)
def test_rare_terms_are_looked_up_in_their_index(county: County, text: str, index: str) -> None:
    story = story_in(county, Status.HANDLING)
    multiply(story.case_id, 20_000)
    Story.begin(county, title="燃气泄漏")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE cases_case")
    assert index in plan(search(visible_to(county.actor("center")), text).open().order_by("due_at", "id")[:51])


def test_texts_of_a_long_matter_are_found_to_the_end(county: County) -> None:
    Story.begin(county, title="甲", description="情况说明" * 990 + "末尾的话")
    assert found("末尾的话") == {"甲"}


def plan(cases: CaseQuerySet) -> str:
    return cases.values("pk").explain()
