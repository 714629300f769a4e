"""What officers type, open and bring by mistake: a sentence, and nothing half done."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cases.models import Errand, Meeting
from cases.terms import Status
from tests.builders import MONDAY, County
from tests.cases.admin.web import Web, text_of
from tests.stories import story_in

pytestmark = pytest.mark.django_db


def test_the_address_of_a_button_says_so_when_it_is_opened(county: County) -> None:
    """After a new login the browser is led to where the button had sent: not a blank page."""
    response = Web.of(county.users["center"]).get(reverse("admin:meeting_draw_up"))
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert "请回到原来的页面再提交一次" in text_of(response)


def test_a_page_behind_the_last_is_the_first_again(county: County) -> None:
    Meeting.objects.create(kind="weekly", day=date(2026, 1, 7), drawn_up_at=MONDAY)
    page = Web.of(county.users["center"]).page("/admin/meetings/", page="99")
    assert "尚无清单" not in page
    assert ">1月7日</a>" in page


@pytest.mark.parametrize("content", ["hallo", "标题,辖区\n", "标题,辖区\n,,\n\n"])
def test_a_list_without_rows_is_refused_at_once(county: County, content: str) -> None:
    web = Web.of(county.users["center"])
    body = {"key": "7d4e3c0a-5a86-4a3f-8a2e-4a55c8f1d0b1", "file": SimpleUploadedFile("leer.csv", content.encode())}
    response = web.client.post("/admin/imports/cases/", body)
    assert response.status_code == 400
    assert "文件 leer.csv 的表头下面没有数据行。 未保存任何内容。" in text_of(response)
    assert not Errand.objects.exists()


def test_an_export_of_nothing_says_what_to_do(county: County) -> None:
    page = Web.of(county.users["center"]).page("/admin/exports/", q="niemand")
    assert "请返回列表放宽条件" in page
    inbox = Web.of(county.users["center"]).page("/admin/exports/notifications/message/")
    assert "列表为空" in inbox
    assert "请返回列表放宽条件" not in inbox
    story_in(county, Status.HANDLING)
    assert "请返回列表放宽条件" not in Web.of(county.users["center"]).page("/admin/exports/")


def test_a_receipt_names_its_rule_in_words(county: County) -> None:
    story = story_in(county, Status.HANDLING)
    clock = story.case.clocks.exclude(rule="").get(kind="handle")
    page = Web.of(county.users["center"]).page(reverse("admin:clock_receipt", args=[story.number, clock.pk]))
    assert "求助投诉 · 办理时限" in page
    assert "types." not in page


FAR = ["9999-12-31", "0001-01-01"]


@pytest.mark.parametrize("day", FAR)
def test_an_end_that_is_none_narrows_nothing(county: County, day: str) -> None:
    """Neither a day later nor the county's midnight can be reckoned of them."""
    web = Web.of(county.users["auditor"])
    for address in ("/admin/audit/", "/admin/exports/audit/logins/"):
        assert web.get(address, since=day, until=day).status_code == 200


@pytest.mark.parametrize("moment", [f"{FAR[0]}T23:59:59+00:00", f"{FAR[1]}T00:00:00+14:00"])
def test_moments_beyond_the_calendar_are_no_addresses(county: County, moment: str) -> None:
    assert Web.of(county.users["center"]).get("/admin/behind/received/", since=moment).status_code == 404


def test_a_filter_that_is_not_offered_is_none(county: County) -> None:
    """Nor does the page of exports say, or note for the auditor, that it narrowed anything."""
    story_in(county, Status.HANDLING)
    web = Web.of(county.users["leader"])
    asked = {"scope": "open", "status": "closed", "area": county.other_township.code}
    assert len(web.get("/admin/cases/case/", **asked).context["cl"].result_list) == 1
    page = web.get("/admin/exports/", **asked)
    assert page.context["count"] == 1
    assert page.context["chosen"].criteria == {"scope": "open"}
