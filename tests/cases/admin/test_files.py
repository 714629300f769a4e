"""Photos in the officers' site: chosen in a form, kept while it is refused, shown on the page."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cases.models import Attachment, Case
from cases.terms import Status
from config import uploads
from tests import photos
from tests.builders import County
from tests.cases.admin.test_collect import FORM, told
from tests.cases.admin.web import Web, at_moment, case_page, text_of
from tests.photos import send_photo
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db


def file(data: bytes, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def kept_in(page: str, field: str) -> list[str]:
    return re.findall(rf'<input type="checkbox" name="{field}" value="([0-9a-f-]+)" checked>', page)


def opened(web: Web, address: str) -> Any:
    """The answer, read to its end if it is a file."""
    answer = web.get(address)
    if answer.streaming:
        assert b"".join(answer)
    return answer


@pytest.fixture
def web(county: County) -> Web:
    return Web.of(county.users["gridworker"])


def begun(county: County, patch: pytest.MonkeyPatch) -> Story:
    story = Story.begin(county).wait(minutes=5)
    at_moment(patch, story)
    return story


def test_the_button_takes_photos(county: County, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    story = begun(county, monkeypatch)
    page = web.page(case_page(story.number))
    assert 'data-action="resolve_on_spot"' in page
    assert re.search(r'resolve_on_spot/" enctype="multipart/form-data"', page)
    assert re.search(r'<input type="file" name="photos" multiple[^>]*accept="image/jpeg,image/png,image/webp"', page)
    answer = web.press(story, "resolve_on_spot", reply="已清理", photos=[file(photos.jpeg(1)), file(photos.jpeg(2))])
    assert answer.status_code == 302
    assert story.case.status == Status.RATING
    assert Attachment.objects.filter(case=story.case_id, action="resolve_on_spot").count() == 2


def test_pressed_twice_it_is_done_once(county: County, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    story = begun(county, monkeypatch)
    for _ in range(2):
        answer = web.press(story, "resolve_on_spot", version=0, reply="已清理", photos=[file(photos.jpeg())])
        assert answer.status_code == 302
    assert Attachment.objects.count() == 1
    assert [event.kind for event in story.events()] == ["collect", "resolve_on_spot"]


def test_photos_of_a_refused_form_are_kept(county: County, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    story = begun(county, monkeypatch)
    refused = web.press(story, "resolve_on_spot", reply=" ", photos=[file(photos.jpeg())])
    assert refused.status_code == 400
    page = text_of(refused)
    (kept,) = kept_in(page, "photos")
    assert opened(web, f"/admin/cases/case/files/{kept}/?small=1").status_code == 200
    assert web.press(story, "resolve_on_spot", reply="已清理", photos=[kept]).status_code == 302
    assert Attachment.objects.get().case_id == story.case_id


@pytest.mark.parametrize("data", [photos.HEIC, b"<html>", photos.bomb()], ids=["heic", "page", "bomb"])
def test_a_bad_file_is_told_beside_its_field_and_good_ones_stay(
    county: County, web: Web, monkeypatch: pytest.MonkeyPatch, data: bytes
) -> None:
    story = begun(county, monkeypatch)
    refused = web.press(story, "resolve_on_spot", reply="已清理", photos=[file(photos.jpeg()), file(data)])
    assert refused.status_code == 400
    page = text_of(refused)
    assert len(kept_in(page, "photos")) == 1
    assert "已清理</textarea>" in page
    assert 'class="w-wrong"' in page
    assert story.case.status == Status.COLLECTED


def test_files_behind_a_bad_one_are_kept_and_bad_ones_are_named(
    county: County, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = begun(county, monkeypatch)
    sent = [file(photos.HEIC, "一.heic"), file(photos.jpeg(1)), file(b"<html>", "二.jpg"), file(photos.jpeg(2))]
    refused = web.press(story, "resolve_on_spot", reply="已清理", photos=sent)
    page = text_of(refused)
    assert refused.status_code == 400
    assert len(kept_in(page, "photos")) == 2
    assert "一.heic：" in page
    assert "二.jpg：" in page


def test_too_many_files_are_told_and_some_can_be_left_out(county: County) -> None:
    web = Web.of(county.users["intake"])
    many: dict[str, Any] = told(county, attachments=[file(photos.jpeg(12 * number)) for number in range(21)])
    refused = web.client.post(FORM, many)
    assert refused.status_code == 400
    assert "最多 20 个文件，现有 21 个" in text_of(refused)
    kept = kept_in(text_of(refused), "attachments")
    assert len(kept) == 21
    assert web.client.post(FORM, {**many, "attachments": kept[1:]}).status_code == 200
    assert Case.objects.get().attachments.count() == 20


@pytest.mark.parametrize("value", ["x", "../../etc/passwd", '"><script>'])
def test_an_id_that_is_none_is_refused(county: County, web: Web, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    refused = web.press(begun(county, monkeypatch), "resolve_on_spot", reply="已清理", photos=[value])
    assert refused.status_code == 400
    assert kept_in(text_of(refused), "photos") == []
    assert f'value="{value}"' not in text_of(refused)


def test_a_matter_is_taken_in_with_photos_and_papers(county: County) -> None:
    web = Web.of(county.users["intake"])
    given: dict[str, Any] = told(county, attachments=[file(photos.jpeg()), file(photos.PDF, "来信.pdf")])
    assert web.client.post(FORM, given).status_code == 200
    case = Case.objects.get()
    assert case.attachments.count() == 2
    page = text_of(web.case(case.number))
    addresses = re.findall(r'href="(/admin/cases/case/files/[0-9a-f-]+/)"', page)
    assert len(addresses) == 2
    assert len(re.findall(r'<img src="/admin/cases/case/files/[0-9a-f-]+/\?small=1"', page)) == 1
    kinds = {answer.headers["Content-Type"]: answer for answer in (opened(web, address) for address in addresses)}
    assert set(kinds) == {"image/jpeg", "application/pdf"}
    assert kinds["application/pdf"].headers["Content-Disposition"].startswith("attachment")
    assert all(answer.headers["X-Content-Type-Options"] == "nosniff" for answer in kinds.values())


def test_taken_in_twice_it_is_one_case(county: County) -> None:
    web = Web.of(county.users["intake"])
    given = told(county)
    for _ in range(2):
        assert web.client.post(FORM, given | {"attachments": [file(photos.jpeg())]}).status_code == 200
    assert Case.objects.get().attachments.count() == Attachment.objects.count() == 1


def test_files_of_a_refused_matter_are_kept(county: County) -> None:
    web = Web.of(county.users["intake"])
    given = told(county, title="", attachments=[file(photos.jpeg()), file(photos.HEIC)])
    refused = web.client.post(FORM, given)
    assert refused.status_code == 400
    kept = kept_in(text_of(refused), "attachments")
    assert web.client.post(FORM, given | {"title": "路灯不亮", "attachments": kept}).status_code == 200
    assert Case.objects.get().attachments.count() == 1


def test_a_file_follows_its_case(county: County) -> None:
    story = story_in(county, Status.COLLECTED)
    photo = send_photo(county.users["gridworker"])
    address = reverse("admin:cases_case_file", args=[photo.pk])
    seen = {
        name: opened(Web.of(county.users[name]), address).status_code for name in ("gridworker", "township", "admin")
    }
    assert seen == {"gridworker": 200, "township": 404, "admin": 404}
    Attachment.objects.filter(pk=photo.pk).update(case_id=story.case_id, action="collect")
    seen = {
        name: opened(Web.of(county.users[name]), address).status_code for name in ("township", "handler", "auditor")
    }
    assert seen == {"township": 200, "handler": 404, "auditor": 404}


def test_a_huge_form_is_refused_before_it_is_read(county: County, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    story = begun(county, monkeypatch)
    monkeypatch.setattr(uploads, "LARGEST_FORM", 1000)
    assert web.press(story, "resolve_on_spot", reply="已清理", photos=[file(photos.jpeg())]).status_code == 400
    assert not Attachment.objects.exists()
