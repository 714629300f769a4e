"""What a person sends becomes what a verb takes, or a sentence beside the field; nothing else ever happens."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.actions.inputs import clean
from cases.errors import InvalidInput
from cases.terms import Urgency
from cases.workflow import CASE_ACTIONS, REASON_LENGTH, TABLE, Action
from grids.models import Department
from tests.builders import County

pytestmark = pytest.mark.django_db


def errors(action: Action, **raw: Any) -> dict[str, list[str]]:
    with pytest.raises(InvalidInput) as refusal:
        clean(action, raw)
    return {name: [str(sentence) for sentence in sentences] for name, sentences in refusal.value.errors.items()}


def taken_or_refused(action: Action, raw: dict[str, Any]) -> set[str]:
    """The names that were taken, or those that were refused; any other error fails the test."""
    try:
        return set(clean(action, raw))
    except InvalidInput as refusal:
        return set(refusal.errors)


@pytest.mark.parametrize("action", [a for a in CASE_ACTIONS if any(f.required for f in TABLE[a].fields)])
def test_every_required_field_is_named_when_it_is_missing(action: Action) -> None:
    required = {field.name for field in TABLE[action].fields if field.required}
    conditional = {field.name for field in TABLE[action].fields if field.unless}
    assert set(errors(action)) == required | conditional


def test_an_unknown_field_is_named_instead_of_being_dropped() -> None:
    assert set(errors(Action.WITHDRAW, proof="书面", status="closed")) == {"status"}


def test_blanks_are_no_answer() -> None:
    assert set(errors(Action.WITHDRAW, proof="  \n ")) == {"proof"}
    assert clean(Action.WITHDRAW, {"proof": " 书面 "}) == {"proof": "书面"}


def test_a_comment_is_asked_for_only_when_verification_failed() -> None:
    assert clean(Action.VERIFY, {"passed": "true"}) == {"passed": True}
    assert set(errors(Action.VERIFY, passed=False)) == {"comment"}
    assert clean(Action.VERIFY, {"passed": "off", "comment": "漏"}) == {"passed": False, "comment": "漏"}


def test_a_text_is_as_long_as_its_field_allows() -> None:
    assert clean(Action.WITHDRAW, {"proof": "证" * REASON_LENGTH}) == {"proof": "证" * REASON_LENGTH}
    assert set(errors(Action.WITHDRAW, proof="证" * (REASON_LENGTH + 1))) == {"proof"}


def test_a_line_break_is_one_character() -> None:
    """As it is in the browser's own limit, which sends two."""
    text = "\r\n".join(["请尽快"] * 125)
    assert clean(Action.REMIND, {"comment": text})["comment"] == text.replace("\r\n", "\n")


def test_departments_and_categories_are_given_by_their_codes(county: County) -> None:
    cleaned = clean(Action.DISPATCH, {"lead": "water", "assistants": ["police"]})
    assert cleaned == {"lead": county.water, "assistants": [county.police]}
    assert set(errors(Action.DISPATCH, lead="nowhere", assistants="police")) == {"lead", "assistants"}
    assert set(errors(Action.DISPATCH, lead=["water"], assistants=[["police"]])) == {"lead", "assistants"}
    assert set(errors(Action.DISPATCH, lead="water", assistants=["police"] * 21)) == {"assistants"}


def test_what_is_out_of_use_cannot_be_chosen(county: County) -> None:
    Department.objects.filter(pk=county.water.pk).update(is_active=False)
    type(county.category).objects.update(is_active=False)
    assert set(errors(Action.DISPATCH, lead="water")) == {"lead"}
    given = {"type": "appeal", "category": county.category.code, "urgency": Urgency.NORMAL.value}
    assert set(errors(Action.DOCKET, **given)) == {"category"}


def test_accused_people_are_named_by_account(county: County) -> None:
    given = {"type": "accusation", "category": county.category.code, "urgency": "normal"}
    assert clean(Action.DOCKET, {**given, "accused_persons": ["handler"]})["accused_persons"] == [
        county.users["handler"]
    ]
    for nobody in ("handler", ["nobody"], [1], ["handler"] * 21):
        assert set(errors(Action.DOCKET, **given, accused_persons=nobody)) == {"accused_persons"}


def test_positions_are_degrees() -> None:
    cleaned = clean(Action.REPORT_IN, {"assignment": "7", "latitude": "27.4571234", "longitude": 119})
    assert cleaned == {"assignment": 7, "latitude": Decimal("27.45712"), "longitude": Decimal(119)}
    for latitude in ("90.1", "-91", "NaN", "sNaN", "Infinity", "1e999999", "north", [1], {"deg": 1}, True):
        assert set(errors(Action.REPORT_IN, assignment=7, latitude=latitude)) == {"latitude"}


@pytest.mark.parametrize(
    "nasty",
    [
        "\x00",
        "a\x00b",
        "\ud800",
        {},
        {"a": []},
        [[]],
        [{}],
        1.5,
        True,
        float("nan"),
        "9" * 5000,
        2**70,
        -1,
        "１２",
        b"x",
    ],
    ids=lambda value: repr(value)[:20],
)
def test_nothing_that_json_can_hold_is_more_than_a_refused_field(county: County, nasty: object) -> None:
    """No input at all answers 5xx (api.md): every field of every action meets every kind of value."""
    for action in CASE_ACTIONS:
        names = [field.name for field in TABLE[action].fields]
        for raw in (*({name: nasty} for name in names), dict.fromkeys(names, nasty)):
            assert taken_or_refused(action, raw) <= set(names)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.text(st.characters(categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_any_json_is_taken_or_refused_by_name(county: County, data: st.DataObject) -> None:
    action = data.draw(st.sampled_from(CASE_ACTIONS))
    names = [field.name for field in TABLE[action].fields]
    raw = data.draw(st.dictionaries(st.sampled_from([*names, "unknown"]), json_values))
    assert taken_or_refused(action, raw) <= {*names, "unknown"}
