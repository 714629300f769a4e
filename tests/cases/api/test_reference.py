"""Categories, the policy in force, and oneself."""

from datetime import timedelta

from django.utils import timezone

from cases import reasons
from cases.models import Category, Reason
from notifications.outbox import Draft, enqueue
from tests.api_client import Phone
from tests.builders import County, policy_document, publish_test_policy, unpublish


def test_categories_are_kept_by_etag(county: County) -> None:
    phone = Phone(county.users["gridworker"])
    first = phone.get("categories/")
    assert first.json["results"] == [
        {"code": "urban-supply", "name": "城镇供水供气", "parent": None, "lead_department": "water"}
    ]
    etag = {"If-None-Match": first.headers["ETag"]}
    assert phone.get("categories/", headers=etag).status == 304
    Category.objects.create(code="urban", name="城乡建设")
    assert phone.get("categories/", headers=etag).status == 200


def test_reasons_are_kept_by_etag_and_tell_which_are_no_longer_offered(county: County) -> None:
    phone = Phone(county.users["gridworker"])
    first = phone.get("reasons/")
    assert [entry["code"] for entry in first.json["results"] if entry["list"] == "object"][:2] == [
        "not_our_duty",
        "other_area",
    ]
    etag = {"If-None-Match": first.headers["ETag"]}
    assert phone.get("reasons/", headers=etag).status == 304
    Reason.objects.filter(code="season").update(is_active=False)
    reasons.forget()
    again = phone.get("reasons/", headers=etag)
    assert again.status == 200
    assert {"list": "suspend", "code": "season", "is_active": False}.items() <= next(
        entry for entry in again.json["results"] if entry["code"] == "season"
    ).items()


def test_the_policy_in_force_is_told_cell_by_cell(county: County) -> None:
    policy = Phone(county.users["gridworker"]).get("policy/").json
    urgent = next(row for row in policy["types"] if row["type"] == "urgent")
    docket = next(limit for limit in urgent["limits"] if limit["kind"] == "docket")
    assert docket == {
        "kind": "docket",
        "limit": "1 h",
        "blue": {"share": 0.5, "before": None},
        "yellow": {"share": 0.8, "before": None},
        "red": True,
    }
    assert urgent["extension"] is None
    appeal = next(row for row in policy["types"] if row["type"] == "appeal")
    assert appeal["extension"] == {"times": 1, "limit": "10 wd"}


def test_a_new_version_has_another_etag_and_a_coming_one_is_not_in_force(county: County) -> None:
    phone = Phone(county.users["gridworker"])
    first = phone.get("policy/")
    publish_test_policy(number=2, valid_from=timezone.now() + timedelta(days=1))
    etag = {"If-None-Match": first.headers["ETag"]}
    assert phone.get("policy/", headers=etag).status == 304
    rules = policy_document()
    rules["types"]["urgent"]["docket"] = {"limit": "2 h", "blue": {"before": "0.5 h"}, "yellow": None}
    rules["categories"] = {"urban-supply": {"handle": "1 wd"}}
    publish_test_policy(number=3, valid_from=timezone.now() - timedelta(days=1), rules=rules)
    second = phone.get("policy/", headers=etag)
    assert (second.status, second.json["number"]) == (200, 3)
    urgent = next(row for row in second.json["types"] if row["type"] == "urgent")
    docket = next(limit for limit in urgent["limits"] if limit["kind"] == "docket")
    assert (docket["blue"], docket["yellow"]) == ({"share": None, "before": "0.5 h"}, None)
    assert second.json["categories"][0]["category"] == "urban-supply"


def test_without_a_policy_that_is_said(county: County) -> None:
    unpublish(county.policy)
    answer = Phone(county.users["gridworker"]).get("policy/")
    assert answer.status == 503
    assert answer.headers["Retry-After"]


def test_me_tells_posts_messages_and_duties(county: County) -> None:
    user = county.users["handler"]
    enqueue([Draft(user.pk, "a", "whistle", {"number": "1"})], now=timezone.now())
    me = Phone(user).get("me/").json
    assert me["user"]["username"] == "handler"
    assert me["posts"][0]["role"] == "department_handler"
    assert me["posts"][0]["role_name"] == "Department handler"
    assert me["posts"][0]["department"] == {"code": "water", "name": "寿宁县水利局"}
    assert me["posts"][0]["valid_from"] == "2020-01-01"
    assert me["unread"] == 1
    assert me["todo"]["total"] == 0
