"""Taking in a list of another system, row by row: what cannot be taken is told and stops nothing.

Each row is a transaction of its own, and a row is known by its source system and number: a run that was interrupted
is simply run again, and nothing comes in twice.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import DataError, IntegrityError
from django.utils.translation import gettext as _

from cases.actions.intake import import_matter
from cases.errors import CaseError, InvalidInput
from cases.imported_rows import Entry, Reader
from cases.models import Case
from cases.sheets import Row
from cases.terms import CaseType
from cases.versions import calendar_in_force, policy_in_force
from grids.models import Area


class Outcome(StrEnum):
    """What became of a row."""

    COLLECTED = "collected"  # open, its clocks run from now on
    HISTORIC = "historic"  # answered long ago, closed with its own times
    KNOWN = "known"  # its number is here already
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Result:
    """One row's fate; `number` is the number of its case. In a dry run nothing has a number that had none before."""

    row: int
    source_number: str
    outcome: Outcome
    number: str = ""
    reason: str = ""


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
        rehearsed: set[str] = set()
        for row in rows:
            result = self._take(row, reader, now)
            if self.dry_run and result.outcome in {Outcome.COLLECTED, Outcome.HISTORIC}:
                if result.source_number in rehearsed:
                    result = Result(row.number, result.source_number, Outcome.KNOWN)
                rehearsed.add(result.source_number)
            yield result

    def _take(self, row: Row, reader: Reader, now: datetime) -> Result:
        number = str(row.values.get("source_number", ""))
        try:
            entry = reader.entry(row)
            return self._rehearse(row, entry) if self.dry_run else self._store(row, entry, now)
        except CaseError as error:
            return Result(row.number, number, Outcome.FAILED, reason=_sentence(error))
        except (DataError, IntegrityError):
            # The database's own words would repeat what the row says.
            return Result(row.number, number, Outcome.FAILED, reason=_("The database cannot store this row."))

    def _rehearse(self, row: Row, entry: Entry) -> Result:
        known = self._known(entry)
        if known:
            return Result(row.number, entry.source_number, Outcome.KNOWN, number=known)
        return Result(row.number, entry.source_number, _outcome(entry), reason=entry.remark)

    def _store(self, row: Row, entry: Entry, now: datetime) -> Result:
        case = import_matter(
            matter=entry.matter,
            received_at=entry.received_at,
            answer=entry.answer,
            source_system=self.source_system,
            source_number=entry.source_number,
            now=now,
        )
        if case is None:
            return Result(row.number, entry.source_number, Outcome.KNOWN, number=self._known(entry))
        return Result(row.number, entry.source_number, _outcome(entry), number=case.number, reason=entry.remark)

    def _known(self, entry: Entry) -> str:
        """The number of the case that this row became before; empty when there is none."""
        cases = Case.objects.filter(source_system=self.source_system, source_number=entry.source_number)
        return cases.values_list("number", flat=True).first() or ""


def _outcome(entry: Entry) -> Outcome:
    return Outcome.HISTORIC if entry.answer else Outcome.COLLECTED


def _sentence(error: CaseError) -> str:
    """The reason in one line, with the name of the field that it is about."""
    fields = ", ".join(error.errors) if isinstance(error, InvalidInput) else ""
    return f"{fields}: {error}" if fields else str(error)
