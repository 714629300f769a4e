"""Phones that send twice because the answer was slow: one case, one event, no 5xx (api.md, "Repeating")."""

import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from cases.api.public_examples import MATTER
from cases.codes import RatingLink, rating_token
from cases.models import Case, JournalEvent, Rating
from cases.terms import Status
from tests.api_client import Answer, Phone
from tests.builders import County, build_county
from tests.cases.api.phones import new_case
from tests.contract import document
from tests.stories import Story, story_in

AT_ONCE = 6


@pytest.fixture
def open_county(transactional_db: None) -> County:
    document()  # made once, before anything runs at the same time
    return build_county()


def at_once(*calls: Callable[[], Answer]) -> list[Answer]:
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Answer]) -> Answer:
        barrier.wait(timeout=30)
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_the_same_new_case_sent_at_once_is_one_case(open_county: County) -> None:
    phone, body = Phone(open_county.users["gridworker"]), new_case()
    answers = at_once(*[lambda: phone.post("cases/", body)] * AT_ONCE)
    assert Counter(answer.status for answer in answers) == {201: 1, 200: AT_ONCE - 1}
    assert len({(answer.json["number"], answer.json["query_code"]) for answer in answers}) == 1
    assert Case.objects.count() == 1


def test_one_client_id_for_different_bodies_at_once(open_county: County) -> None:
    phone, body = Phone(open_county.users["gridworker"]), new_case()
    answers = at_once(*[lambda title=title: phone.post("cases/", body | {"title": title}) for title in "甲乙丙丁"])
    assert Counter(answer.status for answer in answers) == {201: 1, 409: 3}


def test_the_same_action_with_one_key_at_once_happens_once(open_county: County) -> None:
    story = Story.begin(open_county)
    phone = Phone(open_county.users["township"])
    body = {"type": "appeal", "category": "urban-supply", "urgency": "normal"}
    address, headers = f"cases/{story.number}/actions/docket/", {"Idempotency-Key": "tap"}
    answers = at_once(*[lambda: phone.post(address, body, headers=headers)] * AT_ONCE)
    assert {answer.status for answer in answers} <= {200, 409}
    assert 200 in {answer.status for answer in answers}
    assert JournalEvent.objects.filter(kind="docket").count() == 1
    assert phone.post(address, body, headers=headers).status == 200


def test_two_people_on_one_case_one_wins(open_county: County) -> None:
    story = Story.begin(open_county)
    township, center = Phone(open_county.users["township"]), Phone(open_county.users["center"])
    address = f"cases/{story.number}/actions/reject/"
    body = {"reason": "unclear", "advice": "x"}
    answers = at_once(lambda: township.post(address, body), lambda: center.post(address, body))
    assert sorted(answer.status for answer in answers) == [200, 409]
    assert JournalEvent.objects.filter(kind="reject").count() == 1


def test_a_citizen_who_presses_six_times_brings_one_matter_in(open_county: County) -> None:
    cache.clear()
    body = {**MATTER, "client_id": str(uuid.uuid4())}
    answers = at_once(*[lambda: Phone().post("public/cases/", body)] * AT_ONCE)
    assert Counter(answer.status for answer in answers) == {201: 1, 200: AT_ONCE - 1}
    assert len({answer.content for answer in answers}) == 1
    assert Case.objects.count() == JournalEvent.objects.count() == 1


def test_two_verdicts_of_one_petitioner_at_once(open_county: County) -> None:
    """One of them stands; whoever said the same is answered the same, whoever said otherwise is told so."""
    cache.clear()
    story = story_in(open_county, Status.RATING, at=timezone.now() - timedelta(hours=3))
    token = rating_token(RatingLink(story.case_id, story.case.petitioners.get().pk, 1))
    good, bad = {"grade": 5, "solved": True}, {"grade": 1, "solved": False}
    answers = at_once(*[lambda: Phone().post(f"public/ratings/{token}/", good)] * 3)
    answers += at_once(lambda: Phone().post(f"public/ratings/{token}/", bad))
    assert [answer.status for answer in answers] == [200, 200, 200, 409]
    other = story_in(open_county, Status.RATING, at=timezone.now() - timedelta(hours=3))
    token = rating_token(RatingLink(other.case_id, other.case.petitioners.get().pk, 1))
    answers = at_once(*[lambda said=said: Phone().post(f"public/ratings/{token}/", said) for said in (good, bad)])
    assert sorted(answer.status for answer in answers) == [200, 409]
    assert Rating.objects.filter(case=other.case_id).count() == 1
    assert JournalEvent.objects.filter(case=other.case_id, kind__in=["rate", "revise_rating"]).count() == 1


def test_a_call_back_and_the_petitioner_at_once(open_county: County) -> None:
    """Whoever comes first, the petitioner's own word is the one that stands."""
    cache.clear()
    center, called = Phone(open_county.users["center"]), {"grade": "5", "solved": True, "record": "电话回访"}
    for _ in range(3):
        story = story_in(open_county, Status.RATING, at=timezone.now() - timedelta(hours=3))
        token = rating_token(RatingLink(story.case_id, story.case.petitioners.get().pk, 1))
        officer, petitioner = at_once(
            partial(center.post, f"cases/{story.number}/actions/rate/", called),
            partial(Phone().post, f"public/ratings/{token}/", {"grade": 1, "solved": False}),
        )
        assert (officer.status in (200, 409), petitioner.status) == (True, 200)
        assert Rating.objects.values_list("channel", "grade").get(case=story.case_id) == ("link", 1)
        assert (story.case.status, story.case.round, story.case.dissatisfied) == (Status.HANDLING, 2, 1)
