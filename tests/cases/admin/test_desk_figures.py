"""Every figure of the desk opens the rows that it counts, for every role; nothing sealed is among them."""

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.admin import behind_page, exports_page
from cases.admin.desk.rows import Counter
from cases.admin.desk.watch import Part
from cases.models import Case, Errand, ExportNote
from cases.terms import CaseType, Grade, Status
from cases.workflow import Action
from grids.admin import person
from grids.models import Area
from grids.roles import Role
from tests.builders import MONDAY, USERNAMES, County, add_post, add_user
from tests.cases.admin.test_exports import rows_of
from tests.cases.admin.test_sealed import accuse
from tests.cases.admin.web import LIST, Web, numbers_in
from tests.cases.side_stories import in_hand, object_to
from tests.stories import Story, story_in
from tests.working import worked

pytestmark = pytest.mark.django_db

#: Everything of the town lies in these days before.
NOW = MONDAY + timedelta(days=12)
ACTING = sorted(set(USERNAMES) - {"auditor", "security", "admin"})
#: The desks of an area and of a department are asked at every run, the others by `make slow`.
_MOST_FIGURES = ("center", "handler")
_THE_OTHERS = tuple(username for username in ACTING if username not in _MOST_FIGURES)


@pytest.fixture
def town(county: County, monkeypatch: pytest.MonkeyPatch) -> County:
    """Matters in every status, late and in time, in two townships, one sealed; the pages' clock stands behind them."""
    for number, status in enumerate(Status):
        if status is not Status.SUSPENDED:
            story_in(county, status, at=MONDAY + timedelta(hours=number))
    Story.begin(county, area=county.other_village, by="intake").docket("center").dispatch()
    story_in(county, Status.RATING, at=MONDAY - timedelta(days=20)).wait(hours=1).rate(Grade.DISSATISFIED)
    story_in(county, Status.CLOSED, at=NOW - timedelta(hours=7))
    story_in(county, Status.RATING, at=NOW - timedelta(hours=7))
    story_in(county, Status.COLLECTED, at=NOW - timedelta(hours=2))
    story_in(county, Status.DISPATCHED, at=NOW - timedelta(hours=20), type=CaseType.URGENT)
    disputed = story_in(county, Status.DISPATCHED, at=NOW - timedelta(hours=5))
    object_to(disputed, county.water)
    asking = in_hand(county, at=NOW - timedelta(hours=4))
    asking.act(Action.REQUEST_EXTENSION, "handler", amount=3, reason="管件未到")
    accuse(county, at=NOW - timedelta(hours=8))
    Story.sweep(disputed.at(NOW))
    monkeypatch.setattr(person, "timezone", type("Clock", (), {"now": staticmethod(lambda: NOW)}))
    return county


def figures_in(value: Any) -> Iterator[Counter | Part]:
    """All that counts and leads somewhere, wherever it stands in the context of the page."""
    if isinstance(value, (Counter, Part)):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        if hasattr(value, "link") and hasattr(value, "count"):
            yield Part(value.count, value.link)
        for field in fields(value):
            yield from figures_in(getattr(value, field.name))
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from figures_in(item)


PARTS = (
    "lanes", "lanes_beside", "waiting_colours", "waiting_statuses", "watched", "watched_total", "phases", "tiles",
    "places", "loads", "news", "map", "trend", "orders_waiting",
)  # fmt: skip
TOTALS = {"waiting_total": "waiting_link", "others_total": "others_link", "changed_total": "changed_link"}


def desk_figures(context: Any) -> list[Counter | Part]:
    told = [Part(context[total], context[link]) for total, link in TOTALS.items() if total in context]
    grounds = context.get("map")
    told += [Part(ground.figure, ground.link) for ground in grounds.grounds] if grounds else []
    return told + [figure for name in PARTS for figure in figures_in(context.get(name))]


def counted_behind(web: Web, link: str) -> int:
    response = web.get(link)
    assert response.status_code == 200, link
    if link.startswith(LIST):
        return len(response.context["cl"].result_list)
    if link.startswith(reverse("admin:board")):
        column = link.partition("#column-")[2]
        return int(next(c.total for c in response.context["columns"] if c.parameter == column))
    lines = response.context["lines"]
    assert all(row is not None for row, _at in lines), link
    assert len(lines) == response.context["found"].total
    return len(lines)


@pytest.mark.parametrize("usernames", [_MOST_FIGURES, pytest.param(_THE_OTHERS, marks=pytest.mark.slow)])
def test_every_figure_equals_the_list_behind_it(town: County, usernames: Sequence[str]) -> None:
    for username in usernames:
        web = Web.of(town.users[username])
        figures = desk_figures(web.get("/admin/").context)
        assert figures
        for figure in figures:
            assert counted_behind(web, figure.link) == figure.count, (username, figure)


def test_the_town_fills_what_a_desk_can_show(town: County) -> None:
    """Or the test above would compare nothing with nothing."""
    context = Web.of(town.users["center"]).get("/admin/").context
    assert all(lane.count for lane in context["lanes"])
    assert all(counter.count for counter in context["lanes_beside"])
    assert all(tile.now.counted.count for tile in context["tiles"])
    assert context["tiles"][1].before.counted.count
    assert context["trend"].received.count > context["trend"].closed.count > 0
    assert [counter.count > 0 for counter in context["news"]] == [True, True, True]
    handler = Web.of(town.users["handler"]).get("/admin/").context
    assert handler["others_total"]
    assert handler["changed_total"]


def test_everybody_with_cases_is_told_what_is_new(town: County) -> None:
    """Single cases to who has few of them near, figures to who sees many; what was seen is new no more."""
    told = {}
    for username in ACTING:
        web = Web.of(town.users[username])
        context = web.get("/admin/").context
        told[username] = [str(counter.label) for counter in context["news"]] if "news" in context else []
        assert told[username] or "changed_total" in context, username
    assert told["township"] == told["center"] == ["已采集", "已办结", "新增红色警示"]
    assert told["intake"] == told["petition"] == ["已采集", "已办结"]
    web = Web.of(town.users["township"])
    assert any(counter.count for counter in web.get("/admin/").context["news"])
    web.client.post(reverse("admin:desk_seen"), {"until": NOW.isoformat()})
    assert not any(counter.count for counter in web.get("/admin/").context["news"])


def test_nothing_sealed_is_counted_or_named_but_for_its_keeper(town: County) -> None:
    def told(web: Web) -> tuple[list[int], bool]:
        response = web.get("/admin/")
        counts = [figure.count for figure in desk_figures(response.context)]
        return counts, sealed.number in numbers_in(response.content.decode())

    sealed = Case.objects.get(type=CaseType.ACCUSATION)
    webs = {username: Web.of(town.users[username]) for username in ACTING}
    before = {username: told(web) for username, web in webs.items()}
    assert {username for username, (_counts, named) in before.items() if named} == {"petition"}
    _bury(sealed)
    changed = {username for username, web in webs.items() if told(web)[0] != before[username][0]}
    assert changed == {"petition"}


def _bury(case: Case) -> None:
    """Away from everybody, as if it had never been taken in."""
    Case.objects.filter(pk=case.pk).update(keeper="inspector", area_code="999999")


@pytest.mark.parametrize("kind", sorted(behind_page.KINDS))
@pytest.mark.parametrize("username", ["auditor", "security", "admin"])
def test_who_sees_no_case_opens_no_rows(county: County, kind: str, username: str) -> None:
    assert Web.of(county.users[username]).get(reverse("admin:behind", args=[kind])).status_code == 403


@pytest.mark.parametrize(
    "query",
    [
        "share/?name=closure&period=2026-03",
        "share/?name=on_time&period=2026-13",
        "share/?name=on_time&period=2026-03&part=other",
        "received/?day=2026-02-30",
        "received/?day=0001-01-01",
        "received/?since=2026-03-01",
        "closed/?since=2026-99-01T00:00:00%2B08:00",
        "closed/?since=2026-03-01T00:00:00%2B08:00&until=never",
        "changed/",
        "red/?unit=nobody",
        "load/",
        "elsewhere/",
    ],
)
def test_an_address_that_says_nothing_is_not_found(county: County, query: str) -> None:
    assert Web.of(county.users["center"]).get(f"/admin/behind/{query}").status_code == 404


@pytest.mark.parametrize("username", ["handler", "township", "petition", "intake"])
def test_shares_are_for_who_watches_over_an_area(county: County, username: str) -> None:
    address = f"{reverse('admin:behind', args=['share'])}?name=on_time&period=2026-03"
    assert Web.of(county.users[username]).get(address).status_code == 404


def test_a_leader_reads_the_own_township_by_villages(town: County) -> None:
    context = Web.of(town.users["leader"]).get("/admin/").context
    assert {place.code for place in context["places"]} == {town.village.code}
    assert (
        context["watched_total"].count
        == Case.objects.open().filter(area_code__startswith=town.township.code, sealed=False).count()
    )


def test_what_lies_in_no_township_is_a_place_of_its_own(town: County) -> None:
    Case.objects.filter(status=Status.COLLECTED, sealed=False).update(area=town.county, area_code=town.county.code)
    web = Web.of(town.users["inspector"])
    places = {place.code: place for place in web.get("/admin/").context["places"]}
    found = places[town.county.code].open
    assert found.count == counted_behind(web, found.link) > 0


def test_a_page_costs_twelve_statements_however_many_cases_there_are(town: County) -> None:
    def costs() -> dict[str, int]:
        found = {}
        for username, web in webs.items():
            with CaptureQueriesContext(connection) as captured:
                web.get("/admin/")
            found[username] = len(captured)
        return found

    webs = {username: Web.of(town.users[username]) for username in ACTING}
    costs()  # books are read once in half a minute
    few = costs()
    for number in range(8):
        story_in(town, (Status.DISPATCHED, Status.HANDLING, Status.ANSWERED, Status.COLLECTED)[number % 4])
    many = costs()
    assert max(few.values()) <= 12, few
    assert many == few


def test_many_areas_cost_no_more(town: County) -> None:
    deputy = add_user("vice")
    for area in (town.county, town.other_township):
        add_post(deputy, Role.CENTER_DISPATCHER if area == town.county else Role.TOWNSHIP_LEADER, area)
    Area.objects.create(code="350924102", name="平溪镇", level="township", parent=town.county)
    web = Web.of(deputy)
    figures = desk_figures(web.get("/admin/").context)
    for figure in figures:
        assert counted_behind(web, figure.link) == figure.count, figure


# As files


def taken(web: Web, link: str) -> Any:
    """The rows behind a figure, exported by the way that their page shows."""
    export = web.get(link).context["export"]
    assert web.client.get(export).status_code == 200
    return web.client.post(export, {"format": "csv", "key": str(uuid4())})


def test_the_rows_behind_every_figure_go_out_as_their_page_shows_them(town: County) -> None:
    kinds = set()
    for username in ACTING:
        web = Web.of(town.users[username])
        links = {figure.link for figure in desk_figures(web.get("/admin/").context) if figure.count}
        for link in sorted(link for link in links if "/behind/" in link):
            page = web.get(link)
            rows = rows_of(taken(web, link))
            shown = [(row.case, at) for row, at in page.context["lines"] if not row.case.sealed]
            assert [row["编号"] for row in rows] == [case.number for case, _at in shown], link
            assert [row["计入时点"] != "" for row in rows] == [at != "" for _case, at in shown], link
            kinds.add(ExportNote.objects.latest("id").what)
    assert kinds >= {"behind.open", "behind.share", "behind.reds", "behind.load", "behind.disputed", "behind.received"}
    assert not {name for name in ("王小明", "13800001234") if name in str(rows)}


def test_what_figure_it_was_is_noted_in_codes_and_read_in_words(town: County) -> None:
    web = Web.of(town.users["center"])
    month = f"{NOW:%Y-%m}"
    rows_of(taken(web, f"/admin/behind/share/?name=on_time&part=missed&period={month}"))
    note = ExportNote.objects.get()
    assert (note.what, note.criteria) == ("behind.share", {"name": "on_time", "part": "missed", "period": month})
    page = Web.of(town.users["auditor"]).page(reverse("admin:cases_exportnote_change", args=[note.pk]))
    for words in ("数字背后 按期办结率", "部分: 只计入分母", f"月份: {month}"):
        assert words in page


def test_a_long_list_behind_a_figure_keeps_what_each_row_is_counted_for(
    town: County, monkeypatch: pytest.MonkeyPatch, working: object
) -> None:
    monkeypatch.setattr(exports_page, "AT_ONCE", 1)
    web = Web.of(town.users["center"])
    link = "/admin/behind/open/"
    response = taken(web, link)
    assert response.status_code == 302
    waiting = Errand.objects.get()
    assert len(waiting.moments) == len(waiting.row_ids) == waiting.total > 1
    done = worked()
    assert (done.state, done.row_ids, done.moments) == ("done", [], []), done.trouble
    rows = rows_of(web.get(reverse("admin:errand_file", args=[done.pk])))
    shown = web.get(link).context["lines"]
    assert [row["编号"] for row in rows] == [row.case.number for row, _at in shown]
    assert {row["计入时点"][:4] for row in rows if row["计入时点"]} == {"2026"}


def test_nothing_sealed_goes_out_behind_a_figure(town: County) -> None:
    keeper = Web.of(town.users["petition"])
    sealed = Case.objects.get(sealed=True)
    shown = keeper.page("/admin/behind/open/")
    assert sealed.number in shown
    response = taken(keeper, "/admin/behind/open/")
    assert sealed.number not in (str(rows_of(response)) if response.streaming else response.content.decode())


@pytest.mark.parametrize("username", ["auditor", "admin", "security"])
def test_who_sees_no_case_exports_no_rows(county: County, username: str) -> None:
    web = Web.of(county.users[username])
    address = reverse("admin:behind_export", args=["open"])
    assert web.get(address).status_code == 403
    assert web.client.post(address, {"format": "csv", "key": str(uuid4())}).status_code == 403
    assert Web.of(county.users["center"]).get(reverse("admin:behind_export", args=["nothing"])).status_code == 404
