"""Who is told of what: the administrator's table, the channels, the hours, and whom nothing reaches."""

from datetime import time
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from grids.roles import Role
from notifications.governing import demands_now
from notifications.models import Address, ChannelTerms, Demand, OfficeHours
from notifications.states import ChannelName, DemandKind
from tests.builders import USERNAMES, County, add_post, add_user
from tests.cases.admin.web import Web, opened_by, text_of
from tests.notifications.people import add_address, open_channel

pytestmark = pytest.mark.django_db

PAGE = reverse("admin:demands")
SMS = ChannelName.SMS


def require(channel: ChannelName) -> None:
    open_channel(channel)
    Demand.objects.filter(channel=channel, colour=3).update(demand=DemandKind.REQUIRED)


def names(response: Any) -> list[str]:
    return [user.username for user in response.context["shown"].rows]


@pytest.mark.parametrize("username", USERNAMES)
def test_only_the_system_administrator_opens_or_changes(county: County, username: str) -> None:
    terms = ChannelTerms.objects.create(channel=SMS)
    hours = OfficeHours.objects.create()
    web = Web.of(county.users[username])
    allowed = username == "admin"
    pages = [
        PAGE,
        reverse("admin:notifications_channelterms_changelist"),
        reverse("admin:notifications_channelterms_change", args=[terms.pk]),
        reverse("admin:notifications_officehours_change", args=[hours.pk]),
    ]
    assert [web.get(page).status_code for page in pages] == [200 if allowed else 403] * 4
    if not allowed:
        assert web.client.post(PAGE, {"3.sms": "never"}).status_code == 403
    assert not Demand.objects.exists()


def test_the_table_is_changed_cell_by_cell(county: County) -> None:
    require(SMS)
    web = Web.of(county.users["admin"])
    typed = {"1.sms": "never", "seen.1.sms": "on", "2.sms": "nonsense", "9.sms": "on"}
    assert web.client.post(PAGE, typed).status_code == 302
    found = demands_now()
    assert (found[1, SMS], found[2, SMS], found[3, SMS]) == ("never", "on", "required")
    assert "开启，不可关闭" in web.page(PAGE)


def cells(page: Any) -> dict[str, str]:
    """Everything that a browser would send of the table, were it saved at once."""
    every = [cell for _chip, cells in page.context["lines"] for cell in cells]
    return {cell.name: cell.value for cell in every} | {f"seen.{cell.name}": cell.seen for cell in every}


def test_an_older_tab_takes_back_nothing(county: County) -> None:
    open_channel(SMS)
    web = Web.of(county.users["admin"])
    one, other = cells(web.get(PAGE)), cells(web.get(PAGE))
    assert web.client.post(PAGE, one | {"3.sms": "required", "1.sms": "off"}).status_code == 302
    assert web.client.post(PAGE, other | {"2.email": "required"}).status_code == 302, "another cell"
    found = demands_now()
    assert (found[3, SMS], found[1, SMS], found[2, ChannelName.EMAIL]) == ("required", "off", "required")
    refused = web.client.post(PAGE, other | {"3.sms": "off"})
    assert refused.status_code == 409
    assert "打开本页后，他人已修改其内容，本次未保存。" in text_of(refused)
    assert "现为：必须开启" in text_of(refused)
    assert demands_now() == found
    shown = cells(refused)
    assert (shown["3.sms"], shown["1.sms"]) == ("off", "off"), "what was typed, and what holds where nothing was"
    assert web.client.post(PAGE, shown).status_code == 302
    assert demands_now() == found | {(3, SMS): "off"}


def test_who_changed_the_table_stands_in_the_log(county: County) -> None:
    open_channel(SMS)
    web = Web.of(county.users["admin"])
    page = cells(web.get(PAGE))
    for _ in range(2):
        assert web.client.post(PAGE, page | {"3.sms": "required"}).status_code == 302
    assert LogEntry.objects.get().user == county.users["admin"]
    assert "红色 · 短信 · 必须开启" in Web.of(county.users["auditor"]).page("/admin/audit/", kind="changes")


def test_whom_a_required_channel_cannot_reach(county: County) -> None:
    web = Web.of(county.users["admin"])
    assert "启用的渠道中没有必达要求。" in web.page(PAGE)
    require(SMS)
    add_user("without-a-post")
    for user in county.users.values():
        if user.username != "handler":
            add_address(user, SMS)
    assert names(web.get(PAGE)) == ["handler"]
    Address.objects.filter(user=county.users["center"]).update(is_active=False)
    add_address(county.users["handler"], ChannelName.EMAIL)
    assert names(web.get(PAGE)) == ["center", "handler"], "an address that failed or of another channel is none"
    Address.objects.update(is_active=True)
    add_address(county.users["handler"], SMS)
    assert "所有在岗人员均已登记相应地址。" in web.page(PAGE)
    ChannelTerms.objects.update(is_on=False)
    assert names(web.get(PAGE)) == []


@pytest.mark.parametrize("count", [2, 45])
def test_statements_do_not_follow_the_number_of_people(county: County, count: int) -> None:
    for channel in ChannelName:
        require(channel)
    for number in range(count):
        add_post(add_user(f"more{number}"), Role.DEPARTMENT_HANDLER, county.water)
    web = Web.of(county.users["admin"])
    web.page(PAGE)
    with CaptureQueriesContext(connection) as queries:
        page = web.get(PAGE)
    assert len(page.context["shown"].rows) <= 30
    assert len(queries) <= 10


def test_channels_are_switched_and_limited_but_neither_added_nor_deleted(county: County) -> None:
    terms = ChannelTerms.objects.create(channel=SMS)
    web = Web.of(county.users["admin"])
    page = reverse("admin:notifications_channelterms_change", args=[terms.pk])
    form = {"is_on": "True", "per_minute": "60", "timeout": "15", "attempts": "5"}
    assert web.client.post(page, form | opened_by(web.get(page))).status_code == 302
    terms.refresh_from_db()
    assert (terms.channel, terms.is_on, terms.per_minute, terms.timeout, terms.attempts) == (SMS, True, 60, 15, 5)
    for wrong in ({"timeout": "0"}, {"timeout": "61"}, {"attempts": "51"}, {"per_minute": "-1"}):
        assert web.client.post(page, form | wrong).status_code == 200
    assert web.get(reverse("admin:notifications_channelterms_add")).status_code == 403
    assert web.client.post(reverse("admin:notifications_channelterms_delete", args=[terms.pk])).status_code == 403
    assert ChannelTerms.objects.get().timeout == 15


def test_a_channel_says_what_follows_from_switch_and_configuration(county: County, settings: LazySettings) -> None:
    terms = ChannelTerms.objects.create(channel=SMS)
    page = reverse("admin:notifications_channelterms_change", args=[terms.pk])
    web = Web.of(county.users["admin"])
    for url, switch, words in (
        ("", "", "未启用：未设置 SMS_GATEWAY_URL"),
        ("", "True", "消息暂存，待设置 SMS_GATEWAY_URL 后发送"),
        ("https://sms.example.org", "True", "正常发送"),
        ("https://sms.example.org", "False", "未启用：已人工停用"),
        ("https://sms.example.org", "", "正常发送"),
    ):
        settings.SMS_GATEWAY_URL = url
        form = {"is_on": switch, "per_minute": "60", "timeout": "15", "attempts": "5"}
        assert web.client.post(page, form | opened_by(web.get(page))).status_code == 302
        assert words in web.page(page), (url, switch)
        assert words in web.page(reverse("admin:notifications_channelterms_changelist"))


def test_hours_are_one_row_that_people_can_write(county: County) -> None:
    row = OfficeHours.objects.create()
    web = Web.of(county.users["admin"])
    page = reverse("admin:notifications_officehours_change", args=[row.pk])
    assert web.get(reverse("admin:notifications_officehours_changelist")).headers["Location"] == page
    assert "08:30, 14:30" in web.page(page)
    form = {"quiet_from": "21:30", "quiet_until": "06:30", "storm_from": "8", "digests": "16:00，09:00、9:00"}
    assert "请按 08:30, 14:30 的格式填写时刻。" in text_of(web.client.post(page, form))
    assert web.client.post(page, form | {"digests": "16:00，09:00"} | opened_by(web.get(page))).status_code == 302
    row.refresh_from_db()
    assert (row.quiet_from, row.quiet_until, row.storm_from) == (time(21, 30), time(6, 30), 8)
    assert row.digests == [time(9), time(16)]
    for wrong in ({"digests": "25:00"}, {"digests": "1:2:3:4"}, {"storm_from": "1"}, {"digests": "09:00," * 7}):
        assert web.client.post(page, form | wrong).status_code == 200
    assert web.client.post(page, form | {"digests": ""} | opened_by(web.get(page))).status_code == 302
    row.refresh_from_db()
    assert row.digests == []
    assert web.get(reverse("admin:notifications_officehours_add")).status_code == 403
    shown = web.page(page)
    assert "_addanother" not in shown
    assert reverse("admin:notifications_officehours_add") not in shown
