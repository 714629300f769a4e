"""The engine's page: what a person on duty reads, also while something is dead."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases import figures, pulse
from cases.escalation import sweep
from cases.models import Clock, Reconciliation, SweepDay
from cases.reconciling import begin, carry_on, under_way
from config.engine_page import ENGINE_READERS
from notifications import figures as outbox
from notifications.models import Delivery
from notifications.pulse import courier_lives
from tests.builders import MONDAY, USERNAMES, County
from tests.cases.admin.web import Web
from tests.config.test_health import beat_at
from tests.stories import Story

pytestmark = pytest.mark.django_db

PAGE, RECONCILE = reverse("admin:engine"), reverse("admin:engine_reconcile")


@pytest.fixture(autouse=True)
def _empty_redis() -> Iterator[None]:
    pulse.client().flushdb()
    yield
    pulse.client().flushdb()


@pytest.fixture
def web(county: County) -> Web:
    return Web.of(county.users["admin"])


@pytest.fixture
def _every_year_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Towards the end of a year the next one is missing, and the page says so."""
    monkeypatch.setattr("config.health.missing_in", lambda *_versions, now: None)


def alive() -> None:
    now = timezone.now()
    pulse.beat(now=now)
    courier_lives(now=now)
    beat_at(now)


def swept(county: County, *, count: int = 1) -> None:
    now = timezone.now()
    for _ in range(count):
        Story.begin(county, at=now - timedelta(days=20))
    figures.note(sweep(now=now, size=200), started=now)


def dead_letter(county: County, channel: str = "email") -> None:
    now = timezone.now()
    Delivery.objects.create(
        key=f"k{Delivery.objects.count()}", recipient=county.users["handler"], language="zh-hans", channel=channel,
        state="dead", not_before=now, finished_at=now, created_at=now,
    )  # fmt: skip


def test_who_opens_it(county: County) -> None:
    opens = {name for name in USERNAMES if Web.of(county.users[name]).get(PAGE).status_code == 200}
    assert opens == {name for name, role in USERNAMES.items() if role in ENGINE_READERS}
    assert {Web.of(county.users[name]).get(PAGE).status_code for name in USERNAMES.keys() - opens} == {403}


@pytest.mark.usefixtures("_every_year_is_known")
def test_an_engine_that_works_is_called_well(county: County, web: Web) -> None:
    alive()
    swept(county, count=2)
    page = web.page(PAGE)
    assert "运行正常：提醒与消息均按时处理。" in page
    assert "没有到期未处理的时刻" in page
    assert "没有等待发送的消息，也没有未送达的消息。" in page
    assert "尚未完成过核对" in page
    assert "2 个时限，分 1 批处理" in page
    assert page.count("<strong>2</strong>") == 3, "blue, yellow and red of today"


def test_dead_parts_are_said_in_sentences(county: County, web: Web) -> None:
    page = web.page(PAGE)
    assert "存在故障" in page
    assert page.count("尚未报告过运行状态") == 3


def test_a_dead_redis_does_not_take_the_page_with_it(
    county: County, web: Web, settings: LazySettings, tmp_path: Path
) -> None:
    settings.REDIS_URL = f"unix://{tmp_path}/none.sock"
    swept(county)
    page = web.page(PAGE)
    assert "没有应答：ConnectionError" in page
    assert "1 个时限，分 1 批处理" in page


def test_what_was_set_aside_and_what_is_dead_leads_to_its_list(county: County, web: Web) -> None:
    Story.begin(county, at=timezone.now())
    Clock.objects.update(held_until=timezone.now())
    dead_letter(county)
    page = web.page(PAGE)
    assert 'href="/admin/cases/clock/"' in page.split('class="w-engine"')[1]
    assert 'href="/admin/notifications/delivery/?state=dead&channel=email"' in page
    reads = Web.of(county.users["inspector"]).page(PAGE)
    assert "1 个时限被搁置" in reads
    assert "/admin/notifications/delivery/" not in reads
    assert "/admin/cases/clock/" not in reads


def test_the_chart_has_the_hours_of_the_last_day(county: County, web: Web) -> None:
    assert "近一天没有需要处理的时限。" in web.page(PAGE)
    swept(county)
    response = web.get(PAGE)
    chart = json.loads(response.context["chart"])
    (longest,) = chart["datasets"]
    assert len(chart["labels"]) == len(longest["data"]) == 24
    assert longest["data"][-1] > 0 == longest["data"][0]


def test_hours_are_those_of_the_office(county: County) -> None:
    at = MONDAY.replace(hour=9, minute=59)
    Story.begin(county, at=MONDAY - timedelta(days=3))
    figures.note(sweep(now=at, size=9), started=at)
    at_eleven = MONDAY.replace(hour=11)
    *_, first, second, third = figures.hours(figures.runs_by_hour(now=at_eleven), now=at_eleven)
    assert [(hour.begins.hour, hour.batches) for hour in (first, second, third)] == [(9, 1), (10, 0), (11, 0)]
    assert first.longest == first.mean > 0


def test_the_last_reconciliation_and_the_button(county: County, web: Web) -> None:
    now = timezone.now()
    Story.begin(county, at=now)
    Clock.objects.update(next_moment=None)
    run = carry_on(begin(now=now), ticks=[now, now])
    page = web.page(PAGE)
    assert "发现 1 处不符，已修复 1 处，剩余 0 处。" in page
    assert reverse("admin:cases_reconciliation_change", args=[run.pk]) in page
    assert RECONCILE in page
    assert RECONCILE not in Web.of(county.users["auditor"]).page(PAGE)


def test_pressing_the_button_leaves_a_request_that_the_next_minute_finds(county: County, web: Web) -> None:
    answer = web.client.post(RECONCILE, follow=True)
    run = under_way()
    assert run is not None
    assert run.started_by == web.user
    assert "核对将在一分钟内开始" in answer.content.decode()
    assert "正在核对：已核对 0 件事项" in web.page(PAGE)
    assert "核对正在进行" in web.client.post(RECONCILE, follow=True).content.decode()
    assert Reconciliation.objects.count() == 1


@pytest.mark.parametrize("name", ["auditor", "inspector", "center"])
def test_nobody_else_starts_one(county: County, name: str) -> None:
    assert Web.of(county.users[name]).client.post(RECONCILE).status_code == 403
    assert Reconciliation.objects.count() == 0


@pytest.mark.usefixtures("_every_year_is_known")
def test_what_renews_itself_is_the_same_without_its_frame(county: County, web: Web) -> None:
    alive()
    part = web.page(PAGE, part="1")
    assert "运行正常" in part
    assert "<html" not in part
    assert "<canvas" not in part


def test_it_costs_the_same_for_a_little_and_for_much(county: County, web: Web) -> None:
    alive()
    costs = []
    for count, channels in ((2, ["email"]), (30, ["email", "sms", "webhook", "wecom"])):
        swept(county, count=count)
        for channel in channels:
            dead_letter(county, channel)
        SweepDay.objects.get_or_create(day=MONDAY.date() + timedelta(days=count))
        with CaptureQueriesContext(connection) as queries:
            web.page(PAGE)
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 12


def test_a_part_that_cannot_be_asked_spoils_its_own_line(
    county: County, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with a table that is locked or an index that is gone; a figure beside the checks takes the others along."""
    monkeypatch.setattr(outbox, "dead", lambda: ("SELECT 1 / 0", ()))
    swept(county)
    page = web.page(PAGE)
    assert page.count("没有应答：DataError") == 1
    assert "没有到期未处理的时刻" in page
    assert "1 个时限，分 1 批处理" not in page


def test_the_sidebar_leads_to_it(county: County, web: Web) -> None:
    links: dict[str, Any] = {name: PAGE in Web.of(county.users[name]).page("/admin/") for name in USERNAMES}
    assert {name for name, shown in links.items() if shown} == {"admin", "auditor", "inspector"}
