"""`GET cases/` and `GET todo/`: filters, order, and pages that lose and repeat nothing (api.md, "Cases")."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from cases.api.keyset import ORDERINGS
from cases.models import Case
from cases.terms import Status
from tests.api_client import Answer, Phone
from tests.builders import MONDAY, County
from tests.stories import Story, story_in


@pytest.fixture
def center(county: County) -> Phone:
    return Phone(county.users["center"])


def numbers(phone: Phone, path: str = "cases/", **query: Any) -> list[str]:
    return [row["number"] for page in pages(phone, path, **query) for row in page]


def pages(
    phone: Phone, path: str = "cases/", *, direction: str = "next", **query: Any
) -> Iterator[list[dict[str, Any]]]:
    answer = phone.get(path, **query)
    while True:
        assert answer.status == 200, answer.json
        yield answer.json["results"]
        if answer.json[direction] is None:
            return
        answer = turn(phone, answer, direction)


def turn(phone: Phone, answer: Answer, direction: str) -> Answer:
    """The page on that side of this one."""
    return phone.get(answer.json[direction].replace("http://testserver", ""))


def test_the_list_shows_open_cases_by_due_time(county: County, center: Phone) -> None:
    later = Story.begin(county, at=MONDAY + timedelta(hours=1))
    sooner = Story.begin(county, at=MONDAY)
    story_in(county, Status.CLOSED)
    assert numbers(center) == [sooner.number, later.number]


def test_a_row_carries_names_and_no_petitioner(county: County, center: Phone) -> None:
    story = story_in(county, Status.HANDLING)
    row = center.get("cases/").json["results"][0]
    assert row["number"] == story.number
    assert row["area"]["name"] == "北凤社区第一网格"
    assert row["category"]["name"] == "城镇供水供气"
    assert row["lead"]["name"] == "水利局"
    assert row["phase"] == "handling"
    assert "petitioner" not in row


def test_filters_by_state_and_kind(county: County, center: Phone) -> None:
    collected, handling = Story.begin(county), story_in(county, Status.HANDLING)
    closed = story_in(county, Status.CLOSED)
    assert numbers(center, status="handling") == [handling.number]
    assert set(numbers(center, status="collected,handling")) == {collected.number, handling.number}
    assert set(numbers(center, status=["collected", "handling"])) == {collected.number, handling.number}
    assert numbers(center, status="closed") == [closed.number]
    assert set(numbers(center, status="open,closed")) == {collected.number, handling.number, closed.number}
    assert len(numbers(center, status="all")) == 3
    assert numbers(center, type="consult") == []
    assert len(numbers(center, type="consult,appeal")) == 2


def test_filters_by_place_department_and_topic(county: County, center: Phone) -> None:
    here = story_in(county, Status.HANDLING)
    there = Story.begin(county, by="intake", area=county.other_village)
    assert numbers(center, area=county.township.code) == [here.number]
    assert numbers(center, area=county.other_township.code) == [there.number]
    assert numbers(center, department="water") == [here.number]
    assert numbers(center, department="police") == []
    assert numbers(center, category="urban-supply") == [here.number]


def test_a_topic_takes_those_under_it(county: County, center: Phone) -> None:
    from cases.models import Category

    parent = Category.objects.create(code="urban", name="城乡建设")
    Category.objects.filter(pk=county.category.pk).update(parent=parent)
    story = story_in(county, Status.DOCKETED)
    assert numbers(center, category="urban") == [story.number]


def test_filters_by_time(county: County, center: Phone) -> None:
    early = Story.begin(county, at=MONDAY)
    late = Story.begin(county, at=MONDAY + timedelta(days=1))
    noon = (MONDAY + timedelta(hours=12)).isoformat()
    assert numbers(center, received_from=noon) == [late.number]
    assert numbers(center, received_to=noon) == [early.number]
    assert numbers(center, received_from="2026-03-03") == [late.number]
    assert numbers(center, due_before=str(early.case.due_at)) == []
    assert numbers(center, due_before=str(late.case.due_at)) == [early.number]


def test_search_finds_numbers_and_parts_of_texts(county: County, center: Phone) -> None:
    story = Story.begin(county, title="犀溪镇灌渠塌方", description="水流不下去")
    Story.begin(county)
    for text in (story.number, "灌渠", "流不下"):
        assert numbers(center, q=text) == [story.number]
    assert numbers(center, q="100%_\\") == []


def test_filters_by_colour(county: County, center: Phone) -> None:
    late = Story.begin(county)
    late.wait(days=3).sweep()
    fresh = Story.begin(county, at=late.now)
    assert numbers(center, colour="red") == [late.number]
    assert numbers(center, colour="none,blue") == [fresh.number]
    assert numbers(center, ordering="-colour") == [late.number, fresh.number]


def test_mine_is_what_i_took_in_or_reported_in_for(county: County) -> None:
    own = story_in(county, Status.HANDLING)
    Story.begin(county, by="intake")
    assert numbers(Phone(county.users["gridworker"]), mine="true") == [own.number]
    assert numbers(Phone(county.users["handler"]), mine="true") == [own.number]
    assert numbers(Phone(county.users["center"]), mine="true") == []


def nine_cases_with_ties(county: County) -> None:
    for _ in range(9):
        Story.begin(county)
    for position, pk in enumerate(Case.objects.order_by("pk").values_list("pk", flat=True)):
        due = None if position % 3 == 0 else MONDAY + timedelta(hours=position // 4)
        Case.objects.filter(pk=pk).update(due_at=due, colour=position % 2 * 3)


@pytest.mark.parametrize("ordering", ORDERINGS)
@pytest.mark.parametrize("size", [1, 3, 100])
def test_pages_lose_and_repeat_nothing(county: County, center: Phone, ordering: str, size: int) -> None:
    """Ties in every key, and cases without a due time, which come last in either direction."""
    nine_cases_with_ties(county)
    rows = [row for page in pages(center, ordering=ordering, page_size=size) for row in page]
    assert len(rows) == len({row["number"] for row in rows}) == 9
    whole = center.get("cases/", ordering=ordering, page_size=100).json["results"]
    assert rows == whole
    if ordering.endswith("due_at"):
        dues = [row["due_at"] for row in rows]
        assert dues[-3:] == [None] * 3
        assert dues[:-3] == sorted(dues[:-3], reverse=ordering.startswith("-"))
    if ordering.endswith("colour"):
        reds = [row["colour"] == "red" for row in rows]
        assert reds == sorted(reds, reverse=ordering.startswith("-"))


@pytest.mark.parametrize("status", ["open", "all"])
@pytest.mark.parametrize("ordering", ORDERINGS)
@pytest.mark.parametrize("size", [1, 2, 3, 4, 9, 100])
def test_the_last_page_leads_back_to_the_first(
    county: County, center: Phone, ordering: str, size: int, status: str
) -> None:
    nine_cases_with_ties(county)
    whole = numbers(center, ordering=ordering, status=status)
    back = [*pages(center, direction="previous", ordering=ordering, page_size=size, status=status, cursor="last")]
    assert [row["number"] for page in reversed(back) for row in page] == whole
    assert {len(page) for page in back[:-1]} <= {size}
    first = center.get("cases/", ordering=ordering, page_size=size, status=status)
    assert first.json["previous"] is None
    if first.json["next"] is not None:
        second = turn(center, first, "next")
        assert turn(center, second, "previous").json["results"] == first.json["results"]
        assert turn(center, turn(center, second, "previous"), "next").json["results"] == second.json["results"]


def test_where_the_rows_of_a_page_are_gone_its_neighbour_is_that_end_of_the_list(county: County, center: Phone) -> None:
    first, second = Story.begin(county), Story.begin(county, at=MONDAY + timedelta(hours=1))
    start = center.get("cases/", page_size=1)
    end = center.get("cases/", page_size=1, cursor="last")
    home = second.case.area_code
    Case.objects.filter(pk=second.case_id).update(area_code="110101000000")
    gone = turn(center, start, "next")
    assert (gone.json["results"], gone.json["next"]) == ([], None)
    assert [row["number"] for row in turn(center, gone, "previous").json["results"]] == [first.number]
    Case.objects.filter(pk=second.case_id).update(area_code=home)
    Case.objects.filter(pk=first.case_id).update(area_code="110101000000")
    gone = turn(center, end, "previous")
    assert (gone.json["results"], gone.json["previous"]) == ([], None)
    assert [row["number"] for row in turn(center, gone, "next").json["results"]] == [second.number]


def test_an_empty_list_has_no_other_page(county: County, center: Phone) -> None:
    for path in ("cases/", "cases/?cursor=last"):
        assert center.get(path).json == {"next": None, "previous": None, "results": []}


def test_todo_is_read_from_its_end_too(county: County) -> None:
    late = Story.begin(county)
    late.wait(days=3).sweep()
    fresh = Story.begin(county, at=late.now)
    township = Phone(county.users["township"])
    back = [*pages(township, "todo/", direction="previous", cursor="last", page_size=1)]
    assert [row["number"] for page in back for row in page] == [fresh.number, late.number]


@pytest.mark.parametrize(
    "query",
    [
        {"status": "nonsense"},
        {"type": "accusation,nonsense"},
        {"colour": "green"},
        {"area": "abc"},
        {"area": "3509%"},
        {"ordering": "title"},
        {"page_size": 0},
        {"page_size": 101},
        {"page_size": "9" * 400},
        {"page_size": "x"},
        {"cursor": "x"},
        {"cursor": "é"},
        {"cursor": "W10"},
        {"cursor": "WyJkdWVfYXQiLDAsbnVsbCwxLDJd"},
        {"cursor": "WyJkdWVfYXQiLDAsbnVsbCwtMV0"},
        {"q": "\x00"},
        {"q": "长" * 101},
        {"department": "\x00"},
        {"received_from": "soon"},
        {"received_to": "0001-01-01"},
        {"due_before": "9999-12-31T23:59:59-12:00"},
        {"mine": "perhaps"},
    ],
)
def test_a_query_without_sense_is_a_400(center: Phone, query: dict[str, Any]) -> None:
    answer = center.get("cases/", **query)
    assert answer.status == 400
    assert list(answer.json["errors"]) == list(query)


def test_a_cursor_belongs_to_its_order(county: County, center: Phone) -> None:
    for _ in range(2):
        Story.begin(county)
    following = center.get("cases/", page_size=1).json["next"]
    answer = center.get(following.replace("http://testserver", "") + "&ordering=-received_at")
    assert answer.status == 400


def test_todo_is_what_waits_for_me_worst_first(county: County) -> None:
    late = Story.begin(county)
    late.wait(days=3).sweep()
    fresh = Story.begin(county, at=late.now)
    story_in(county, Status.HANDLING)
    township = Phone(county.users["township"])
    assert numbers(township, "todo/") == [late.number, fresh.number]
    assert numbers(township, "todo/", page_size=1) == [late.number, fresh.number]
    assert township.get("me/").json["todo"] == {"none": 1, "blue": 0, "yellow": 0, "red": 1, "total": 2}
