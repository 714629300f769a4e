"""Taking in a list of another system, row by row: what cannot be taken is told and stops nothing.

Each row is a transaction of its own, and a row is known by its source system and number: a run that was interrupted
is simply run again, and nothing comes in twice.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Final

from django.db import DataError, IntegrityError
from django.utils.translation import gettext as _

from cases.actions.intake import import_matter
from cases.errors import CaseError, InvalidInput
from cases.imported_rows import Entry, Reader
from cases.repeats import Firsts, Repeat, Shelf, Stored, elsewhere, of_stored
from cases.sheets import Row
from cases.terms import CaseType
from cases.versions import calendar_in_force, policy_in_force
from grids.models import Area

#: Rows of a rehearsal whose numbers are looked up in one statement.
_REHEARSED_AT_ONCE: Final = 200


class Outcome(StrEnum):
    """What became of a row."""

    COLLECTED = "collected"  # open, its clocks run from now on
    HISTORIC = "historic"  # answered long ago, closed with its own times
    KNOWN = "known"  # its number is here already
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Result:
    """One row's fate; `number` is the number of its case. In a dry run nothing has a number that had none before.

    `faults`: of a row that failed, each field at fault with its sentence; `reason` holds them as one line.
    `differs`: its number is here already, with other words. `elsewhere`: another source under which the same number
    came in with the same words; only a dry run asks, because afterwards it is too late.
    """

    row: int
    source_number: str
    outcome: Outcome
    number: str = ""
    reason: str = ""
    differs: bool = False
    elsewhere: str = ""
    faults: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Import:
    """Where a list comes from and what its rows are where they do not say so themselves.

    `within`: the beginnings of the codes of areas that whoever imports may take matters in for.
    """

    source_system: str
    area: Area
    type: CaseType
    dry_run: bool = False
    within: tuple[str, ...] = ("",)

    def take(self, rows: Iterable[Row], *, now: datetime) -> Iterator[Result]:
        """Take in the rows one by one. Errors: NotReady before the first row when no policy or calendar is there."""
        policy_in_force(now)
        calendar_in_force()
        reader = Reader(default_area=self.area, default_type=self.type, now=now, within=self.within)
        work = _Work(Shelf(self.source_system, self.within), Firsts(), now)
        source = iter(rows)
        while batch := list(islice(source, _REHEARSED_AT_ONCE if self.dry_run else 1)):
            read = [_read(row, reader) for row in batch]
            yield from self._rehearse(read, work) if self.dry_run else (self._store(one, work) for one in read)

    def _rehearse(self, read: list["_Read"], work: "_Work") -> Iterator[Result]:
        entries = [one for one in read if isinstance(one, tuple)]
        under = work.shelf.under({entry.source_number for _row, entry in entries})
        for one in read:
            yield self._would(one, under, work.firsts) if isinstance(one, tuple) else one

    def _would(self, read: tuple[Row, Entry], under: Mapping[str, list[Stored]], firsts: Firsts) -> Result:
        row, entry = read
        stored = under.get(entry.source_number, [])
        if repeat := firsts.before(entry):
            own = next((one.number for one in stored if one.source == self.source_system), "")
            return _known(row, entry, own, repeat)
        firsts.note(row.number, entry)
        if stored and stored[0].source == self.source_system:
            return _known(row, entry, stored[0].number, of_stored(entry, stored[0]))
        other = elsewhere(entry, stored)
        told = _("The same number with the same words came in as “%(source)s”.") % {"source": other} if other else ""
        reason = " ".join(filter(None, (told, entry.remark)))
        return Result(row.number, entry.source_number, _outcome(entry), reason=reason, elsewhere=other)

    def _store(self, read: "_Read", work: "_Work") -> Result:
        if isinstance(read, Result):
            return read
        row, entry = read
        try:
            return self._stored(row, entry, work)
        except CaseError as error:
            return _failed(row, error)
        except (DataError, IntegrityError):
            # The database's own words would repeat what the row says.
            return _failed(row, CaseError(_("The database cannot store this row.")))

    def _stored(self, row: Row, entry: Entry, work: "_Work") -> Result:
        case = import_matter(
            matter=entry.matter,
            received_at=entry.received_at,
            answer=entry.answer,
            source_system=self.source_system,
            source_number=entry.source_number,
            now=work.now,
        )
        repeat = work.firsts.before(entry)
        work.firsts.note(row.number, entry)
        if case is None:
            (known, *_others) = work.shelf.under([entry.source_number])[entry.source_number]
            return _known(row, entry, known.number, repeat or of_stored(entry, known))
        return Result(row.number, entry.source_number, _outcome(entry), number=case.number, reason=entry.remark)


@dataclass(frozen=True, slots=True)
class _Work:
    """What one run over a list remembers."""

    shelf: Shelf
    firsts: Firsts
    now: datetime


#: A row with what it says, or why it cannot be taken.
_Read = tuple[Row, Entry] | Result


def _read(row: Row, reader: Reader) -> _Read:
    try:
        return row, reader.entry(row)
    except CaseError as error:
        return _failed(row, error)


def _failed(row: Row, error: CaseError) -> Result:
    errors = error.errors if isinstance(error, InvalidInput) else {}
    faults = tuple((field, str(sentence)) for field, sentences in errors.items() for sentence in sentences)
    reason = "; ".join(f"{field}: {sentence}" for field, sentence in faults) or str(error)
    return Result(row.number, str(row.values.get("source_number", "")), Outcome.FAILED, reason=reason, faults=faults)


def _known(row: Row, entry: Entry, number: str, repeat: Repeat) -> Result:
    return Result(row.number, entry.source_number, Outcome.KNOWN, number, repeat.reason, differs=repeat.differs)


def _outcome(entry: Entry) -> Outcome:
    return Outcome.HISTORIC if entry.answer else Outcome.COLLECTED
