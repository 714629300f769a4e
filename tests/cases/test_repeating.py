"""The same request sent again changes nothing and answers the same (api.md, "Repeating")."""

import uuid
from typing import Any

import pytest
from django.conf import LazySettings

from cases.actions import perform as entry
from cases.actions.intake import Collected, collect
from cases.codes import CODE_CHARACTERS, code_hash, matching_code, pseudonym
from cases.errors import CaseError, Conflict, NotPermitted, NotVisible
from cases.models import Case, Request
from cases.terms import Status
from cases.workflow import Action
from tests.builders import MONDAY, County
from tests.snapshots import snapshot
from tests.stories import Story, matter, story_in

pytestmark = pytest.mark.django_db


def send(
    county: County, client_id: uuid.UUID, *, by: str = "gridworker", body: Any = "body", **changes: Any
) -> Collected:
    return collect(
        matter=matter(county, **changes),
        client_id=client_id,
        actor=county.actor(by),
        now=MONDAY,
        request={"body": body},
    )


def test_the_same_client_id_and_body_give_the_same_case_and_code(county: County) -> None:
    client_id = uuid.uuid4()
    first, second = send(county, client_id), send(county, client_id)
    assert (first.created, second.created) == (True, False)
    assert first.case.pk == second.case.pk
    assert first.query_code == second.query_code
    assert Case.objects.count() == 1
    assert first.case.events.count() == 1


def test_the_same_client_id_with_another_body_is_a_conflict(county: County) -> None:
    client_id = uuid.uuid4()
    first = send(county, client_id)
    before = snapshot(first.case.pk)
    with pytest.raises(Conflict):
        send(county, client_id, body="another", title="别的事")
    assert snapshot(first.case.pk) == before
    assert Case.objects.count() == 1


def test_client_ids_of_two_people_have_nothing_to_do_with_each_other(county: County) -> None:
    client_id = uuid.uuid4()
    mine, other = send(county, client_id), send(county, client_id, by="intake")
    assert mine.case.pk != other.case.pk
    assert mine.query_code != other.query_code


def test_a_query_code_has_eighty_bits_and_only_its_hash_is_stored(county: County) -> None:
    collected = send(county, uuid.uuid4())
    code = collected.query_code
    assert len(code) == CODE_CHARACTERS
    assert collected.case.query_code_hash == code_hash(code)
    assert code not in repr(snapshot(collected.case.pk))
    spoken = f"{code[:4]}-{code[4:8]} {code[8:].lower()}"
    assert code_hash(spoken) == code_hash(code), "what a citizen types may hold dashes, spaces and small letters"


def test_the_code_survives_a_rotation_of_its_key(county: County, settings: LazySettings) -> None:
    collected = send(county, uuid.uuid4())
    settings.CODE_KEYS = ["a-new-key-that-is-long-enough-0123456789", *settings.CODE_KEYS]
    assert matching_code(collected.case) == collected.query_code
    settings.CODE_KEYS = settings.CODE_KEYS[:1]
    with pytest.raises(Conflict):
        matching_code(collected.case)


def test_a_repeated_creation_is_recognised_after_a_rotation(county: County, settings: LazySettings) -> None:
    client_id = uuid.uuid4()
    first = send(county, client_id)
    settings.CODE_KEYS = ["a-new-key-that-is-long-enough-0123456789", *settings.CODE_KEYS]
    assert send(county, client_id).query_code == first.query_code


def test_a_pseudonym_is_of_one_case_only() -> None:
    assert pseudonym("350924-2026-0000001") == pseudonym("350924-2026-0000001")
    assert pseudonym("350924-2026-0000001") != pseudonym("350924-2026-0000002")


def test_the_same_key_and_request_act_once(county: County) -> None:
    story = Story.begin(county)
    assert story.act(Action.WITHDRAW, "township", key="k", proof="书面").replayed is False
    before = snapshot(story.case_id)
    story.wait(hours=5)
    assert story.act(Action.WITHDRAW, "township", key="k", proof="书面").replayed is True
    assert snapshot(story.case_id) == before


def test_a_key_is_looked_at_before_the_version(county: County) -> None:
    """The phone repeats the request with the version that it had then."""
    story = Story.begin(county)
    version = story.case.version
    story.act(Action.WITHDRAW, "township", key="k", version=version, proof="书面")
    assert story.act(Action.WITHDRAW, "township", key="k", version=version, proof="书面").replayed


def test_the_same_key_for_another_request_is_a_conflict(county: County) -> None:
    story = Story.begin(county)
    story.act(Action.DOCKET, "township", key="k", type="appeal", category=county.category.code, urgency="normal")
    before = snapshot(story.case_id)
    others: list[tuple[Action, dict[str, Any]]] = [
        (Action.WITHDRAW, {"proof": "书面"}),
        (Action.DISPATCH, {"lead": "station-100"}),
    ]
    for action, inputs in others:
        with pytest.raises(Conflict):
            story.act(action, "township", key="k", **inputs)
    other = Story.begin(county)
    with pytest.raises(Conflict):
        other.act(Action.DOCKET, "township", key="k", type="appeal", category=county.category.code, urgency="normal")
    assert snapshot(story.case_id) == before


def test_keys_of_two_people_have_nothing_to_do_with_each_other(county: County) -> None:
    story = Story.begin(county)
    story.act(Action.WITHDRAW, "township", key="k", proof="书面")
    other = Story.begin(county)
    assert other.act(Action.WITHDRAW, "center", key="k", proof="书面").replayed is False


def test_a_refused_request_leaves_its_key_free(county: County) -> None:
    story = Story.begin(county)
    with pytest.raises(Conflict):
        story.act(Action.DISPATCH, "center", key="k", lead="water")
    assert Request.objects.count() == 0
    story.docket()
    assert story.act(Action.DISPATCH, "center", key="k", lead="water").replayed is False


def test_a_replay_is_seen_through_todays_posts(county: County) -> None:
    """What a person may no longer see is not repeated to that person either."""
    story = Story.begin(county)
    story.act(Action.WITHDRAW, "gridworker", key="k", proof="书面")
    county.users["gridworker"].posts.update(valid_to=MONDAY.date())
    story.wait(days=2)
    with pytest.raises(NotVisible):
        story.act(Action.WITHDRAW, "gridworker", key="k", proof="书面")


def test_whoever_waited_behind_the_same_request_gets_its_answer(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two copies of one request at once: the second finds the case changed, but by itself."""
    story = Story.begin(county)
    looked = entry._done_before
    calls: list[bool] = []

    def looked_too_early(user_id: int | None, *, key: str, digest: str) -> bool:
        if not calls:
            calls.append(True)
            story.act(Action.WITHDRAW, "township", key="k", proof="书面")
            return False
        return looked(user_id, key=key, digest=digest)

    monkeypatch.setattr(entry, "_done_before", looked_too_early)
    assert story.act(Action.WITHDRAW, "township", key="k", proof="书面").replayed is True
    assert story.case.status == Status.WITHDRAWN


@pytest.mark.parametrize("error", [NotPermitted, Conflict])
def test_an_error_is_never_hidden_by_somebody_elses_key(county: County, error: type[CaseError]) -> None:
    story = story_in(county, Status.DOCKETED)
    story.act(Action.WITHDRAW, "township", key="k", proof="书面")
    with pytest.raises(error):
        story.act(Action.WITHDRAW, "leader" if error is NotPermitted else "center", key="k", proof="书面")
