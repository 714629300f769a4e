"""The words of news in the browser: both languages, tried on an example, in force, and taken back."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from notifications import wordings
from notifications.kinds import all_kinds
from notifications.models import Wording
from notifications.states import ChannelName
from tests.builders import MONDAY, USERNAMES, County
from tests.cases.admin.web import Web, text_of

pytestmark = pytest.mark.django_db

LIST = reverse("admin:wordings")
RED = reverse("admin:wording", args=["alert", 3])


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    wordings.forget()
    yield
    wordings.forget()


def fields(page: Any, **changes: str) -> dict[str, str]:
    """The form as it was shown, with some fields typed over."""
    shown: dict[str, str] = {}
    for side in page.context["sides"]:
        shown |= {
            f"subject.{side.language}": side.saying.subject,
            f"body.{side.language}": side.saying.body,
            f"seen.{side.language}": side.seen,
        }
    return shown | {name.replace("__", "."): value for name, value in changes.items()}


def press(web: Web, button: str, *, address: str = RED, **changes: str) -> Any:
    typed = {name.replace("zh", "zh-hans"): value for name, value in changes.items()}
    return web.client.post(address, {**fields(web.get(address), **typed), "press": button})


@pytest.mark.parametrize("username", USERNAMES)
def test_only_the_system_administrator_opens_or_edits(county: County, username: str) -> None:
    web = Web.of(county.users[username])
    expected = 200 if username == "admin" else 403
    assert web.get(LIST).status_code == expected
    assert web.get(RED).status_code == expected
    if username != "admin":
        assert web.client.post(RED, {"press": "save"}).status_code == 403


def test_the_list_has_every_kind_in_every_colour_and_both_languages(county: County) -> None:
    page = Web.of(county.users["admin"]).page(LIST)
    for kind in all_kinds():
        for colour in kind.sayings:
            assert reverse("admin:wording", args=[kind.code, colour]) in page
    assert "已吹哨，请报到 · {number}" in page
    assert "The whistle was blown: please report in · {number}" in page


def test_trying_shows_the_example_and_writes_nothing(county: County) -> None:
    page = text_of(press(Web.of(county.users["admin"]), "preview", subject__zh="{colour}！{number}", body__zh="{unit}"))
    assert "<strong>红色警示！350924-2026-0001234</strong>\n水利局" in page
    assert not Wording.objects.exists()


def test_each_language_is_tried_in_its_own_words(county: County) -> None:
    chinese, english = Web.of(county.users["admin"]).get(RED).context["sides"]
    assert "系统补发" in chinese.preview.body
    assert english.preview.body.endswith("Sent late by the system: it should have come at 22 Nov 17:30.")


def test_words_are_put_in_force_with_who_and_when_and_taken_back(county: County) -> None:
    web = Web.of(county.users["admin"])
    assert press(web, "save", subject__zh="{colour}！{number}").status_code == 302
    row = Wording.objects.get()
    assert (row.language, row.channel, row.subject, row.changed_by) == (
        "zh-hans",
        "",
        "{colour}！{number}",
        county.users["admin"],
    )
    assert str(county.users["admin"]) in web.page(LIST)
    assert "{colour}！{number}" in web.page(LIST)
    assert press(web, "restore.zh-hans").status_code == 302
    assert not Wording.objects.exists()


def test_words_for_one_channel_stand_beside_those_for_all(county: County) -> None:
    web = Web.of(county.users["admin"])
    sms = f"{RED}?channel=sms"
    press(web, "save", address=sms, subject__en="{number} late")
    row = Wording.objects.get()
    assert (row.language, row.channel, row.subject) == ("en", "sms", "{number} late")
    assert "{number} late" not in web.page(RED)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"subject__zh": ""}, "标题不能为空。"),
        ({"subject__zh": "警示"}, "标题须保留 {number}，以便据此找到事项。"),
        ({"body__en": "{petitioner}"}, "该类消息没有 {petitioner} 这一信息项。"),
    ],
)
@pytest.mark.parametrize("button", ["preview", "save"])
def test_what_is_wrong_is_said_beside_its_field_and_both_languages_are_kept(
    county: County, button: str, changes: dict[str, str], sentence: str
) -> None:
    response = press(Web.of(county.users["admin"]), button, subject__en="{number} kept", **changes)
    assert response.status_code == 400
    assert sentence in text_of(response)
    assert "{number} kept" in text_of(response)
    assert not Wording.objects.exists(), "both languages or none"


def test_two_editors_the_second_keeps_the_text_and_reads_a_sentence(county: County) -> None:
    web = Web.of(county.users["admin"])
    seen = fields(web.get(RED), **{"subject.zh-hans": "{number} 二"})
    press(web, "save", subject__zh="{number} 一")
    response = web.client.post(RED, {**seen, "press": "save"})
    assert response.status_code == 400
    assert "{number} 二" in text_of(response)
    assert "该文本刚被他人修改" in text_of(response)
    assert Wording.objects.get().subject == "{number} 一"
    assert web.client.post(RED, {**seen, "press": "restore.zh-hans"}).status_code == 302
    assert Wording.objects.get().subject == "{number} 一"


@pytest.mark.parametrize(
    "address",
    [
        reverse("admin:wording", args=["nothing", 0]),
        reverse("admin:wording", args=["alert", 9]),
        f"{RED}?channel=fax",
    ],
)
def test_words_of_what_does_not_exist(county: County, address: str) -> None:
    assert Web.of(county.users["admin"]).get(address).status_code == 404


def test_a_press_without_sense_changes_nothing(county: County) -> None:
    web = Web.of(county.users["admin"])
    assert web.client.post(RED, {"press": "restore.fr"}).status_code == 404
    assert web.client.post(RED, {"press": "save", "seen.en": "yesterday"}).status_code == 400
    assert not Wording.objects.exists()


@pytest.mark.parametrize("every", [False, True])
def test_statements_do_not_follow_how_much_was_edited(county: County, every: bool) -> None:
    channels = ["", *ChannelName] if every else [""]
    Wording.objects.bulk_create(
        Wording(kind="alert", colour=3, channel=channel, language=language, subject="{number}", changed_at=MONDAY)
        for channel in channels
        for language in ("zh-hans", "en")
    )
    web = Web.of(county.users["admin"])
    for address in (LIST, RED):
        web.page(address)
        with CaptureQueriesContext(connection) as queries:
            web.page(address)
        assert len(queries) <= 6, address
