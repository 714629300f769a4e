"""What the auditor finds of logins, looks, exports and changes: by person, kind and days, without a word of a case."""

import csv
import io
import re
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from axes.models import AccessFailureLog, AccessLog
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.actions.exporting import note_export
from cases.actions.publishing import publish_calendar, publish_policy
from cases.actions.unsealing import unseal
from cases.admin import exports_page
from cases.calendar import ZONE
from cases.models import ExportNote
from cases.official_days import official_calendar
from cases.terms import CaseType, Status
from grids.actors import SERVICE
from grids.models import User
from notifications.editing import restore, reword
from notifications.kinds import Saying
from tests.builders import MONDAY, USERNAMES, County, policy_document
from tests.cases.admin.web import Web
from tests.stories import Story, story_in
from tests.working import sent, worked

pytestmark = pytest.mark.django_db

AUDIT = reverse("admin:audit")
KINDS = ("logins", "failures", "looks", "exports", "changes")


def lines(web: Web, **asked: str) -> list[tuple[str, str]]:
    response = web.get(AUDIT, **asked)
    assert response.status_code == 200
    return [(line.who, str(line.what)) for line in response.context["lines"]]


def logged_in(username: str, at: datetime) -> None:
    row = AccessLog.objects.create(username=username, ip_address="10.0.0.7", user_agent="x", http_accept="x")
    AccessLog.objects.filter(pk=row.pk).update(attempt_time=at)


@pytest.mark.parametrize("username", USERNAMES)
def test_the_auditor_alone_opens_it(county: County, username: str) -> None:
    web = Web.of(county.users[username])
    assert web.get(AUDIT).status_code == (200 if username == "auditor" else 403)
    assert (f'href="{AUDIT}"' in web.page("/admin/")) is (username == "auditor")


def test_logins_by_person_and_days_as_the_county_counts_them(county: County) -> None:
    User.objects.filter(username="center").update(full_name="罗向岩")
    night = datetime(2026, 3, 3, 0, 30, tzinfo=ZONE)  # still the second of March in UTC
    logged_in("center", night)
    logged_in("handler", night - timedelta(days=1))
    web = Web.of(county.users["auditor"])
    own = ("罗向岩 (center)", "10.0.0.7")
    assert lines(web, kind="logins", person="罗向") == [own]
    assert lines(web, kind="logins", since="2026-03-03", until="2026-03-03") == [own]
    assert [who for who, _ in lines(web, until="2026-03-02")] == ["handler (handler)"]
    assert lines(web, person="nobody") == []
    assert len(lines(web, since="no day", kind="no kind")) == 3, "the auditor logged in too"


def test_failed_logins_are_kept_and_a_password_in_the_wrong_field_is_not_shown(county: County) -> None:
    login = reverse("admin:login")
    for name in ("center", "Quiet-river-2026"):
        Client().post(login, {"username": name, "password": "wrong"})
    assert AccessFailureLog.objects.count() == 2
    web = Web.of(county.users["auditor"])
    assert [who for who, _ in lines(web, kind="failures")] == ["未知用户名", "center (center)"]
    assert "Quiet-river-2026" not in web.page(AUDIT, kind="failures")
    assert [who for who, _ in lines(web, kind="failures", person="center")] == ["center (center)"]


def test_looks_without_those_at_sealed_cases(county: County) -> None:
    open_one = story_in(county, Status.HANDLING)
    sealed = Story.begin(county, type=CaseType.ACCUSATION, accused_units=(county.water,))
    _look(county, open_one)
    _look(county, sealed, by="petition")
    web = Web.of(county.users["auditor"])
    assert lines(web, kind="looks") == [("center (center)", open_one.number)]
    page = web.page(AUDIT, kind="looks")
    for words in (sealed.number, "回电核实地址", "自来水管漏水", "王小明"):
        assert words not in page


def test_exports_and_changes(county: County) -> None:
    actor = county.actor("center")
    note_export(what="cases", format="csv", criteria={}, rows=7, actor=actor, now=MONDAY)
    admin = Web.of(county.users["admin"])
    body = {"user": county.users["handler"].pk, "role": "grid_worker", "area": county.village.pk}
    assert admin.client.post("/admin/grids/post/add/", {**body, "valid_from": "2026-01-01"}).status_code == 302
    web = Web.of(county.users["auditor"])
    assert lines(web, kind="exports") == [("center (center)", "事项清单")]
    assert "csv · 7 行 · 未完成" in web.page(AUDIT, kind="exports")
    ((who, what),) = lines(web, kind="changes", person="admin", since=f"{timezone.localdate():%Y-%m-%d}")
    assert who == "admin (admin)"
    assert what.startswith("岗位")


def test_a_change_is_called_one(county: County) -> None:
    """Django's own word, which the head of the column must not take the place of."""
    LogEntry.objects.log_actions(county.users["admin"].pk, [county.water], CHANGE, single_object=True)
    page = Web.of(county.users["auditor"]).page(AUDIT, kind="changes")
    assert re.search(r"<td[^>]*>\s*修改\s*</td>", page)


def test_limits_calendar_and_words_name_who_changed_them(county: County) -> None:
    actor, place = county.actor("admin"), ("alert", 3, "", "zh-hans")
    rules, now = policy_document(), timezone.now()
    publish_policy(rules=rules, follows=1, valid_from=now, reason="提速", actor=actor, now=now)
    publish_calendar(calendar=official_calendar(), reason="调休", actor=actor, now=now)
    reword(place=place, saying=Saying("{number} 红色"), seen=None, by_id=actor.user_id, now=now)
    restore(place=place, seen=now, by_id=actor.user_id)
    publish_calendar(calendar=official_calendar(), reason="年度", actor=SERVICE, now=now)
    told = lines(Web.of(county.users["auditor"]), kind="changes")
    assert [who for who, _what in told] == ["admin (admin)"] * 4
    assert [what.split()[0] for _who, what in reversed(told)] == [
        "时限规则版本",
        "工作日历版本",
        "消息用语",
        "消息用语",
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_a_longer_list_costs_no_more_queries(county: County, kind: str) -> None:
    web, actor = Web.of(county.users["auditor"]), county.actor("center")

    def more(count: int) -> None:
        for _ in range(count):
            logged_in("center", MONDAY)
            AccessFailureLog.objects.create(username="center", ip_address="10.0.0.7", user_agent="x", http_accept="x")
            note_export(what="cases", format="csv", criteria={}, rows=7, actor=actor, now=MONDAY)

    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            web.page(AUDIT, kind=kind, person="center")
        return len(seen)

    more(2)
    cost()
    few = cost()
    more(30)
    assert cost() == few <= 12


def test_pages(county: County) -> None:
    for _ in range(51):
        logged_in("center", MONDAY)
    web = Web.of(county.users["auditor"])
    page = web.get(AUDIT, person="center")
    assert len(page.context["lines"]) == 50
    following: Any = web.client.get(f"{AUDIT}?{page.context['query']}page=2")
    assert len(following.context["lines"]) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_goes_out_as_the_page_shows_it(county: County, kind: str) -> None:
    story = story_in(county, Status.HANDLING)
    _look(county, story)
    sealed = Story.begin(county, type=CaseType.ACCUSATION, accused_units=(county.water,))
    _look(county, sealed, by="petition")
    for name in ("center", "Quiet-river-2026"):
        Client().post(reverse("admin:login"), {"username": name, "password": "wrong"})
    logged_in("center", MONDAY)
    note_export(what="cases", format="csv", criteria={}, rows=7, actor=county.actor("center"), now=MONDAY)
    web = Web.of(county.users["auditor"])
    shown = lines(web, kind=kind)
    address = reverse("admin:audit_export", args=[kind])
    assert f'href="{address}?' in web.page(AUDIT, kind=kind) or not shown
    if not shown:
        assert web.client.post(address, {"format": "csv", "key": str(uuid4())}).status_code == 400
        return
    content = sent(web.client.post(address, {"format": "csv", "key": str(uuid4())}))
    rows = list(csv.reader(io.StringIO(content)))[1:]
    assert [(row[1], row[2]) for row in rows] == [(who, what) for who, what in shown]
    for words in (sealed.number, "Quiet-river-2026", "回电核实地址", "王小明"):
        assert words not in content
    note = ExportNote.objects.latest("id")
    assert (note.what, note.rows, note.criteria) == (f"audit.{kind}", len(rows), {})


def test_a_person_that_was_looked_for_is_not_noted(county: County) -> None:
    logged_in("center", MONDAY)
    web, address = Web.of(county.users["auditor"]), reverse("admin:audit_export", args=["logins"])
    asked = "?person=center&since=2026-03-01&until="
    response = web.client.post(f"{address}{asked}", {"format": "csv", "key": str(uuid4())})
    assert "center" in sent(response)
    assert ExportNote.objects.get().criteria == {"since": "2026-03-01", "searched": True}
    assert Web.of(county.users["admin"]).get(address).status_code == 403
    assert web.get(reverse("admin:audit_export", args=["nothing"])).status_code == 404


def test_a_long_log_is_made_by_the_worker(county: County, monkeypatch: pytest.MonkeyPatch, working: object) -> None:
    monkeypatch.setattr(exports_page, "AT_ONCE", 1)
    for _ in range(3):
        logged_in("center", MONDAY)
    web, address = Web.of(county.users["auditor"]), reverse("admin:audit_export", args=["logins"])
    web.client.post(f"{address}?person=center", {"format": "csv", "key": str(uuid4())})
    done = worked()
    assert (done.state, done.done) == ("done", 3), done.trouble
    content = sent(web.get(reverse("admin:errand_file", args=[done.pk])))
    assert content.count("10.0.0.7") == 3


def _look(county: County, story: Story, *, by: str = "center") -> None:
    unseal(
        case_id=story.case_id,
        petitioner_id=story.case.petitioners.get().pk,
        actor=county.actor(by, now=story.now),
        reason="回电核实地址",
        now=story.now,
    )
