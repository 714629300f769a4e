"""The work list: views with their counts, filters, orders, searches that leave no trace, own views and columns."""

from datetime import timedelta
from typing import Any, Final

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.actions.intake import PetitionerInput
from cases.actions.layouts import save_view
from cases.errors import CaseError, InvalidInput
from cases.models import Case, ListColumns, SavedView
from cases.models.layout import MOST_VIEWS
from cases.terms import CaseType, ClockKind, Disclosure, Status
from cases.workflow import Action
from cases.worklists import COUNTED, MOST_COUNTED, Worklist, counts
from tests.builders import USERNAMES, County
from tests.cases.admin.web import LIST, Web, at_moment, numbers_in, text_of
from tests.cases.api.crowd import multiply
from tests.cases.side_stories import in_hand, object_to, on
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db

ROWS = f"{LIST}rows/"
PHONE = "13955512345"


def listed(web: Web, **parameters: str) -> list[str]:
    response = web.get(LIST, **parameters)
    assert response.status_code == 200
    return [case.number for case in response.context["cl"].result_list]


def searched(web: Web, words: str, **filters: str) -> set[str]:
    response = web.client.post(ROWS, {"q": words, **filters})
    assert response.status_code == 200
    return numbers_in(text_of(response))


def tab(page: Any, scope: str) -> str:
    """The count beside a view, as it is read."""
    return str(next(tab.count for tab in page.context["tabs"] if tab.link == f"?scope={scope}"))


def test_each_view_holds_its_cases_and_says_how_many(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    stories = {
        "docketed": story_in(county, Status.DOCKETED),
        "waiting": story_in(county, Status.DISPATCHED),
        "returned": story_in(county, Status.DISPATCHED),
        "rating": story_in(county, Status.RATING),
        "closed": story_in(county, Status.CLOSED),
    }
    object_to(stories["returned"], county.water)
    at_moment(monkeypatch, stories["returned"])
    red = Case.objects.filter(pk=stories["waiting"].case_id)
    red.update(colour=3, due_at=stories["waiting"].now + timedelta(days=3))
    web = Web.of(county.users["center"])
    expected = {
        Worklist.UNASSIGNED: {"docketed"},
        Worklist.RED: {"waiting"},
        Worklist.RETURNED: {"returned"},
        Worklist.RATING: {"rating"},
        Worklist.TODAY: {"docketed"},  # its dispatch clock; a report-in is due the day after
        Worklist.ALL: set(stories),
    }
    page = web.get(LIST)
    for which, names in expected.items():
        assert set(listed(web, scope=which)) == {stories[name].number for name in names}, which
        if which in COUNTED:
            assert tab(page, which) == str(len(names)), which


def test_a_sealed_case_waits_for_no_dispatch(county: County) -> None:
    story = Story.begin(county, type=CaseType.ACCUSATION, accused_units=[county.water])
    Case.objects.filter(pk=story.case_id).update(status=Status.DOCKETED)
    web = Web.of(county.users["petition"])
    assert listed(web) == [story.number]
    assert listed(web, scope="unassigned") == []
    assert numbers_in(Web.of(county.users["center"]).page(LIST, scope="all")) == set()


@pytest.mark.parametrize("username", USERNAMES)
def test_counts_are_of_what_one_sees(county: County, username: str) -> None:
    for status in (Status.DOCKETED, Status.DISPATCHED, Status.RATING):
        Story.begin(county, by="intake", area=county.other_village)
        story_in(county, status)
    web = Web.of(county.users[username])
    page = web.get(LIST)
    for which in COUNTED:
        assert tab(page, which) == str(len(listed(web, scope=which))), which


def test_what_waits_is_listed_also_when_its_case_has_ended(county: County) -> None:
    """An order is answered for, and signed off, whatever became of the case; filters and order know of it."""
    ended, open_one = in_hand(county).at(on(9, 18)), in_hand(county).at(on(9, 18))
    ended.sweep()
    ended.finish().verify().rate()
    web = Web.of(county.users["depthead"])
    assert set(listed(web, scope="todo")) == {ended.number, open_one.number}
    assert listed(web, scope="todo", status="closed") == [ended.number]
    assert listed(web, scope="todo", status="handling") == [open_one.number]
    Case.objects.filter(pk=open_one.case_id).update(colour=2)
    assert listed(web, scope="todo") == [open_one.number, ended.number]
    assert listed(web, scope="todo", colour="yellow") == [open_one.number]
    assert tab(web.get(LIST), "todo") == "2"
    assert listed(web, scope="open") == [open_one.number]


@pytest.mark.parametrize("count", [200, 10_000])
def test_counting_ends_at_a_hundred_and_is_one_statement(county: County, count: int) -> None:
    story = story_in(county, Status.DOCKETED)
    multiply(story.case_id, count)
    actor = county.actor("center")
    with CaptureQueriesContext(connection) as queries:
        found = counts(actor, now=story.now)
    assert len(queries) == 1
    assert max(found.values()) == MOST_COUNTED + 1 if count > 1000 else max(found.values()) <= MOST_COUNTED + 1
    if count > 1000:
        assert "99+" in Web.of(county.users["center"]).page(LIST)


def test_due_filters_and_categories(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    late, soon, far = (story_in(county, Status.DOCKETED) for _ in range(3))
    at_moment(monkeypatch, far)
    for story, span in ((late, timedelta(hours=-1)), (soon, timedelta(hours=1)), (far, timedelta(days=1, hours=1))):
        Case.objects.filter(pk=story.case_id).update(due_at=far.now + span)
    web = Web.of(county.users["center"])
    assert listed(web, due="late") == [late.number]
    assert set(listed(web, due="today")) == {late.number, soon.number}
    assert listed(web, due="tomorrow") == [far.number]
    assert set(listed(web, due="week")) == {soon.number, far.number}
    assert len(listed(web, category="urban-supply")) == 3
    assert len(listed(web, category="nonsense")) == 3  # what is no category narrows nothing


def test_orders_by_the_heads_of_columns(county: County) -> None:
    first, second = Story.begin(county), Story.begin(county)
    due = first.clock(ClockKind.DOCKET).due_at
    Case.objects.filter(pk=first.case_id).update(due_at=due + timedelta(hours=1), received_at=first.now)
    later = first.now + timedelta(hours=1)
    Case.objects.filter(pk=second.case_id).update(due_at=due, received_at=later)
    web = Web.of(county.users["center"])
    assert listed(web, sort="due") == [second.number, first.number]
    assert listed(web, sort="-received") == [second.number, first.number]
    assert listed(web, sort="received") == [first.number, second.number]
    assert 'aria-sort="ascending"' in web.page(LIST, sort="due")
    assert len(listed(web, sort="number;drop")) == 2


def test_posted_filters_become_an_address_and_a_search_never_does(county: County) -> None:
    story = Story.begin(county, title="楼道煤气味")
    web = Web.of(county.users["center"])
    moved = web.client.post(LIST, {"scope": "open", "status": "collected", "colour": ["", ""], "q": "  "})
    assert moved.status_code == 302
    assert moved.headers["Location"] == f"{LIST}?scope=open&status=collected"
    shown = web.client.post(LIST, {"scope": "open", "status": "collected", "q": "煤气"})
    assert shown.status_code == 200
    assert numbers_in(text_of(shown)) == {story.number}
    links = [part.split('"')[0] for part in text_of(shown).split('href="')[1:]]
    assert links
    assert not [link for link in links if "煤气" in link or "q=" in link]


@pytest.mark.parametrize("username", ["center", "township", "handler", "gridworker", "inspector", "petition", "leader"])
def test_a_phone_finds_whom_one_may_know_and_only_when_posted(county: County, username: str) -> None:
    hidden = PetitionerInput(Disclosure.CONFIDENTIAL, "郑向明", PHONE)
    story = Story.begin(county, petitioner=hidden, client_id=None)
    story.wait(minutes=1).docket().wait(minutes=1).dispatch()
    web = Web.of(county.users[username])
    knows = username in {"center", "township"}
    assert searched(web, PHONE) == ({story.number} if knows else set())
    assert searched(web, PHONE[:-1]) == set()
    assert numbers_in(web.page(LIST, q=PHONE)) == set()
    assert web.get("/admin/exports/", scope="all", q=PHONE).context["count"] == 0
    page = text_of(web.client.post(LIST, {"q": PHONE}))
    assert [part for part in page.split('href="') if PHONE in part.split('"')[0]] == []


def test_a_sealed_petitioner_is_found_by_the_keeper_alone(county: County) -> None:
    named = PetitionerInput(Disclosure.NAMED, "郑向明", PHONE)
    story = Story.begin(county, type=CaseType.ACCUSATION, petitioner=named, accused_units=[county.water])
    for username in USERNAMES:
        found = searched(Web.of(county.users[username]), PHONE)
        assert found == ({story.number} if username == "petition" else set()), username


def test_rows_alone_are_a_fragment_with_pages_that_are_posted(county: County) -> None:
    story = Story.begin(county)
    multiply(story.case_id, 200)
    web = Web.of(county.users["center"])
    fragment = text_of(web.client.post(ROWS, {"scope": "all", "q": "水管"}))
    assert "<html" not in fragment
    assert 'name="p" value="2"' in fragment
    second = numbers_in(text_of(web.client.post(ROWS, {"scope": "all", "q": "水管", "p": "2"})))
    assert len(second) == 50
    assert second.isdisjoint(numbers_in(fragment))
    assert web.get(ROWS).status_code == 405
    assert web.client.post(ROWS, {"p": "99999"}).status_code == 400


#: Who sees the most is asked at both sizes in every run, the others at length by `make slow`.
_SIZES: Final = [
    *((username, 100) for username in ("center", "township", "handler", "petition")),
    ("center", 10_000),
    *(pytest.param(username, 10_000, marks=pytest.mark.slow) for username in ("township", "handler", "petition")),
]


@pytest.mark.parametrize(("username", "count"), _SIZES)
def test_every_view_filter_and_search_costs_at_most_twelve_queries(county: County, count: int, username: str) -> None:
    story = story_in(county, Status.HANDLING)
    multiply(story.case_id, count)
    save_view(user_id=county.users[username].pk, name="我的", query="scope=open")
    web = Web.of(county.users[username])
    asked: list[dict[str, str]] = [{"scope": which.value} for which in Worklist]
    asked += [{"colour": "red"}, {"type": "appeal"}, {"lead": "water"}, {"category": "urban-supply"}, {"due": "week"}]
    asked += [{"sort": "due"}, {"sort": "received", "scope": "all"}, {"area": "350924101"}, {"status": "handling"}]
    for parameters in asked:
        with CaptureQueriesContext(connection) as queries:
            web.page(LIST, **parameters)
        assert len(queries) <= 12, "\n".join(query["sql"][:120] for query in queries)
    for words in ("水管", PHONE, "0000001"):
        with CaptureQueriesContext(connection) as queries:
            searched(web, words, scope="all")
        assert len(queries) <= 12, "\n".join(query["sql"][:120] for query in queries)


# One's own


def keep(web: Web, name: str, query: str = "scope=open&colour=red") -> str:
    response = web.client.post(f"{LIST}views/", {"name": name, "query": query}, follow=True)
    assert response.status_code == 200
    return text_of(response)


def test_a_view_is_kept_shown_renamed_and_deleted(county: County) -> None:
    web, other = Web.of(county.users["center"]), Web.of(county.users["township"])
    page = keep(web, "  红色  督办 ", "scope=open&colour=red&q=王小明&p=3")
    view = SavedView.objects.get()
    assert (view.name, view.query) == ("红色 督办", "scope=open&colour=red")
    assert "红色 督办" in page
    assert "红色 督办" not in other.page(LIST)
    assert web.get(LIST, scope="open", colour="red").context["tabs"][-1].here
    address = f"{LIST}views/{view.pk}/"
    assert other.client.post(address, {"name": "别人的"}).status_code == 404
    other.client.post(address, {"delete": "1"})
    web.client.post(address, {"name": "红色"})
    assert SavedView.objects.get().name == "红色"
    web.client.post(address, {"delete": "1", "query": "scope=open"})
    assert not SavedView.objects.exists()


def test_a_view_that_cannot_be_kept_is_told_in_a_sentence(county: County) -> None:
    web = Web.of(county.users["center"])
    assert "请填写视图名称。" in keep(web, " ")
    keep(web, "一")
    assert "您已有同名视图。" in keep(web, "一")
    assert "这些筛选条件无法保存。" in keep(web, "二", "type=王小明")
    assert "这些筛选条件无法保存。" in keep(web, "二", "")
    assert "最多 20 个字符。" in keep(web, "长" * 21)
    for number in range(1, MOST_VIEWS):
        save_view(user_id=web.user.pk, name=f"v{number}", query="scope=open")
    assert "您已有 20 个视图" in keep(web, "再一个")
    assert SavedView.objects.count() == MOST_VIEWS
    save_view(user_id=county.users["township"].pk, name="一", query="scope=open")


def test_a_renamed_view_takes_no_other_name(county: County) -> None:
    web = Web.of(county.users["center"])
    first = save_view(user_id=web.user.pk, name="一", query="scope=open")
    save_view(user_id=web.user.pk, name="二", query="scope=all")
    response = web.client.post(f"{LIST}views/{first.pk}/", {"name": "二"}, follow=True)
    assert "您已有同名视图。" in text_of(response)
    with pytest.raises(InvalidInput):
        save_view(user_id=web.user.pk, name="三", query="scope=open&type=a b")
    with pytest.raises(CaseError):
        save_view(user_id=web.user.pk, name="二", query="scope=open")


def test_columns_are_chosen_for_oneself_and_names_stay(county: County) -> None:
    story = Story.begin(county)
    web, other = Web.of(county.users["center"]), Web.of(county.users["township"])
    web.client.post(f"{LIST}columns/", {"column": ["category", "received", "nonsense"], "query": "scope=open"})
    assert ListColumns.objects.get().names == ["category", "received"]
    page = web.page(LIST)
    assert {head.column.name for head in web.get(LIST).context["heads"]} == {"code", "headline", "category", "received"}
    assert story.number in page
    assert "field-lead_name" in other.page(LIST)
    assert "field-lead_name" not in page


def test_acts_on_many_are_offered_to_dispatchers_alone(county: County) -> None:
    Story.begin(county)
    for username in USERNAMES:
        page = Web.of(county.users[username]).page(LIST)
        assert ('id="bulk"' in page) is (username in {"center", "township"}), username
        assert "w-views" in page


def test_what_is_due_reads_well(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    story = story_in(county, Status.HANDLING)
    at_moment(monkeypatch, story)
    web = Web.of(county.users["center"])
    for span, words in (
        (timedelta(seconds=20), "剩 1 分钟"),
        (timedelta(minutes=45), "剩 45 分钟"),
        (timedelta(hours=3), "剩 3 小时"),
        (timedelta(days=2), "剩 2 个工作日"),
        (timedelta(minutes=-10), "超期 10 分钟"),
        (timedelta(hours=-5), "超期 5 小时"),
        (timedelta(days=-5), "超期 4 个工作日"),  # since Wednesday; the Saturday between makes up for a holiday
    ):
        Case.objects.filter(pk=story.case_id).update(due_at=story.now + span)
        assert words in web.page(LIST), words
    Case.objects.filter(pk=story.case_id).update(due_at=None)
    assert "—" in web.page(LIST)


def test_a_returned_case_leaves_the_view_when_it_is_decided(county: County) -> None:
    story = story_in(county, Status.DISPATCHED)
    object_to(story, county.water)
    web = Web.of(county.users["center"])
    assert listed(web, scope="returned") == [story.number]
    story.act(Action.DECIDE_OBJECTION, "center", assignment=story.part().pk, upheld=False, comment="应由你局办理")
    assert listed(web, scope="returned") == []
