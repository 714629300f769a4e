"""A policy that cannot be published is refused cell by cell; a running case keeps the version it began with."""

import re
from typing import Any

import pytest
from django.utils import translation

from cases.actions.publishing import check_policy, publish_policy
from cases.errors import InvalidInput
from cases.models import PolicyVersion
from cases.official_days import official_calendar
from cases.policy_check import problems
from cases.terms import ClockKind, Status
from grids.actors import SERVICE
from tests.builders import MONDAY, County, policy_document
from tests.stories import Story, story_in


def changed(**cells: Any) -> dict[str, Any]:
    """The default policy with other cells for appeals."""
    document = policy_document()
    document["types"]["appeal"] |= cells
    return document


def wrong(document: dict[str, Any]) -> dict[str, list[str]]:
    found = problems(document, official_calendar())
    return {place: [str(fault) for fault in faults] for place, faults in found.items()}


def test_the_default_policy_has_no_problem() -> None:
    assert wrong(policy_document()) == {}


def test_every_cell_that_is_wrong_is_named_at_once() -> None:
    document = changed(handle="five days", resolve="0 wd", rate={"limit": "7 cd", "blue": 0.5})
    document["types"]["consult"]["handle"] = {"limit": "2 wd", "blue": 0.9, "yellow": 0.5}
    document["categories"] = {"roads": {"handle": "1000 wd"}, "water": {"report_in": "soon"}}
    document["verify"] = {"default": "2 days"}
    assert set(wrong(document)) == {
        "types.appeal.handle",
        "types.appeal.resolve",
        "types.appeal.rate",
        "types.consult.handle",
        "categories.roads.handle",
        "categories.water.report_in",
        "verify.default",
    }
    assert "Blue comes before yellow" in wrong(document)["types.consult.handle"][0]


@pytest.mark.parametrize(
    ("colours", "fits"),
    [
        ({"blue": 0.5, "yellow": {"before": "4 wh"}}, True),
        ({"blue": 0.9, "yellow": {"before": "3 wd"}}, False),
        ({"blue": {"before": "1 wh"}, "yellow": 0.5}, False),
        ({"blue": {"before": "1 wd"}, "yellow": {"before": "2 h"}}, True),
        ({"blue": {"before": "2 h"}, "yellow": {"before": "1 wd"}}, False),
        ({"blue": None, "yellow": {"before": "3 wd"}}, True),
    ],
)
def test_colours_of_different_kinds_are_reckoned_against_each_other(colours: dict[str, Any], fits: bool) -> None:
    found = wrong(changed(handle={"limit": "5 wd", **colours}))
    assert found == {} if fits else "Blue would come after yellow" in found["types.appeal.handle"][0]


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({}, "policy"),
        ({"types": []}, "policy.types"),
        ({"types": {"appeal": 5}}, "types.appeal"),
        ({"types": {"appeal": {"handle": "5 wd", "lunch": "1 h"}}}, "types.appeal"),
        ({"types": {}, "colours": 1}, "policy"),
        ({"types": {}, "thresholds": {"blue": 0.9, "yellow": 0.1}}, "thresholds"),
        ({"types": {"appeal": {"extension": {"times": 0, "limit": "1 wd"}}}}, "types.appeal.extension.times"),
    ],
)
def test_what_is_no_policy_at_all_is_named_too(document: dict[str, Any], place: str) -> None:
    assert set(wrong(document)) == {place}


@pytest.mark.django_db
def test_publishing_refuses_with_all_sentences_and_publishes_nothing(county: County) -> None:
    with pytest.raises(InvalidInput) as refused:
        publish_policy(
            rules=changed(handle="no", docket="never"),
            follows=1,
            valid_from=MONDAY,
            reason="-",
            actor=SERVICE,
            now=MONDAY,
        )
    assert set(refused.value.errors) == {"types.appeal.handle", "types.appeal.docket"}
    assert PolicyVersion.objects.count() == 1


@pytest.mark.django_db
def test_a_running_case_keeps_its_own_version(county: County) -> None:
    story = story_in(county, Status.DISPATCHED)
    publish_policy(rules=changed(handle="1 wd"), follows=1, valid_from=MONDAY, reason="更快", actor=SERVICE, now=MONDAY)
    story.wait(minutes=5).report_in()
    assert (story.clock(ClockKind.HANDLE).limit, story.clock(ClockKind.HANDLE).policy) == ("5 wd", county.policy)
    fresh = Story.begin(county, at=story.now).docket().dispatch().report_in()
    assert fresh.clock(ClockKind.HANDLE).limit == "1 wd"


_ODD = [
    changed(handle="five days"),
    changed(handle="0 wd"),
    changed(handle="0.5 wd"),
    changed(handle="9999999 h"),
    changed(handle="5000 cd"),
    changed(handle={"limit": "2 wd", "blue": 2}),
    changed(handle={"limit": "2 wd", "blue": "half"}),
    changed(handle={"limit": "2 wd", "blue": 0.9, "yellow": 0.5}),
    changed(handle={"limit": "2 wd", "blue": {"before": "1 wd"}, "yellow": {"before": "2 wd"}}),
    changed(handle={"limit": "5 wd", "blue": 0.9, "yellow": {"before": "3 wd"}}),
    changed(handle={"limit": "2 wd", "red": 1}),
    changed(handle={"blue": 0.5}),
    changed(rate={"limit": "7 cd", "blue": 0.5}),
    changed(extension={"times": 0, "limit": "1 wd"}),
    changed(extension="3 wd"),
    {**policy_document(), "categories": {"roads": {"handle": "1000 wd"}}},
    {**policy_document(), "types": {}},
]


@pytest.mark.parametrize("document", _ODD)
def test_an_officer_reads_in_chinese_what_is_wrong(document: dict[str, Any]) -> None:
    with translation.override("zh-hans"), pytest.raises(InvalidInput) as refused:
        check_policy(document)
    with translation.override("zh-hans"):
        sentences = [str(sentence) for said in refused.value.errors.values() for sentence in said]
    assert sentences
    for sentence in sentences:
        assert re.search("[\u4e00-\u9fff]", sentence), sentence
        assert not re.search(r"[a-z]{3,} [a-z]{2,} [a-z]{2,}", sentence), sentence
