"""自办即结: a grid worker mends it on the spot and shows it (domain.md, "The loop")."""

import uuid
from typing import Any

import pytest

from cases import journal
from cases.errors import Conflict, InvalidInput, NotPermitted
from cases.models import Attachment
from cases.terms import CaseType, ClockKind, Disclosure, Grade, Outcome, Status
from cases.workflow import Action
from tests import photos
from tests.builders import ANONYMOUS, County
from tests.photos import send_photo
from tests.snapshots import snapshot
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db


def mend(story: Story, *sent: Attachment, by: str = "gridworker", **inputs: Any) -> Story:
    story.wait(minutes=5)
    given = {"reply": "当场清理完毕", "photos": [str(photo.pk) for photo in sent]}
    story.act(Action.RESOLVE_ON_SPOT, by, **(given | inputs))
    return story


def test_who_raised_it_is_asked_for_a_rating(county: County) -> None:
    photo = send_photo(county.users["gridworker"])
    story = mend(Story.begin(county), photo)
    case, event = story.case, story.events()[-1]
    assert (case.status, case.answered_at, case.outcome) == (Status.RATING, story.now, "")
    assert story.running() == {ClockKind.RATE}
    assert story.clock(ClockKind.DOCKET).on_time
    photo.refresh_from_db()
    assert (photo.case_id, photo.action) == (case.pk, Action.RESOLVE_ON_SPOT)
    assert event.payload["attachments"] == {str(photo.pk): photo.sha256}
    assert [broken for _, broken in journal.verify_all()] == [None]
    assert story.rate().case.outcome == Outcome.RATED


def test_a_patrol_matter_is_over(county: County) -> None:
    story = Story.begin(county, type=CaseType.PATROL, petitioner=None)
    case = mend(story, send_photo(county.users["gridworker"])).case
    assert (case.status, case.outcome, case.closed_at) == (Status.CLOSED, Outcome.VERIFIED, story.now)
    assert story.running() == set()


def test_a_dissatisfied_petitioner_brings_it_to_the_dispatcher(county: County) -> None:
    story = mend(Story.begin(county), send_photo(county.users["gridworker"])).rate(Grade.DISSATISFIED)
    assert (story.case.status, story.case.round) == (Status.DOCKETED, 2)
    assert story.case.docketed_at == story.now
    assert story.case.dispatch_unit == county.government
    assert story.running() == {ClockKind.RESOLVE, ClockKind.DISPATCH}
    assert story.clock(ClockKind.RESOLVE).charged == county.government
    assert story.dispatch().case.status == Status.DISPATCHED


def test_several_photos_and_one_twice(county: County) -> None:
    worker = county.users["gridworker"]
    first, second = send_photo(worker, data=photos.jpeg(1)), send_photo(worker, data=photos.jpeg(2))
    story = mend(Story.begin(county), first, second, first)
    assert set(story.events()[-1].payload["attachments"]) == {str(first.pk), str(second.pk)}


@pytest.mark.parametrize(
    ("inputs", "field"),
    [
        ({"photos": []}, "photos"),
        ({"photos": "x"}, "photos"),
        ({"photos": ["x"]}, "photos"),
        ({"photos": [str(uuid.uuid4())]}, "photos"),
        ({"photos": [str(uuid.uuid4())] * 21}, "photos"),
        ({"reply": " "}, "reply"),
    ],
)
def test_without_a_reply_or_a_photo_nothing_happens(county: County, inputs: dict[str, Any], field: str) -> None:
    story = Story.begin(county)
    before = snapshot(story.case_id)
    with pytest.raises(InvalidInput) as refusal:
        mend(story, send_photo(county.users["gridworker"]), **inputs)
    assert set(refusal.value.errors) == {field}
    assert snapshot(story.case_id) == before


def test_a_photo_of_somebody_else_a_paper_or_one_that_is_used_is_refused(county: County) -> None:
    worker = county.users["gridworker"]
    used = send_photo(worker)
    mend(Story.begin(county), used)
    story = Story.begin(county)
    for photo in (send_photo(county.users["intake"]), send_photo(worker, data=photos.PDF), used):
        mine = send_photo(worker)
        with pytest.raises(InvalidInput) as refusal:
            mend(story, mine, photo)
        assert set(refusal.value.errors) == {"photos"}
        mine.refresh_from_db()
        assert mine.case is None, "all of them, or none"
    assert story.case.status == Status.COLLECTED


def test_only_the_grid_worker_and_only_before_docketing(county: County) -> None:
    story, photo = Story.begin(county), send_photo(county.users["gridworker"])
    for username in ("township", "center"):
        with pytest.raises(NotPermitted):
            mend(story, photo, by=username)
    docketed = story_in(county, Status.DOCKETED)
    with pytest.raises(Conflict):
        mend(docketed, photo)


def test_photos_of_an_anonymous_matter_forget_where_and_when(county: County) -> None:
    worker = county.users["gridworker"]
    story = Story.begin(county, petitioner=ANONYMOUS)
    assert story.case.disclosure == Disclosure.ANONYMOUS
    with pytest.raises(InvalidInput):
        mend(story, send_photo(worker, data=photos.MP4))
    photo = send_photo(worker)
    assert photo.taken_at == photos.TAKEN
    mend(story, photo)
    left = Attachment.objects.values_list("latitude", "longitude", "taken_at").get(pk=photo.pk)
    assert left == (None, None, None)
