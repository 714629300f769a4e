"""A long list as a file: what 20,000 rows take, and how much more memory the worker needs for them."""

import csv
import io
import time
import uuid
from datetime import datetime
from pathlib import Path

from cases.actions import errands
from cases.actions.exporting import note_export
from cases.admin.listings import sheet_of
from cases.errands import carry_out
from cases.models import Case, Errand
from cases.table_files import WRITERS
from cases.terms import ErrandKind, ErrandState
from grids.actors import Actor, HeldPost
from grids.models import User
from grids.roles import Role
from tests.bench.figures import Figure, say
from tests.bench.load import Load

ROWS = 20_000
_COLUMNS = ("number", "title", "type", "area_code", "status", "due_at", "received_at")


def export(load: Load) -> list[Figure]:
    """Seconds for each format, against reading and writing seven bare columns; then the growth of memory in MiB."""
    user = User.objects.filter(posts__role=Role.CENTER_DISPATCHER).order_by("pk").first()
    assert user is not None
    ids = list(Case.objects.filter(closed_at=None, sealed=False).order_by("pk").values_list("pk", flat=True)[:ROWS])
    bare = _bare(ids)
    figures, growth = [], 0.0
    for format in WRITERS:
        _reset_peak()
        before = _peak()
        seconds = _made(user, ids, format, now=load.now)
        growth = max(growth, _peak() - before)
        figures.append(Figure(f"export_{format}_20k", seconds, "s", bare))
    say(f"{len(ids)} rows; the process is {before:.0f} MiB large without an export")
    return [*figures, Figure("export_20k_memory", growth, "MiB", before)]


def _made(user: User, ids: list[int], format: str, *, now: datetime) -> float:
    actor = Actor(user.pk, (HeldPost(Role.CENTER_DISPATCHER, "350924"),))
    note = note_export(what="cases", format=format, criteria={}, rows=len(ids), actor=actor, now=now)
    order = errands.Order(ErrandKind.EXPORT, uuid.uuid4(), options={"format": format}, row_ids=ids, total=len(ids))
    placed = errands.place(order, actor=actor, now=now, note=lambda: note)
    began = time.perf_counter()
    claimed = errands.claim(now=now)
    assert claimed is not None
    carry_out(claimed, lambda: now, sheet_of)
    seconds = time.perf_counter() - began
    done = Errand.objects.get(pk=placed.pk)
    assert (done.state, done.done) == (ErrandState.DONE, len(ids)), done.trouble
    errands.take_back(errand_id=done.pk, actor=actor, now=now)
    return seconds


def _bare(ids: list[int]) -> float:
    began = time.perf_counter()
    out = csv.writer(io.StringIO())
    for start in range(0, len(ids), 500):
        out.writerows(Case.objects.filter(pk__in=ids[start : start + 500]).values_list(*_COLUMNS))
    return time.perf_counter() - began


def _reset_peak() -> None:
    """Linux forgets how large the process once was."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak() -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
