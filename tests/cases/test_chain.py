"""The hash of one journal event: every fact counts, and the form does not depend on the database."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import chain

EVENT: dict[str, Any] = {
    "prev": b"\x01" * 32,
    "case_id": 7,
    "seq": 3,
    "kind": "dispatch",
    "actor_id": 5,
    "at": datetime(2026, 3, 2, 1, 0, tzinfo=UTC),
    "payload": {"to": "dispatched", "from": "docketed", "部门": "水利局"},
}


def test_the_canonical_form_is_fixed_forever() -> None:
    """A changed form would break every chain that was ever written: this value must never be edited."""
    assert chain.link(**EVENT).hex() == "33742652050d46debbe2dd14621b52c3d8e118f30055fe34a47940bd5eb5fd79"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("prev", b"\x02" * 32),
        ("case_id", 8),
        ("seq", 4),
        ("kind", "docket"),
        ("actor_id", None),
        ("at", datetime(2026, 3, 2, 1, 0, 0, 1, tzinfo=UTC)),
        ("payload", {"to": "dispatched"}),
    ],
)
def test_every_field_counts(field: str, value: object) -> None:
    assert chain.link(**(EVENT | {field: value})) != chain.link(**EVENT)


def test_the_zone_in_which_a_time_is_written_does_not_count() -> None:
    elsewhere = EVENT["at"].astimezone(timezone(timedelta(hours=8)))
    assert chain.link(**(EVENT | {"at": elsewhere})) == chain.link(**EVENT)
    assert chain.stamp(elsewhere) == chain.stamp(EVENT["at"]) == "2026-03-02T01:00:00.000000+00:00"


payloads = st.dictionaries(
    st.text(max_size=8),
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.text(max_size=8)
    | st.lists(st.integers(), max_size=3),
    max_size=5,
)


@given(payload=payloads | st.dictionaries(st.text(max_size=3), payloads, max_size=3))
def test_the_canonical_form_is_plain_json_whoever_writes_it(payload: dict[str, Any]) -> None:
    plain = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert chain.canonical(payload) == plain.encode()


def test_a_time_is_no_fact_until_it_is_stamped() -> None:
    with pytest.raises(TypeError):
        chain.canonical({"at": EVENT["at"]})


@given(payload=payloads)
def test_the_order_of_keys_and_a_way_through_json_do_not_count(payload: dict[str, Any]) -> None:
    backwards = dict(reversed(list(json.loads(json.dumps(payload)).items())))
    assert chain.link(**(EVENT | {"payload": backwards})) == chain.link(**(EVENT | {"payload": payload}))


def test_a_digest_of_a_text_hides_it_behind_its_salt() -> None:
    assert chain.text_digest("salt", "王小明") != chain.text_digest("other", "王小明")
    assert chain.text_digest("salt", "王小明") == chain.text_digest("salt", "王小明")
    assert len(chain.text_digest("salt", "")) == 64
