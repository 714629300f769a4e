"""Opening what an office calls a table: .xlsx and .csv as plain rows of cells, with bounds on what a file may cost.

What a file is, its first bytes say, not its name. Nothing here knows what the columns mean (`cases.sheets` does).
"""

import codecs
import csv
import re
import warnings
import zipfile
import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final, Protocol
from xml.etree.ElementTree import ParseError

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils import column_index_from_string
from openpyxl.utils.exceptions import InvalidFileException

#: A workbook of 100,000 long messages unpacks to about 250 MiB; a bomb to thousands.
MOST_UNPACKED: Final = 512 * 1024 * 1024
MOST_UNPACKED_PART: Final = 128 * 1024 * 1024  # of anything but a worksheet: these are read whole
MOST_PARTS: Final = 2_000
MOST_ROWS: Final = 1_048_576  # the format's own bound; a higher row number would be padded with blank rows
LONGEST_CSV_CELL: Final = 1024 * 1024  # characters

_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # old .xls, and .xlsx with a password
_UNREADABLE: Final = (
    AttributeError,
    EOFError,
    InvalidFileException,
    KeyError,
    IndexError,
    NotImplementedError,
    OSError,
    OverflowError,
    ParseError,
    RuntimeError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)  # what openpyxl and the zip module raise for damaged files, found by damaging some
_BATCH: Final = 500  # rows
_MERGED: Final = re.compile(
    rb"""<(?:\w+:)?mergeCell\s[^<>]{0,80}?ref=["']([A-Z]{1,3})(\d{1,7}):[A-Z]{1,3}(\d{1,7})["']"""
)
_LONGEST_TAG: Final = 200  # bytes of what `_MERGED` finds
_MOST_MERGED: Final = 50_000

Cells = Sequence[object]


class SheetError(ValueError):
    """The file cannot be read as a table; the message is one sentence for the person who chose it."""


@dataclass(frozen=True, slots=True, order=True)
class Merged:
    """Cells of a column that people see as one: written in the first of these rows, it holds for all of them."""

    first: int
    last: int
    column: int  # from 0


class Table(Protocol):
    """Rows that can be read again from any row on; the first row is number 1."""

    @property
    def name(self) -> str:
        """As people call it within its file; empty where a file has only one."""

    def merged(self) -> Sequence[Merged]:
        """In the order of their first rows."""

    def rows(self, first: int = 1, *, width: int | None = None) -> Iterator[Cells]:
        """The cells of each row from `first` on, at most `width` of them; blank rows are rows too."""


def open_tables(path: Path) -> list[Table]:
    """The tables of a file: one for each worksheet, one for a .csv. Raises SheetError."""
    try:
        with path.open("rb") as file:
            beginning = file.read(4096)
    except OSError as error:
        raise SheetError(_("The file %(path)s cannot be read.") % {"path": path}) from error
    if not beginning.strip():
        raise SheetError(_("The file %(path)s is empty.") % {"path": path})
    if beginning.startswith(_OLE):
        message = _("The file %(path)s is protected by a password or an old .xls: save it as a plain .xlsx.")
        raise SheetError(message % {"path": path})
    if beginning.startswith(_ZIP):
        _refuse_bombs(path)
        return _worksheets(path)
    return [_delimited(path, beginning)]


# Workbooks


@dataclass(frozen=True)
class _Worksheet:
    path: Path
    index: int
    name: str

    def merged(self) -> Sequence[Merged]:
        with _workbook(self.path) as workbook, _complaints_of(self.path):
            worksheet = workbook.worksheets[self.index]
            with closing(worksheet._get_source()) as part:  # noqa: SLF001 — what it reads itself knows no merged cells
                found = set(islice(_tall(part), _MOST_MERGED + 1))
        if len(found) > _MOST_MERGED:
            raise SheetError(_("The file %(path)s has too many merged cells: divide it.") % {"path": self.path})
        return sorted(found)

    def rows(self, first: int = 1, *, width: int | None = None) -> Iterator[Cells]:
        with _workbook(self.path) as workbook:
            worksheet = workbook.worksheets[self.index]
            worksheet.reset_dimensions()  # some programs write a size that is not true
            rows = worksheet.iter_rows(min_row=first, max_row=MOST_ROWS, max_col=width, values_only=True)
            while batch := self._batch(rows):
                yield from batch

    def _batch(self, rows: Iterator[Cells]) -> list[Cells]:
        # In batches, so that the warnings filter is never left changed while the reader of the rows runs.
        with _complaints_of(self.path):
            return list(islice(rows, _BATCH))


def _worksheets(path: Path) -> list[Table]:
    with _workbook(path) as workbook:
        return [_Worksheet(path, index, sheet.title) for index, sheet in enumerate(workbook.worksheets)]


def _tall(part: IO[bytes]) -> Iterator[Merged]:
    """Those of more than one row. They stand behind all rows of a worksheet, which is read in pieces; a tag that stands
    on the border of two is found in the second one, or in both."""
    rest = b""
    while piece := part.read(1024 * 1024):
        text = rest + piece
        for column, first, last in _MERGED.findall(text):
            if int(first) < int(last):
                yield Merged(int(first), int(last), column_index_from_string(column.decode()) - 1)
        rest = text[-_LONGEST_TAG:]


def filled(rows: Iterable[Cells], merged: Sequence[Merged], *, first: int) -> Iterator[Cells]:
    """Rows from `first` on, with what merged cells hold in each row that says anything else. What is merged with
    headings above holds for nothing here."""
    coming, holding = deque(one for one in merged if one.first >= first), list[tuple[Merged, object]]()
    for number, cells in enumerate(rows, start=first):
        holding = [(one, value) for one, value in holding if one.last >= number]
        yield _with(cells, holding) if holding and any(cells) else cells
        while coming and coming[0].first == number:
            one = coming.popleft()
            if one.column < len(cells):
                holding.append((one, cells[one.column]))


def _with(cells: Cells, holding: Iterable[tuple[Merged, object]]) -> Cells:
    whole = list(cells)
    for one, value in holding:
        whole += [None] * (one.column + 1 - len(whole))
        if whole[one.column] in {None, ""}:
            whole[one.column] = value
    return whole


@contextmanager
def _workbook(path: Path) -> Iterator[Any]:  # read-only workbooks are of another type than the stubs say
    with path.open("rb") as file:
        with _complaints_of(path):
            workbook = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        with closing(workbook):
            yield workbook


@contextmanager
def _complaints_of(path: Path) -> Iterator[None]:
    """Damage becomes a SheetError; openpyxl's warnings tell of what it leaves out, none of which is a cell."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except _UNREADABLE as error:
        raise _damaged(path) from error


def _refuse_bombs(path: Path) -> None:
    """Archives are measured by what they declare, which the zip module then holds them to while unpacking."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except _UNREADABLE as error:
        raise _damaged(path) from error
    largest = max((part.file_size for part in parts if "worksheets/" not in part.filename), default=0)
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED or largest > MOST_UNPACKED_PART:
        raise SheetError(_("The file %(path)s is too large once unpacked: divide it.") % {"path": path})


def _damaged(path: Path) -> SheetError:
    return SheetError(_("The file %(path)s is not a spreadsheet that can be read.") % {"path": path})


# Delimited text


@dataclass(frozen=True)
class _Delimited:
    path: Path
    encoding: str
    delimiter: str
    name: str = ""

    def merged(self) -> Sequence[Merged]:
        return ()

    def rows(self, first: int = 1, *, width: int | None = None) -> Iterator[Cells]:
        csv.field_size_limit(LONGEST_CSV_CELL)
        with self.path.open(encoding=self.encoding, newline="") as file:
            reader = csv.reader(file, delimiter=self.delimiter)
            try:
                for row in islice(reader, first - 1, None):
                    yield row[:width]
            except csv.Error as error:
                message = _("The file %(path)s cannot be read at line %(line)d.")
                raise SheetError(message % {"path": self.path, "line": reader.line_num}) from error


def _delimited(path: Path, beginning: bytes) -> Table:
    encoding = _encoding_of(path, beginning)
    if encoding is None:
        raise _damaged(path)
    first_line = codecs.decode(beginning, encoding, "replace").lstrip("\ufeff\r\n").split("\n", 1)[0]
    return _Delimited(path, encoding, max(",\t;", key=first_line.count))


def _encoding_of(path: Path, beginning: bytes) -> str | None:
    """UTF-8 when the whole file is, else the national standard; None for what is no text."""
    candidates = ["utf-8-sig", "gb18030"]
    if beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    elif b"\x00" in beginning:
        return None
    return next((encoding for encoding in candidates if _decodes(path, encoding)), None)


def _decodes(path: Path, encoding: str) -> bool:
    try:
        with path.open(encoding=encoding) as file:
            while file.read(1024 * 1024):
                pass
    except UnicodeError:
        return False
    return True
