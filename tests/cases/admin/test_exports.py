"""Lists as files: who gets which rows, what stands in them, what is noted, and what it costs."""

import csv
import io
import re
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from cases import exporting, tasks
from cases.actions.intake import PetitionerInput
from cases.admin import exports_page
from cases.models import Case, Errand, ExportNote
from cases.terms import CaseType, Disclosure, ErrandState, Status
from grids.models import Post
from tests.builders import MONDAY, USERNAMES, County
from tests.cases.admin.web import LIST, Web, text_of
from tests.cases.api.crowd import multiply
from tests.stories import Story, story_in
from tests.working import kept_in, worked

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("working")]

EXPORTS = reverse("admin:exports")
CASELESS = {"auditor", "security", "admin"}


def taken(web: Web, query: str = "scope=all", *, format: str = "csv", key: uuid.UUID | None = None) -> Any:
    return web.client.post(f"{EXPORTS}?{query}", {"format": format, "key": str(key or uuid.uuid4())})


def rows_of(response: Any) -> list[dict[str, str]]:
    assert response.status_code == 200, text_of(response)
    content = b"".join(response.streaming_content)
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def numbers(response: Any) -> list[str]:
    return [row["编号"] for row in rows_of(response)]


@pytest.fixture
def long_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rows are a long list."""
    monkeypatch.setattr(exports_page, "AT_ONCE", 1)


@pytest.mark.parametrize("username", USERNAMES)
def test_a_file_holds_what_the_list_shows_to_that_person(county: County, username: str) -> None:
    story_in(county, Status.HANDLING)
    story_in(county, Status.CLOSED)
    Story.begin(county, by="intake", area=county.other_village)
    web = Web.of(county.users[username])
    if username in CASELESS:
        assert web.get(EXPORTS).status_code == 403
        assert taken(web).status_code == 403
        assert not ExportNote.objects.exists()
        return
    shown = [case.number for case in web.get(LIST, scope="all").context["cl"].result_list]
    assert web.get(EXPORTS, scope="all").context["count"] == len(shown)
    if not shown:
        assert taken(web).status_code == 400
        return
    assert numbers(taken(web)) == shown


@pytest.mark.parametrize(
    "query", ["scope=open", "scope=todo", "scope=all&status=closed", "scope=all&q=%E6%B0%B4%E7%AE%A1", "colour=red"]
)
def test_every_filter_of_the_list_is_one_of_the_file(county: County, query: str) -> None:
    story_in(county, Status.CLOSED)
    Story.begin(county)
    red = story_in(county, Status.HANDLING, title="路灯不亮", description="路灯")
    Case.objects.filter(pk=red.case_id).update(colour=3)
    web = Web.of(county.users["center"])
    shown = [case.number for case in web.client.get(f"{LIST}?{query}").context["cl"].result_list]
    assert shown
    assert numbers(taken(web, query)) == shown
    asked = web.client.get(f"{LIST}?{query}").context["asked"]
    pressed: Any = web.client.post(EXPORTS, asked)
    if "q" in query:
        assert (pressed.status_code, pressed.context["count"]) == (200, len(shown))
    else:
        assert pressed.url == f"{EXPORTS}?{query}"


def test_petitioners_are_masked_as_on_the_page(county: County) -> None:
    secret = PetitionerInput(Disclosure.CONFIDENTIAL, name="赵大勇", phone="13900009999")
    named, hidden = Story.begin(county), Story.begin(county, petitioner=secret)
    nobody = Story.begin(county, petitioner=PetitionerInput(Disclosure.ANONYMOUS))
    patrol = Story.begin(county, petitioner=None, type=CaseType.PATROL)
    response = taken(Web.of(county.users["center"]))
    content = b"".join(response.streaming_content).decode()
    said = {row["编号"]: row["诉求人"] for row in csv.DictReader(io.StringIO(content.lstrip("\ufeff")))}
    pseudonym = hidden.case.petitioners.get().pseudonym
    assert said == {named.number: "王**", hidden.number: pseudonym, nobody.number: "匿名", patrol.number: ""}
    for secret_word in ("王小明", "13800001234", "赵大勇", "13900009999", "解放街"):
        assert secret_word not in content


@pytest.mark.parametrize("username", sorted(set(USERNAMES) - CASELESS))
@pytest.mark.usefixtures("long_lists")
def test_sealed_cases_are_in_no_file(county: County, username: str) -> None:
    sealed = Story.begin(county, type=CaseType.ACCUSATION, title="反映收受好处", accused_units=(county.water,))
    for _ in range(3):
        story_in(county, Status.HANDLING, type=CaseType.PETITION)
    web = Web.of(county.users[username])
    response = taken(web)
    if response.status_code == 302:
        response = web.get(reverse("admin:errand_file", args=[worked().pk]))
    content = b"".join(response.streaming_content).decode() if response.streaming else text_of(response)
    assert sealed.number not in content
    assert "反映收受好处" not in content


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "＝"])
def test_no_cell_is_a_formula(county: County, start: str) -> None:
    title = f"{start}HYPERLINK(1)"
    story = Story.begin(county)
    Case.objects.filter(pk=story.case_id).update(title=title)
    web = Web.of(county.users["center"])
    assert rows_of(taken(web))[0]["标题"] == f"'{title}"
    content = b"".join(taken(web, format="xlsx").streaming_content)
    cell = load_workbook(io.BytesIO(content)).worksheets[0]["C2"]
    assert (cell.value, cell.data_type) == (title, "s")


def test_who_took_what_is_noted_without_what_was_searched_for(county: County) -> None:
    Story.begin(county)
    web = Web.of(county.users["center"])
    rows_of(taken(web, "scope=all&status=collected&q=自来水管"))
    note = ExportNote.objects.get()
    assert (note.user, note.what, note.format, note.rows) == (county.users["center"], "cases", "csv", 1)
    assert note.criteria == {"scope": "all", "status": "collected", "searched": True}
    assert note.finished_at is not None
    page = Web.of(county.users["auditor"]).page(reverse("admin:cases_exportnote_changelist"))
    assert "事项清单" in page
    assert "自来水管" not in page


def test_an_export_that_breaks_off_is_noted_with_its_rows(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "_CHUNK", 1)
    for _ in range(4):
        Story.begin(county)
    response = taken(Web.of(county.users["center"]))
    sent = iter(response.streaming_content)
    for _ in range(4):  # the mark, the headings and two rows
        next(sent)
    assert ExportNote.objects.get().rows == 4, "what was foreseen, while it lasts"
    for close in response._resource_closers:  # as the server does when the reader has left
        close()
    note = ExportNote.objects.get()
    assert (note.finished_at, note.rows) == (None, 1)
    page = Web.of(county.users["auditor"]).page(reverse("admin:cases_exportnote_changelist"))
    assert "未完成" in page


@pytest.mark.usefixtures("long_lists")
@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_a_long_list_is_made_by_the_worker_and_fetched_by_whoever_asked(county: County, format: str) -> None:
    stories = [Story.begin(county) for _ in range(3)]
    web = Web.of(county.users["center"])
    response = taken(web, format=format)
    errand = Errand.objects.get()
    assert response.url == reverse("admin:errand", args=[errand.pk])
    assert 'data-refresh="?part=1"' in web.page(response.url)
    assert web.get(reverse("admin:errand_file", args=[errand.pk])).status_code == 404
    done = worked()
    assert (done.state, done.done, done.total, done.row_ids) == ("done", 3, 3, [])
    part = web.page(response.url, part="1")
    assert "data-settled" in part
    assert "<html" not in part
    file = web.get(reverse("admin:errand_file", args=[errand.pk]))
    content = b"".join(file.streaming_content)
    assert int(file["Content-Length"]) == len(content) == done.size
    assert "no-store" in file["Cache-Control"]
    if format == "csv":
        found = re.findall(r"350924-\d{4}-\d{7}", content.decode())
    else:
        found = [row[1] for row in load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(2, values_only=True)]
    assert sorted(found) == sorted(story.number for story in stories)
    note = ExportNote.objects.get()
    assert (note.rows, note.finished_at is None, note.fetched_at is None) == (3, False, False)


@pytest.mark.usefixtures("long_lists")
def test_nobody_else_sees_the_errand_or_its_file(county: County) -> None:
    for _ in range(2):
        Story.begin(county)
    taken(Web.of(county.users["center"]))
    errand = worked()
    for username in set(USERNAMES) - {"center"}:
        web = Web.of(county.users[username])
        assert web.get(reverse("admin:errand", args=[errand.pk])).status_code == 404
        assert web.get(reverse("admin:errand_file", args=[errand.pk])).status_code == 404
        assert web.client.post(reverse("admin:errand_take_back", args=[errand.pk])).status_code == 404
    errand.refresh_from_db()
    assert errand.state == ErrandState.DONE


@pytest.mark.usefixtures("long_lists")
def test_whoever_lost_a_post_fetches_nothing_that_was_made_with_it(county: County, working: Path) -> None:
    for _ in range(2):
        Story.begin(county)
    web = Web.of(county.users["center"])
    taken(web)
    errand = worked()
    Post.objects.filter(user=county.users["center"]).update(valid_to=MONDAY.date() - timedelta(days=400))
    response = web.get(reverse("admin:errand_file", args=[errand.pk]))
    assert response.status_code == 302
    errand.refresh_from_db()
    assert (errand.state, errand.result) == (ErrandState.EXPIRED, "")


@pytest.mark.usefixtures("long_lists")
def test_what_is_no_longer_seen_when_it_is_made_is_left_out(county: County) -> None:
    stays, goes = Story.begin(county), Story.begin(county)
    web = Web.of(county.users["center"])
    taken(web)
    Case.objects.filter(pk=goes.case_id).update(sealed=True, keeper="petition_officer")
    errand = worked()
    content = b"".join(web.get(reverse("admin:errand_file", args=[errand.pk])).streaming_content).decode()
    assert stays.number in content
    assert goes.number not in content
    assert ExportNote.objects.get().rows == 1


@pytest.mark.usefixtures("long_lists")
def test_pressed_twice_is_one_errand_and_one_note(county: County) -> None:
    for _ in range(2):
        Story.begin(county)
    web, key = Web.of(county.users["center"]), uuid.uuid4()
    assert taken(web, key=key).url == taken(web, key=key).url
    assert (Errand.objects.count(), ExportNote.objects.count()) == (1, 1)


@pytest.mark.usefixtures("long_lists")
def test_a_sixth_unfinished_errand_is_refused_in_a_sentence(county: County) -> None:
    for _ in range(2):
        Story.begin(county)
    web = Web.of(county.users["center"])
    for _ in range(5):
        assert taken(web).status_code == 302
    response = taken(web)
    assert response.status_code == 409
    assert "您有 5 项任务尚未完成" in text_of(response)
    assert ExportNote.objects.count() == 5


def test_what_was_not_offered_is_refused(county: County) -> None:
    Story.begin(county)
    web = Web.of(county.users["center"])
    assert taken(web, format="exe").status_code == 404
    assert web.client.post(EXPORTS, {"format": "csv", "key": "no key"}).status_code == 404
    assert web.client.get(f"{EXPORTS}?title__contains=x").status_code == 400
    assert not ExportNote.objects.exists()


@pytest.mark.usefixtures("long_lists")
def test_files_go_after_a_day(county: County, working: Path) -> None:
    for _ in range(2):
        Story.begin(county)
    web = Web.of(county.users["center"])
    taken(web)
    errand = worked()
    assert len(kept_in(working)) == 1
    tasks.clean_errands()
    assert len(kept_in(working)) == 1, "not yet"
    Errand.objects.update(ended_at=errand.asked_at - timedelta(hours=25))
    tasks.clean_errands()
    errand.refresh_from_db()
    assert errand.state == ErrandState.EXPIRED
    assert "已过期" in web.page(reverse("admin:errand", args=[errand.pk]))


def test_a_longer_list_costs_queries_by_the_chunk_alone(county: County) -> None:
    first = Story.begin(county)
    web = Web.of(county.users["center"])

    def cost(query: str) -> list[str]:
        with CaptureQueriesContext(connection) as seen:
            b"".join(taken(web, query).streaming_content)
        return [statement["sql"][:160] for statement in seen]

    cost("scope=all")  # books and content types
    multiply(first.case_id, 40)
    few = cost("scope=all")
    multiply_more(first.case_id)
    many = cost("scope=all")
    assert len(many) == len(few), "\n".join(many)
    with CaptureQueriesContext(connection) as seen:
        web.page(EXPORTS, scope="all")
    assert len(seen) <= 12


def multiply_more(pk: int) -> None:
    """Another 300, with numbers of their own."""
    Case.objects.filter(number__startswith="350924-2026-9").delete()
    multiply(pk, 340)


def test_ones_own_files_go_on_over_pages(county: County) -> None:
    Story.begin(county)
    web = Web.of(county.users["center"])
    note = {"user": county.users["center"], "kind": "export", "state": "expired", "asked_at": MONDAY}
    made = [Errand.objects.create(**note, key=uuid.uuid4()).pk for _ in range(11)]
    first = web.get(EXPORTS, scope="all")
    assert [errand.pk for errand in first.context["errands"].rows] == made[:0:-1]
    (following,) = re.findall(r'href="(\?[^"]*page=2)"', text_of(first))
    second: Any = web.client.get(f"{EXPORTS}{following}")
    assert [errand.pk for errand in second.context["errands"].rows] == made[:1]
    assert (second.context["count"], second.context["chosen"].query) == (1, "scope=all")


# A search


def searched(web: Web, words: str, **more: str) -> Any:
    """As the form of the list posts it: first without a format, then with it."""
    return web.client.post(EXPORTS, {"scope": "all", "q": words, **more})


def test_a_searched_list_goes_out_by_what_was_found(county: County) -> None:
    found = Story.begin(county, title="路灯不亮", description="路灯")
    Story.begin(county)
    web = Web.of(county.users["center"])
    page = searched(web, "路灯")
    assert (page.status_code, page.context["count"]) == (200, 1)
    assert page.context["chosen"].posted == {"scope": "all", "q": "路灯"}
    shown = text_of(page)
    assert '<input type="hidden" name="q" value="路灯">' in shown
    assert not re.search(r'(href|action)="[^"]*(q=|%E8%B7%AF)', shown), "in no address"
    response = searched(web, "路灯", format="csv", key=str(uuid.uuid4()))
    assert numbers(response) == [found.number]
    note = ExportNote.objects.get()
    assert (note.rows, note.criteria) == (1, {"scope": "all", "searched": True})
    back = web.client.post(LIST, {"scope": "all", "q": "路灯"})
    assert [case.number for case in back.context["cl"].result_list] == [found.number]


@pytest.mark.usefixtures("long_lists")
def test_a_long_searched_list_keeps_its_rows_and_not_what_was_searched_for(county: County) -> None:
    found = {Story.begin(county, title="路灯不亮", description="路灯").number for _ in range(2)}
    Story.begin(county)
    web = Web.of(county.users["center"])
    response = searched(web, "路灯", format="csv", key=str(uuid.uuid4()))
    errand = Errand.objects.get()
    assert (response.url, len(errand.row_ids)) == (reverse("admin:errand", args=[errand.pk]), 2)
    assert "路灯" not in str(Errand.objects.values().get()) + str(ExportNote.objects.values().get())
    done = worked()
    assert set(numbers(web.get(reverse("admin:errand_file", args=[done.pk])))) == found


@pytest.mark.parametrize("words", ["139 0000 9999", "赵大勇"])
@pytest.mark.parametrize("username", ["center", "handler"])
def test_a_person_is_found_for_the_file_as_on_the_list(county: County, username: str, words: str) -> None:
    secret = PetitionerInput(Disclosure.CONFIDENTIAL, name="赵大勇", phone="13900009999")
    story = Story.begin(county, petitioner=secret).docket().dispatch()
    web = Web.of(county.users[username])
    listed = web.client.post(LIST, {"scope": "all", "q": words}).context["cl"].result_list
    assert [case.number for case in listed] == ([story.number] if username == "center" else [])
    assert searched(web, words).context["count"] == len(listed)
    response = searched(web, words, format="csv", key=str(uuid.uuid4()))
    if listed:
        assert numbers(response) == [story.number]
        assert words not in str(ExportNote.objects.values().get())
    else:
        assert response.status_code == 400
    by_address = web.get(EXPORTS, scope="all", q=words)
    assert by_address.context["count"] == 0, "nobody is found by an address"
