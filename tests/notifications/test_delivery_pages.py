"""The outbox in the browser: an operator sees what failed and why, and acts on it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifications.models import Delivery
from notifications.routing import route
from notifications.states import State
from tests.builders import MONDAY, County
from tests.cases.admin.web import Web
from tests.notifications.people import reachable, tell

pytestmark = pytest.mark.django_db

PAGE = "/admin/notifications/delivery/"


def outbox(count: int, *, state: State = State.DEAD) -> None:
    for number in range(count):
        tell(reachable(f"p{number}"), "k", number="350924-2026-7654321", now=MONDAY)
    route(now=MONDAY, size=500)
    Delivery.objects.update(state=state, last_error="answered 413", finished_at=MONDAY)


def test_a_dead_letter_shows_its_error_and_nothing_of_the_matter(county: County) -> None:
    outbox(2)
    page = Web.of(county.users["admin"]).page(f"{PAGE}?state=dead")
    assert page.count("对方答复 413") == 2
    assert "7654321" not in page


def test_dead_letters_are_a_tab_of_their_own(county: County) -> None:
    outbox(1, state=State.SENT)
    web = Web.of(county.users["admin"])
    assert '<a href="?state=dead">未送达' in web.page(PAGE)
    assert '<a href="?state=dead" class="w-here" aria-current="page">未送达' in web.page(f"{PAGE}?state=dead")


def test_dead_letters_are_sent_again_and_others_left_alone(county: County) -> None:
    outbox(2)
    first, second = Delivery.objects.order_by("pk")
    Delivery.objects.filter(pk=second.pk).update(state=State.SENT)
    form = {"action": "send_again", "_selected_action": [first.pk, second.pk]}
    assert Web.of(county.users["admin"]).client.post(PAGE, form).status_code == 302
    assert [row.state for row in Delivery.objects.order_by("pk")] == [State.WAITING, State.SENT]


def test_dead_letters_are_given_up(county: County) -> None:
    outbox(1)
    form = {"action": "drop", "_selected_action": [Delivery.objects.get().pk]}
    assert Web.of(county.users["admin"]).client.post(PAGE, form).status_code == 302
    assert Delivery.objects.get().state == State.CANCELLED


@pytest.mark.parametrize("count", [5, 45])
def test_statements_do_not_follow_the_length_of_the_list(county: County, count: int) -> None:
    outbox(count)
    web = Web.of(county.users["admin"])
    web.page(PAGE)
    with CaptureQueriesContext(connection) as queries:
        web.page(PAGE)
    assert len(queries) <= 10
