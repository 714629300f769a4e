"""Errands: what an officer asks of the worker, and how the worker says how far it is.

The row is the order, as everywhere: the worker looks for waiting rows every few seconds, and nothing is lost when it
is killed. An errand whose worker has given no sign of life is told as failed and is begun anew by its officer.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import IO, Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases import working_files
from cases.errors import Conflict, NotVisible
from cases.models import Errand, ExportNote
from cases.models.errand import WITH_RESULT
from cases.terms import ErrandKind, ErrandState
from grids.actors import Actor

#: How long a file is kept for whoever asked for it, and an upload for whoever brought it.
KEPT: Final = timedelta(hours=24)
#: Without a sign of life for so long a worker is taken for dead. It gives one every second, but while a workbook
#: is packed at the end: 100,000 rows take about ten.
SILENCE: Final = timedelta(seconds=90)
#: Errands that one person may have unfinished.
MOST_UNFINISHED: Final = 5
#: How long the rows of errands stay after their files: to be told what became of them.
REMEMBERED: Final = timedelta(days=30)

_UNFINISHED: Final = (ErrandState.DRAFT, ErrandState.WAITING, ErrandState.WORKING, ErrandState.CHECKED)
_CAN_BEGIN_ANEW: Final = ErrandState.FAILED


class Overtaken(Exception):
    """Another worker has this errand meanwhile, or its officer took it back."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for. `key` is of the form, so that pressing twice asks once."""

    kind: ErrandKind
    key: uuid.UUID
    state: ErrandState = ErrandState.WAITING
    options: Mapping[str, Any] = field(default_factory=dict)
    row_ids: Iterable[int] = ()
    moments: Iterable[datetime | None] = ()
    source: str = ""
    source_name: str = ""
    shown: str = ""
    total: int = 0


def place(order: Order, *, actor: Actor, now: datetime, note: Callable[[], ExportNote] | None = None) -> Errand:
    """Conflict when this person has too many unfinished ones. The same key again answers the errand that is there,
    and writes no second `note`."""
    if earlier := _earlier(actor, order.key):
        return earlier
    unfinished = Errand.objects.filter(user=actor.user_id, state__in=[state.value for state in _UNFINISHED])
    if unfinished.count() >= MOST_UNFINISHED:
        message = _("You have %(count)d unfinished errands. Let one end, or take one back, before the next.")
        raise Conflict(message % {"count": MOST_UNFINISHED})
    try:
        with transaction.atomic():
            written = note() if note else None
            return Errand.objects.create(user_id=actor.user_id or 0, asked_at=now, note=written, **_columns(order))
    except IntegrityError:
        if earlier := _earlier(actor, order.key):  # pressed twice at once
            return earlier
        raise


def _columns(order: Order) -> dict[str, Any]:
    return {
        "kind": order.kind.value,
        "key": order.key,
        "state": order.state.value,
        "options": dict(order.options),
        "row_ids": list(order.row_ids),
        "moments": list(order.moments),
        "source": order.source,
        "source_name": order.source_name,
        "shown": order.shown,
        "total": order.total,
    }


def _earlier(actor: Actor, key: uuid.UUID) -> Errand | None:
    return Errand.objects.filter(user=actor.user_id, key=key).first()


def own_errand(actor: Actor, errand_id: int) -> Errand:
    """NotVisible for everybody else's."""
    own = Errand.objects.filter(pk=errand_id, user=actor.user_id)
    found = own.select_related("note").defer("row_ids", "moments").first()
    if found is None:
        raise NotVisible(_("There is no such errand."))
    return found


def begin_anew(*, errand_id: int, actor: Actor, now: datetime) -> Errand:
    """Let the worker begin a failed errand again. A second press finds it waiting already; Conflict for any other."""
    return _move(errand_id, actor, {_CAN_BEGIN_ANEW}, ErrandState.WAITING, asked_at=now, trouble="", done=0, counts={})


def rehearse(*, errand_id: int, actor: Actor, options: Mapping[str, Any], now: datetime) -> Errand:
    """A draft whose columns are named waits for its rehearsal."""
    asked = {"options": {**options, "rehearsal": True}, "asked_at": now, "done": 0, "counts": {}}
    return _move(errand_id, actor, {ErrandState.DRAFT}, ErrandState.WAITING, **asked)


def carry_through(*, errand_id: int, actor: Actor, now: datetime) -> Errand:
    """What was rehearsed is done in earnest, with the columns that were rehearsed."""
    options = own_errand(actor, errand_id).options | {"rehearsal": False}
    return _move(errand_id, actor, {ErrandState.CHECKED}, ErrandState.WAITING, options=options, asked_at=now, done=0)


def name_anew(*, errand_id: int, actor: Actor, now: datetime) -> Errand:
    """Back from the rehearsal, or from one that failed, to the columns."""
    back = {ErrandState.CHECKED, ErrandState.FAILED}
    return _move(errand_id, actor, back, ErrandState.DRAFT, asked_at=now, trouble="", counts={}, done=0)


def _move(errand_id: int, actor: Actor, sources: set[ErrandState], goal: ErrandState, **changes: Any) -> Errand:
    with transaction.atomic():
        errand = Errand.objects.select_for_update(of=("self",)).filter(pk=errand_id, user=actor.user_id).first()
        if errand is None:
            raise NotVisible(_("There is no such errand."))
        if errand.state == goal:
            return errand
        if errand.kind == ErrandKind.EXPORT and goal is ErrandState.DRAFT:
            raise Conflict(_("An export has no columns to be named."))
        if errand.state not in sources:
            message = _("This errand is “%(state)s” meanwhile. Nothing was changed.")
            raise Conflict(message % {"state": errand.get_state_display()})
        _forget_result(errand)
        for name, value in {"state": goal.value, "ended_at": None, **changes}.items():
            setattr(errand, name, value)
        errand.save(force_update=True)
        return errand


def take_back(*, errand_id: int, actor: Actor, now: datetime) -> Errand:
    """End an errand with its files, in whatever state it is: a worker that has it stops at its next sign of life."""
    with transaction.atomic():
        errand = Errand.objects.select_for_update(of=("self",)).filter(pk=errand_id, user=actor.user_id).first()
        if errand is None:
            raise NotVisible(_("There is no such errand."))
        _expire(errand, now=now)
    return errand


# The worker's side


def claim(*, now: datetime) -> Errand | None:
    """The next errand, marked as under way; None when none waits or another worker has one."""
    if Errand.objects.filter(state=ErrandState.WORKING).exists():
        return None
    try:
        with transaction.atomic():
            waiting = Errand.objects.select_for_update(skip_locked=True, of=("self",))
            errand = waiting.filter(state=ErrandState.WAITING).order_by("asked_at", "id").first()
            if errand is None:
                return None
            errand.state, errand.begun_at, errand.alive_at = ErrandState.WORKING.value, now, now
            errand.attempt += 1
            errand.save(update_fields=["state", "begun_at", "alive_at", "attempt"])
            return errand
    except IntegrityError:  # one at a time, and another worker was faster
        return None


def tell(errand: Errand, *, now: datetime, **changes: Any) -> None:
    """A sign of life with how far it is. Overtaken when the errand is no longer this worker's."""
    if not _mine(errand).update(alive_at=now, **changes):
        raise Overtaken


def finish(errand: Errand, file: IO[bytes], *, now: datetime, state: ErrandState, **changes: Any) -> None:
    """Keep what was made and let it be fetched. Overtaken, with nothing kept, when another worker has it meanwhile."""
    file.seek(0, 2)
    size = file.tell()
    name = working_files.keep(file)
    ended: dict[str, Any] = {
        "state": state.value,
        "result": name,
        "size": size,
        "ended_at": now,
        "alive_at": now,
        "row_ids": [],
        "moments": [],
    }
    if not _mine(errand).update(**ended, **changes):
        working_files.drop(name)
        raise Overtaken


def fail(errand: Errand, trouble: str, *, now: datetime) -> None:
    _mine(errand).update(state=ErrandState.FAILED.value, trouble=trouble[:300], ended_at=now)


def _mine(errand: Errand) -> Any:
    return Errand.objects.filter(pk=errand.pk, state=ErrandState.WORKING, attempt=errand.attempt)


def drop_source(errand: Errand) -> None:
    """What was uploaded is not needed once it was taken in."""
    Errand.objects.filter(pk=errand.pk, state=ErrandState.DONE).update(source="")
    working_files.drop(errand.source)


def give_up_silent(*, now: datetime) -> int:
    """Errands whose worker was killed: they fail and can be begun anew."""
    dead = Errand.objects.filter(state=ErrandState.WORKING, alive_at__lt=now - SILENCE)
    return dead.update(state=ErrandState.FAILED.value, trouble="", ended_at=now)


# Fetching and forgetting


def fetched(errand: Errand, *, now: datetime) -> None:
    """That a file left the house is noted once, with its first time."""
    if errand.note_id is not None:
        ExportNote.objects.filter(pk=errand.note_id, fetched_at=None).update(fetched_at=now)


def clean_errands(*, now: datetime) -> int:
    """Take away the files of errands that ended, or were left as drafts, a day ago; and rows of a month ago."""
    old = Q(ended_at__lt=now - KEPT) | Q(state=ErrandState.DRAFT, asked_at__lt=now - KEPT)
    with transaction.atomic():
        kept = Errand.objects.select_for_update(skip_locked=True, of=("self",)).exclude(state=ErrandState.EXPIRED)
        expired = [_expire(errand, now=now) for errand in kept.filter(old)]
        Errand.objects.filter(state=ErrandState.EXPIRED, asked_at__lt=now - REMEMBERED).delete()
    _clean_strays(now=now)
    return len(expired)


def withdraw_files(*kinds: ErrandKind, now: datetime) -> int:
    """Take away the files of these kinds at once, and what is being made: any of them may tell of a case that somebody
    was erased from, or that was sealed.

    Inside the transaction of whoever asks. What only waits is made later, and then without that case.
    """
    made = [ErrandState.WORKING.value, *(state.value for state in WITH_RESULT)]
    rows = Errand.objects.select_for_update(of=("self",)).filter(kind__in=kinds)
    told = rows.filter(state__in=made).exclude(~Q(kind=ErrandKind.EXPORT), state=ErrandState.WORKING)
    return sum(_expire(errand, now=now) for errand in told)


def _expire(errand: Errand, *, now: datetime) -> int:
    for name in (errand.source, errand.result):
        transaction.on_commit(partial(working_files.drop, name))
    errand.source = errand.result = errand.shown = ""
    errand.row_ids, errand.moments = [], []
    errand.state, errand.ended_at = ErrandState.EXPIRED.value, errand.ended_at or now
    errand.save(update_fields=["source", "result", "shown", "state", "row_ids", "moments", "ended_at"])
    return 1


def _forget_result(errand: Errand) -> None:
    if errand.state in WITH_RESULT:
        transaction.on_commit(partial(working_files.drop, errand.result))
        errand.result = ""


def _clean_strays(*, now: datetime) -> None:
    """Files that a failure left without a row. A young one may belong to a row that is being written."""
    store = working_files.store()
    names = store.listdir("")[1] if store.exists("") else []
    known = Errand.objects.exclude(state=ErrandState.EXPIRED).values_list("source", "result")
    used = {name for pair in known for name in pair}
    for name in names:
        if name not in used and store.get_modified_time(name) < now - KEPT:
            working_files.drop(name)
