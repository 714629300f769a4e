"""Errands: who may begin them anew, what a dead worker leaves, what a worker that was thought dead may still do."""

import io
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from openpyxl.worksheet._writer import ALL_TEMP_FILES

from cases import working_files
from cases.actions import errands
from cases.actions.erasure import erase_petitioner
from cases.actions.errands import KEPT, SILENCE, Order, Overtaken
from cases.actions.exporting import note_export
from cases.admin.listings import sheet_of
from cases.errands import carry_out
from cases.errors import Conflict, NotVisible
from cases.models import Errand, ExportNote
from cases.terms import ErrandKind, ErrandState, Status
from grids.actors import Actor
from tests.builders import MONDAY, County
from tests.stories import Story, story_in
from tests.working import kept_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("working")]


def asked(county: County, *ids: int, username: str = "center", key: uuid.UUID | None = None) -> Errand:
    actor = county.actor(username)

    def note() -> ExportNote:
        return note_export(what="cases", format="csv", criteria={}, rows=len(ids), actor=actor, now=MONDAY)

    order = Order(ErrandKind.EXPORT, key or uuid.uuid4(), options={"format": "csv"}, row_ids=ids, total=len(ids))
    return errands.place(order, actor=actor, now=MONDAY, note=note)


def begun(county: County, *ids: int) -> Errand:
    asked(county, *ids)
    errand = errands.claim(now=MONDAY)
    assert errand is not None
    return errand


def state_of(errand: Errand) -> str:
    return Errand.objects.values_list("state", flat=True).get(pk=errand.pk)


def anew(errand: Errand, actor: Actor) -> Errand:
    return errands.begin_anew(errand_id=errand.pk, actor=actor, now=MONDAY)


def test_one_at_a_time_and_the_eldest_first(county: County) -> None:
    first, second = asked(county), asked(county, username="inspector")
    claimed = errands.claim(now=MONDAY)
    assert claimed == first
    assert errands.claim(now=MONDAY) is None
    with pytest.raises(IntegrityError, match="errand_one_at_a_time"), transaction.atomic():
        Errand.objects.filter(pk=second.pk).update(state="working", alive_at=MONDAY)
    carry_out(first if claimed is None else claimed, lambda: MONDAY, sheet_of)
    assert errands.claim(now=MONDAY) == second


def test_a_dead_worker_leaves_an_errand_that_can_be_begun_anew(county: County) -> None:
    story, actor = Story.begin(county), county.actor("center")
    errand = begun(county, story.case_id)
    assert errands.give_up_silent(now=MONDAY + SILENCE) == 0
    with pytest.raises(Conflict, match="处理中"):
        anew(errand, actor)
    assert errands.give_up_silent(now=MONDAY + SILENCE + timedelta(seconds=1)) == 1
    assert state_of(errand) == ErrandState.FAILED
    assert anew(errand, actor).state == anew(errand, actor).state == ErrandState.WAITING, "pressed twice"
    second = errands.claim(now=MONDAY)
    assert second is not None
    carry_out(second, lambda: MONDAY, sheet_of)
    assert (state_of(errand), ExportNote.objects.get().rows) == (ErrandState.DONE, 1)


def test_a_worker_that_was_thought_dead_changes_nothing_any_more(county: County, working: Path) -> None:
    story, actor = Story.begin(county), county.actor("center")
    late = begun(county, story.case_id)
    errands.give_up_silent(now=MONDAY + SILENCE * 2)
    anew(late, actor)
    fresh = errands.claim(now=MONDAY)
    assert fresh is not None
    with pytest.raises(Overtaken):
        errands.tell(late, now=MONDAY, done=7)
    with pytest.raises(Overtaken):
        errands.finish(late, io.BytesIO(b"late"), now=MONDAY, state=ErrandState.DONE)
    errands.fail(late, "late", now=MONDAY)
    assert (state_of(late), kept_in(working)) == (ErrandState.WORKING, set())
    carry_out(fresh, lambda: MONDAY, sheet_of)
    ended = ExportNote.objects.get().finished_at
    carry_out(late, lambda: MONDAY, sheet_of)
    assert (state_of(late), ExportNote.objects.get().finished_at) == (ErrandState.DONE, ended)


def test_taken_back_while_it_is_under_way(county: County, working: Path) -> None:
    errand = begun(county, Story.begin(county).case_id)
    errands.take_back(errand_id=errand.pk, actor=county.actor("center"), now=MONDAY)
    carry_out(errand, lambda: MONDAY, sheet_of)
    assert (state_of(errand), kept_in(working)) == (ErrandState.EXPIRED, set())
    assert ExportNote.objects.get().finished_at is None


def test_what_fails_is_told_and_the_next_one_has_its_turn(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    errand = begun(county, Story.begin(county).case_id)
    monkeypatch.setattr("cases.exporting.masked", lambda person: person.nothing)
    carry_out(errand, lambda: MONDAY, sheet_of)
    errand.refresh_from_db()
    assert (errand.state, errand.trouble) == (ErrandState.FAILED, "系统处理时出错。请重试，或联系管理员。")
    other = asked(county, username="inspector")
    assert errands.claim(now=MONDAY) == other


def test_a_workbook_that_breaks_off_leaves_no_file_behind(county: County) -> None:
    errand = begun(county, Story.begin(county).case_id)
    Errand.objects.filter(pk=errand.pk).update(options={"format": "xlsx"})
    errand.refresh_from_db()
    before = set(ALL_TEMP_FILES)
    errands.take_back(errand_id=errand.pk, actor=county.actor("center"), now=MONDAY)
    carry_out(errand, lambda: MONDAY, sheet_of)
    assert set(ALL_TEMP_FILES) == before


def test_nobody_moves_an_errand_of_another_person(county: County) -> None:
    errand, other = asked(county), county.actor("inspector")
    for verb in (errands.begin_anew, errands.take_back):
        with pytest.raises(NotVisible):
            verb(errand_id=errand.pk, actor=other, now=MONDAY)
    assert state_of(errand) == ErrandState.WAITING


def test_files_lie_encrypted_and_a_lost_tail_is_noticed(working: Path) -> None:
    content = "王小明 13800001234 ".encode() * 30_000
    name = working_files.keep(io.BytesIO(content))
    assert b"".join(working_files.pieces(name)) == content
    file = working / name
    assert oct(file.stat().st_mode & 0o777) == "0o600"
    stored = file.read_bytes()
    assert "王小明".encode() not in stored
    file.chmod(0o600)
    file.write_bytes(stored[:-104])
    with pytest.raises(EOFError):
        list(working_files.pieces(name))
    working_files.drop(name)
    working_files.drop(name)
    assert not file.exists()


@pytest.mark.django_db(transaction=True)
def test_erasing_somebody_takes_the_files_away(county: County, working: Path) -> None:
    story = story_in(county, Status.CLOSED)
    errand = begun(county, story.case_id)
    carry_out(errand, lambda: MONDAY, sheet_of)
    assert len(kept_in(working)) == 1
    erase_petitioner(number=story.number, reason="本人要求", now=story.now)
    assert (state_of(errand), kept_in(working)) == (ErrandState.EXPIRED, set())


@pytest.mark.django_db(transaction=True)
def test_cleaning_takes_files_of_yesterday_and_files_without_a_row(county: County, working: Path) -> None:
    errand = begun(county, Story.begin(county).case_id)
    carry_out(errand, lambda: MONDAY, sheet_of)
    stray = working_files.keep(io.BytesIO(b"stray"))
    errands.clean_errands(now=MONDAY + KEPT)
    assert len(kept_in(working)) == 2, "neither is old enough"
    errands.clean_errands(now=MONDAY + KEPT + timedelta(seconds=1))
    assert (state_of(errand), kept_in(working)) == (ErrandState.EXPIRED, {stray})
    errands.clean_errands(now=MONDAY.now(MONDAY.tzinfo) + KEPT + timedelta(minutes=1))
    assert kept_in(working) == set()
    assert not Errand.objects.exists(), "a month has passed"
    assert ExportNote.objects.count() == 1, "what the auditor reads stays"
