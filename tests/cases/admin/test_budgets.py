"""No page of the desk costs more than twelve statements, nor more where there is more to show (house rule 12).

Every page that a person can open: those without an argument are taken from the addresses themselves, so that a new page
is held to it from its first day; those of single rows are opened for a row of each table. What a process reads once in
half a minute is read before anything is counted.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from cases.actions.meetings import draw_up
from cases.admin.audit_page import SOURCES
from cases.admin.export_words import COLUMNS
from cases.models import Case, Clock, ExportNote, JournalMaintenance, Meeting, Reconciliation, SupervisionOrder
from cases.previews import FORESEEN
from cases.terms import MeetingKind, Status
from grids.models import User
from notifications.models import Message, OfficeHours
from tests.builders import USERNAMES, County, add_post, add_user
from tests.cases.admin.test_sealed import accuse
from tests.cases.admin.web import LIST, Web, case_page
from tests.cases.api.crowd import copies
from tests.cases.api.test_side_paths import everything
from tests.stories import story_in

pytestmark = pytest.mark.django_db

MOST: Final = 12
#: Answers that are no pages.
_NO_PAGES: Final = ("/admin/logout/", "/admin/jsi18n/", "/admin/autocomplete/")
#: Who opens the most pages is asked at every run, the others by `make slow`.
_AT_EVERY_RUN: Final = "center"
_AT_LENGTH: Final = [pytest.param(name, marks=pytest.mark.slow) for name in USERNAMES if name != _AT_EVERY_RUN]
_VIEWS: Final = ("scope=todo", "scope=red", "scope=returned", "scope=all&status=closed", "scope=mine", "q=水管")


@pytest.mark.parametrize("username", [_AT_EVERY_RUN, *_AT_LENGTH])
def test_every_page_stays_within_its_budget(county: County, username: str) -> None:
    furnish(county)
    web = Web.of(county.users[username])
    opened = [address for address in addresses() if web.get(address).status_code == 200]
    assert {reverse("admin:index"), LIST} <= set(opened)
    few = _costs(web, opened)
    _crowd(county)
    _costs(web, [LIST])  # a new user, unit or area is looked for once
    many = _costs(web, opened)
    grown = {address: (few[address], cost) for address, cost in many.items() if cost > few[address]}
    over = {address: cost for address, cost in (few | many).items() if cost > MOST}
    assert not over
    assert not grown


def _costs(web: Web, addresses: Sequence[str]) -> dict[str, int]:
    found = {}
    for address in addresses:
        with CaptureQueriesContext(connection) as queries:
            web.get(address)
        found[address] = len(queries)
    return found


def furnish(county: County) -> None:
    """Something in every table that a page shows."""
    everything(county)
    for status in Status:
        if status not in {Status.MERGED, Status.SUSPENDED}:
            story_in(county, status)
    accuse(county)
    now = timezone.now()
    draw_up(MeetingKind.WEEKLY, now=now, county=county.county.code)
    _trails(county.users["center"], 1)
    Reconciliation.objects.create(started_at=now, finished_at=now, started_by=county.users["admin"])
    ExportNote.objects.create(at=now, user=county.users["center"], what="cases", format="csv", rows=1)
    OfficeHours.objects.get_or_create()
    JournalMaintenance.objects.create(at=now, database_user="operator", operation="UPDATE", reason="test")


def _trails(user: User, count: int) -> None:
    """What people leave behind by looking in: logins, good and bad, and news that nobody has read."""
    for number in range(count):
        seen = {
            "username": user.username,
            "ip_address": f"10.0.0.{number}",
            "user_agent": f"{count}-{number}",
            "http_accept": "",
        }
        for model in (AccessLog, AccessAttempt, AccessFailureLog):
            more = {"failures_since_start": 1, "get_data": "", "post_data": ""} if model is AccessAttempt else {}
            model.objects.create(**seen, **more, path_info="/admin/login/")
    Message.objects.bulk_create(
        Message(recipient=one, key=f"t{count}-{number}", kind="reminded", subject="催办", created_at=timezone.now())
        for one in User.objects.all()
        for number in range(count)
    )


def _crowd(county: County) -> None:
    """Much more of everything."""
    case = Case.objects.filter(status=Status.HANDLING).order_by("pk").first()
    assert case is not None
    copies(case.pk, 200)
    for number in range(30):
        user = add_user(f"more-{number}")
        add_post(user, next(iter(county.actor("handler").posts)).role, county.water)
    everything(county)
    _trails(county.users["center"], 30)


def addresses() -> Iterator[str]:
    """Pages without an argument, the work list in its views, and those of single rows."""
    for route in _routes(get_resolver().url_patterns, "/"):
        if route.startswith("/admin/") and not set("<(^") & set(route) and not route.startswith(_NO_PAGES):
            yield route
    yield from (f"{LIST}?{query}" for query in _VIEWS)
    for order in SupervisionOrder.objects.select_related("case")[:1]:
        yield f"{LIST}{order.case.number}/paper/?order={order.pk}"
    for number, case in enumerate(Case.objects.order_by("pk")):
        yield from _of_case(case, whole=number < 2)
    for model in admin.site._registry:
        row = model._base_manager.order_by("pk").first()
        if row is not None and model is not Case:
            page = f"admin:{model._meta.app_label}_{model._meta.model_name}"
            yield from (reverse(f"{page}_{kind}", args=[row.pk]) for kind in ("change", "history", "delete"))
    yield from _exports()
    for meeting in Meeting.objects.all()[:1]:
        yield from (reverse(f"admin:{name}", args=[meeting.pk]) for name in ("meeting", "meeting_print"))


def _exports() -> Iterator[str]:
    """The page that each list goes out by."""
    for model in set(admin.site._registry) - {Case}:
        yield reverse("admin:list_export", args=[model._meta.app_label, model._meta.model_name])
    yield from (reverse("admin:behind_export", args=[kind]) for kind in ("open", "others", "disputed", "asked"))
    yield from (reverse("admin:audit_export", args=[kind]) for kind in SOURCES)
    yield from (reverse("admin:orders_export", args=[column]) for column in COLUMNS)


def _of_case(case: Case, *, whole: bool) -> Iterator[str]:
    """`whole`: with the fragments that a case page asks for."""
    yield case_page(case.number)
    yield f"{LIST}{case.number}/paper/"
    if not whole:
        return
    yield from (f"{LIST}{case.number}/{part}" for part in ("similar/", "news/?version=1"))
    yield from (f"{LIST}{case.number}/preview/{action.value}/" for action in sorted(FORESEEN))
    for clock in Clock.objects.filter(case=case)[:2]:
        yield reverse("admin:clock_receipt", args=[case.number, clock.pk])


def _routes(patterns: Sequence[URLPattern | URLResolver], begun: str) -> Iterator[str]:
    for pattern in patterns:
        route = f"{begun}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, route)
        else:
            yield route
