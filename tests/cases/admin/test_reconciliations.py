"""The reports of the nightly reconciliation in the browser: counts for whoever watches, ids for those who mend."""

from datetime import timedelta
from itertools import repeat

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import Clock, Reconciliation
from cases.reconciling import begin, carry_on
from tests.builders import MONDAY, County
from tests.cases.admin.web import Web
from tests.stories import Story

pytestmark = pytest.mark.django_db

LIST = reverse("admin:cases_reconciliation_changelist")


def page_of(run: Reconciliation) -> str:
    return reverse("admin:cases_reconciliation_change", args=[run.pk])


def reconciled(county: County, *, wrong: bool) -> tuple[Story, Reconciliation]:
    story = Story.begin(county)
    if wrong:
        Clock.objects.filter(case=story.case_id).update(next_moment=None)
    now = MONDAY + timedelta(minutes=1)
    return story, carry_on(begin(now=now), ticks=repeat(now))


def test_what_was_found_is_shown_with_its_case_to_the_administrator(county: County) -> None:
    story, run = reconciled(county, wrong=True)
    web = Web.of(county.users["admin"])
    assert "2026" in web.page(LIST)
    page = web.page(page_of(run))
    assert "时限等待的时刻有误" in page
    assert "明细" in page
    assert f"<td>{story.case_id}</td>" in page


@pytest.mark.parametrize("name", ["auditor", "inspector"])
def test_others_who_watch_read_counts_and_no_ids(county: County, name: str) -> None:
    _, run = reconciled(county, wrong=True)
    page = Web.of(county.users[name]).page(page_of(run))
    assert "时限等待的时刻有误" in page
    assert "明细" not in page


def test_nothing_found_is_said_in_a_sentence(county: County) -> None:
    _, run = reconciled(county, wrong=False)
    assert "未发现问题" in Web.of(county.users["admin"]).page(page_of(run))


def test_it_is_closed_to_everybody_else(county: County) -> None:
    _, run = reconciled(county, wrong=False)
    for name in county.users.keys() - {"admin", "auditor", "inspector"}:
        web = Web.of(county.users[name])
        assert {web.get(LIST).status_code, web.get(page_of(run)).status_code} == {403}


def test_the_list_costs_the_same_for_two_and_for_forty(county: County) -> None:

    web, costs = Web.of(county.users["admin"]), []
    for count in (2, 38):
        Reconciliation.objects.bulk_create(
            Reconciliation(started_at=MONDAY, finished_at=MONDAY, found={"held": 1}) for _ in range(count)
        )
        with CaptureQueriesContext(connection) as queries:
            web.page(LIST)
        costs.append(len(queries))
    assert costs[0] == costs[1]
