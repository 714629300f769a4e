"""Files on the disk: private, found again, erased with their case, cleaned away when nobody uses them."""

import os
import uuid
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import IntegrityError, transaction
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from cases import journal
from cases.actions.attaching import Cleaned, clean_uploads, erase_attachments, path_of
from cases.actions.erasure import erase_petitioner
from cases.models import Attachment
from cases.workflow import Action
from config.celery import app
from tests import photos
from tests.builders import MONDAY, County
from tests.photos import send_photo
from tests.stories import Story

pytestmark = pytest.mark.django_db

LATER = timedelta(hours=24, seconds=1)


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Settings) -> Path:
    """A folder of this test's own, with everything else as the service has it."""
    default = settings.STORAGES["default"]
    own = default | {"OPTIONS": default["OPTIONS"] | {"location": tmp_path / "media"}}
    settings.STORAGES = settings.STORAGES | {"default": own}
    return tmp_path / "media"


def files(media: Path) -> set[str]:
    return {path.relative_to(media).as_posix() for path in media.rglob("*") if path.is_file()}


def test_files_are_private_and_their_names_say_nothing(county: County, media: Path) -> None:
    photo = send_photo(county.users["gridworker"])
    assert files(media) == {path_of(photo.name), path_of(photo.name, preview=True)}
    assert photo.pk.hex not in photo.name
    assert {oct(path.stat().st_mode & 0o777) for path in media.rglob("*") if path.is_file()} == {"0o600"}
    folders = [media, *(path for path in media.rglob("*") if path.is_dir())]
    assert {oct(path.stat().st_mode & 0o777) for path in folders} == {"0o700"}


def test_what_the_disk_holds_has_no_metadata(county: County, media: Path) -> None:
    send_photo(county.users["gridworker"], data=photos.photo())
    assert all(photos.MARK not in (media / file).read_bytes() for file in files(media))


def test_an_upload_that_the_database_refuses_leaves_no_file(
    county: County, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise IntegrityError

    monkeypatch.setattr(Attachment, "save", refuse)
    with pytest.raises(IntegrityError):
        send_photo(county.users["gridworker"])
    assert files(media) == set()


def test_the_database_knows_no_half_used_file(county: County) -> None:
    photo = send_photo(county.users["gridworker"])
    for changes in ({"action": "collect"}, {"name": ""}, {"erased_at": MONDAY}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Attachment.objects.filter(pk=photo.pk).update(**changes)


def test_unused_files_go_after_a_day(
    county: County, media: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    worker = county.users["gridworker"]
    used, unused, young = (send_photo(worker, now=now) for now in (MONDAY, MONDAY, MONDAY + timedelta(hours=1)))
    story = Story.begin(county)
    story.act(Action.RESOLVE_ON_SPOT, "gridworker", reply="已清理", photos=[str(used.pk)])
    with django_capture_on_commit_callbacks(execute=True):
        assert clean_uploads(now=MONDAY + LATER) == Cleaned(unused=1, strays=0)
    assert set(Attachment.objects.values_list("pk", flat=True)) == {used.pk, young.pk}
    assert not any(unused.name in file for file in files(media))
    assert len(files(media)) == 4


def test_files_without_a_row_go_once_they_are_old(county: County, media: Path) -> None:
    kept = send_photo(county.users["gridworker"], now=MONDAY + LATER)
    for age, name in ((timedelta(days=2), "aa" * 16), (timedelta(0), "bb" * 16)):
        default_storage.save(path_of(name), ContentFile(b"x"))
        aged(media / path_of(name), MONDAY + LATER - age)
    aged(media / path_of(kept.name), MONDAY - LATER)
    assert clean_uploads(now=MONDAY + LATER) == Cleaned(unused=0, strays=1)
    assert files(media) == {path_of("bb" * 16), path_of(kept.name), path_of(kept.name, preview=True)}


def aged(path: Path, moment: datetime) -> None:
    os.utime(path, (moment.timestamp(), moment.timestamp()))


def test_nothing_sent_yet_is_nothing_to_clean(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("clean_uploads")
    assert "0" in capsys.readouterr().out


def test_the_beat_cleans() -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)
    assert app.conf.beat_schedule["clean-uploads"]["task"] == "cases.tasks.clean_uploads"


def resolved(county: County) -> tuple[Story, Attachment]:
    photo = send_photo(county.users["gridworker"])
    story = Story.begin(county)
    story.act(Action.RESOLVE_ON_SPOT, "gridworker", reply="已清理", photos=[str(photo.pk)])
    return story.wait(hours=1), photo


def test_erasing_takes_the_files_and_leaves_the_chain(
    county: County, media: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    story, photo = resolved(county)
    story.rate()
    with django_capture_on_commit_callbacks(execute=True):
        assert erase_petitioner(number=story.number, reason="本人申请", now=story.now).files == 1
    assert files(media) == set()
    photo.refresh_from_db()
    left = (photo.name, photo.sha256, photo.sent_digest, photo.content_type, photo.size, photo.preview)
    assert left == ("", "", "", "", 0, False)
    assert (photo.latitude, photo.longitude, photo.taken_at, photo.erased_at) == (None, None, None, story.now)
    assert [broken for _, broken in journal.verify_all()] == [None]
    assert erase_attachments(story.case, now=story.now) == 0


def test_an_erasure_that_fails_keeps_the_files(county: County, media: Path) -> None:
    story, photo = resolved(county)
    with transaction.atomic():
        assert erase_attachments(story.case, now=story.now) == 1
        transaction.set_rollback(True)
    assert path_of(photo.name) in files(media)


def test_sent_twice_at_once_it_is_kept_once(county: County, media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second request looked before the first one had written its row."""
    client_id, worker = uuid.uuid4(), county.users["gridworker"]
    first = send_photo(worker, client_id=client_id)
    looks = iter([None, first])
    monkeypatch.setattr("cases.actions.attaching._earlier", lambda *_: next(looks))
    assert send_photo(worker, client_id=client_id) == first
    assert files(media) == {path_of(first.name), path_of(first.name, preview=True)}
