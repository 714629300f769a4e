"""Limits, thresholds and the policy document (domain.md, Default policy)."""

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from cases.colours import Colour
from cases.limits import (
    DEFAULT_THRESHOLDS,
    UNCOLOURED,
    Before,
    Limit,
    PolicyError,
    PolicyRules,
    Share,
    Thresholds,
    Unit,
)

SEED = Path(__file__).parents[2] / "seeds" / "policy.json"


def parse(**document: Any) -> PolicyRules:
    return PolicyRules.parse({"types": {"consult": {"handle": "2 wd"}, "urgent": {"handle": "24 h"}}, **document})


def test_colours_have_words_and_an_order() -> None:
    assert [colour.code for colour in sorted(Colour)] == ["none", "blue", "yellow", "red"]
    assert all(Colour.of(colour.code) is colour for colour in Colour)
    with pytest.raises(ValueError, match="not a colour"):
        Colour.of("green")


@pytest.mark.parametrize(
    ("written", "limit", "text"),
    [
        ("5 wd", Limit(Decimal(5), Unit.WD), "5 wd"),
        ("5wd", Limit(Decimal(5), Unit.WD), "5 wd"),
        (" 0.5  h ", Limit(Decimal("0.5"), Unit.H), "0.5 h"),
        ("4.0 wh", Limit(Decimal(4), Unit.WH), "4 wh"),
        ("100 cd", Limit(Decimal(100), Unit.CD), "100 cd"),
    ],
)
def test_limits_are_read_and_written(written: str, limit: Limit, text: str) -> None:
    assert Limit.parse(written) == limit
    assert str(limit) == text
    assert Limit.parse(str(limit)) == limit


@pytest.mark.parametrize(
    "written", ["", "5", "wd", "5 d", "-1 wd", "0 wd", "1.5 wd", "0.5 cd", "1e3 h", "nan h", "٣ wd", "9999999 h"]
)
def test_what_is_no_limit_is_refused_with_a_sentence(written: str) -> None:
    with pytest.raises(ValueError, match=r"limit|whole"):
        Limit.parse(written)


def test_shares_are_the_decimals_that_people_write() -> None:
    assert Share(0.8).fraction == Fraction(4, 5)
    assert Share(Decimal("0.1")) == Share("0.1") == Share(Fraction(1, 10))
    for wrong in (0, -0.1, 1.01):
        with pytest.raises(ValueError, match="between 0 and 1"):
            Share(wrong)


def test_blue_comes_before_yellow() -> None:
    one, two = (Before(Limit.parse(text)) for text in ("1 wd", "2 wd"))
    assert Thresholds(blue=two, yellow=one).red
    for blue, yellow in ((Share(0.8), Share(0.5)), (one, two)):
        with pytest.raises(ValueError, match="Blue comes before yellow"):
            Thresholds(blue=blue, yellow=yellow)


@pytest.mark.parametrize(
    ("one", "other", "never_longer"),
    [
        ("2 wd", "2 wd", True),
        ("3 wd", "2 wd", False),
        ("17.5 h", "1 wd", True),
        ("18 h", "1 wd", False),
        ("17.5 h", "1 cd", True),
        ("4 h", "4 wh", True),
        ("2 cd", "2 wd", True),
        ("2 wd", "2 cd", False),
        ("2 wd", "100 h", False),
    ],
)
def test_only_what_is_shorter_under_every_calendar_counts_as_shorter(
    one: str, other: str, *, never_longer: bool
) -> None:
    assert Limit.parse(one).never_longer_than(Limit.parse(other)) is never_longer


def test_the_default_policy_is_the_table_of_the_domain() -> None:
    rules = PolicyRules.parse(json.loads(SEED.read_text(encoding="utf-8")))
    kinds = ("docket", "dispatch", "report_in", "objection", "handle", "resolve", "rate")
    table = {name: [str(rules.limit(name, kind) or "–") for kind in kinds] for name in rules.types}
    assert table == {
        "consult": ["4 wh", "4 wh", "1 wd", "1 wd", "2 wd", "4 wd", "7 cd"],
        "appeal": ["4 wh", "4 wh", "1 wd", "2 wd", "5 wd", "7 wd", "7 cd"],
        "urgent": ["1 h", "1 h", "0.5 h", "0.5 h", "24 h", "26 h", "7 cd"],
        "patrol": ["4 wh", "4 wh", "4 wh", "2 wh", "5 wd", "7 wd", "–"],
        "whistle_emergency": ["1 h", "1 h", "0.5 h", "0.5 h", "24 h", "26 h", "7 cd"],
        "whistle_enforcement": ["4 wh", "4 wh", "2 h", "1 h", "5 wd", "7 wd", "7 cd"],
        "whistle_key": ["4 wh", "4 wh", "1 wd", "4 wh", "10 wd", "12 wd", "7 cd"],
        "enterprise": ["1 wh", "1 wh", "1 wh", "1 wh", "7 wd", "8 wd", "7 cd"],
        "window": ["4 wh", "4 wh", "1 wd", "1 wd", "10 wd", "12 wd", "7 cd"],
        "petition": ["15 cd", "1 wd", "1 wd", "5 wd", "50 cd", "60 cd", "15 cd"],
        "review": ["1 wd", "1 wd", "1 wd", "5 wd", "25 cd", "30 cd", "15 cd"],
        "recheck": ["1 wd", "1 wd", "1 wd", "5 wd", "25 cd", "30 cd", "15 cd"],
        "suggestion": ["15 cd", "1 wd", "1 wd", "5 wd", "25 cd", "30 cd", "15 cd"],
    }
    extensions = {name: found for name in rules.types if (found := rules.extension(name))}
    assert {name: f"{times} × {limit}" for name, (times, limit) in extensions.items()} == {
        "consult": "1 × 3 wd",
        "appeal": "1 × 10 wd",
        "patrol": "1 × 5 wd",
        "whistle_enforcement": "1 × 5 wd",
        "whistle_key": "1 × 10 wd",
        "enterprise": "1 × 5 wd",
        "window": "1 × 10 wd",
        "petition": "1 × 30 cd",
        "suggestion": "1 × 15 cd",
    }


def test_verification_and_supervision_are_faster_for_types_in_hours() -> None:
    rules = PolicyRules.parse(json.loads(SEED.read_text(encoding="utf-8")))
    assert [str(rules.limit("urgent", kind)) for kind in ("verify", "supervision")] == ["4 h", "2 h"]
    assert [str(rules.limit("consult", kind)) for kind in ("verify", "supervision")] == ["2 wd", "1 wd"]
    own = parse(types={"consult": {"handle": "2 wd", "verify": "1 wd"}}, verify={"default": "2 wd"})
    assert str(own.limit("consult", "verify")) == "1 wd"
    without_hours = parse(verify={"default": "2 wd"})
    assert str(without_hours.limit("urgent", "verify")) == "2 wd"


def test_a_limit_may_have_its_own_thresholds() -> None:
    rules = parse(
        thresholds={"blue": 0.4},
        types={
            "consult": {
                "handle": {"limit": "2 wd", "blue": {"before": "1 wd"}, "yellow": None, "red": False},
                "resolve": "4 wd",
                "rate": "7 cd",
                "objection": "1 wd",
            }
        },
    )
    assert rules.thresholds("consult", "handle") == Thresholds(Before(Limit.parse("1 wd")), None, red=False)
    assert rules.thresholds("consult", "resolve") == Thresholds(Share(0.4), Share(0.8))
    assert rules.thresholds("consult", "rate") == UNCOLOURED
    assert str(rules.objection("consult")) == "1 wd"
    assert parse().thresholds("consult", "handle") == DEFAULT_THRESHOLDS


def test_a_category_narrows_and_never_widens() -> None:
    rules = parse(
        types={"consult": {"handle": "2 wd"}, "appeal": {"handle": "5 wd"}},
        categories={"roads": {"handle": {"limit": "3 wd", "blue": 0.3}}},
    )
    assert str(rules.limit("appeal", "handle", "roads")) == "3 wd"
    assert rules.thresholds("appeal", "handle", "roads").blue == Share(0.3)
    assert str(rules.limit("consult", "handle", "roads")) == "2 wd"
    assert rules.thresholds("consult", "handle", "roads").blue == Share(0.5)
    assert str(rules.limit("appeal", "handle", "other")) == "5 wd"


def test_what_the_table_does_not_hold() -> None:
    rules = parse()
    assert rules.limit("consult", "rate") is None
    assert rules.thresholds("consult", "rate") == UNCOLOURED
    assert rules.extension("consult") is None
    for ask in (rules.extension, rules.objection):
        with pytest.raises(ValueError, match="no type 'nothing'"):
            ask("nothing")


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({"types": []}, "policy.types"),
        ({"colour": 1}, "policy: 'colour'"),
        ({"types": {"consult": "2 wd"}}, "types.consult"),
        ({"types": {"consult": {"handel": "2 wd"}}}, "types.consult: 'handel'"),
        ({"types": {"consult": {"handle": "2 days"}}}, "types.consult.handle"),
        ({"types": {"consult": {"handle": 2}}}, "types.consult.handle"),
        ({"types": {"consult": {"handle": "4000 wd"}}}, "types.consult.handle: 4000 wd is longer"),
        ({"types": {"consult": {"handle": {"blue": 0.5}}}}, "types.consult.handle: 'limit'"),
        ({"types": {"consult": {"handle": {"limit": "2 wd", "blue": 0.9}}}}, "types.consult.handle: Blue comes"),
        ({"types": {"consult": {"handle": {"limit": "2 wd", "blue": 0}}}}, "types.consult.handle.blue"),
        ({"types": {"consult": {"handle": {"limit": "2 wd", "blue": "half"}}}}, "types.consult.handle.blue"),
        ({"types": {"consult": {"handle": {"limit": "2 wd", "blue": {"after": "1 h"}}}}}, "'after'"),
        ({"types": {"consult": {"handle": {"limit": "2 wd", "red": 1}}}}, "types.consult.handle.red"),
        ({"types": {"consult": {"rate": {"limit": "7 cd", "blue": 0.5}}}}, "types.consult.rate: 'blue'"),
        ({"types": {"consult": {"extension": {"times": 0, "limit": "1 wd"}}}}, "types.consult.extension.times"),
        ({"types": {"consult": {"extension": "3 wd"}}}, "types.consult.extension"),
        ({"verify": {"slow": "2 wd"}}, "verify: 'slow'"),
        ({"categories": {"roads": {"handle": "3 wd"}}}, "categories.roads.handle: 3 wd narrows"),
        ({"categories": {"roads": 3}}, "categories.roads"),
        ({"thresholds": {"blue": True}}, "thresholds.blue"),
    ],
)
def test_a_wrong_document_is_refused_at_its_place(document: dict[str, Any], place: str) -> None:
    with pytest.raises(PolicyError) as refusal:
        parse(**document)
    assert place in str(refusal.value)


def test_a_document_needs_types() -> None:
    with pytest.raises(PolicyError, match="'types' is missing"):
        PolicyRules.parse({})
    with pytest.raises(PolicyError, match="This is an object"):
        PolicyRules.parse([])  # type: ignore[arg-type]  # whoever posts a policy may send anything
