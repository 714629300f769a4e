"""Reading people's spreadsheets: columns by their headings, cells as text or times.

`read_rows` is for whoever reads messages from a file: the import and the replay. Fields that it knows by heading:
source_number, sender, title, received_at, description, reply, answered_at, topic, area, address, phone, type.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Final

from django.utils.translation import gettext as _

from cases.cells import as_moment, as_text
from cases.sheet_files import Cells, SheetError, Table, filled, open_tables

__all__ = ["HEADINGS", "Heads", "Row", "SheetError", "headings_of", "parse_overrides", "read_heads", "read_rows"]

_HEADINGS_OF: Final[Mapping[str, str]] = {
    "source_number": "留言编号 来源编号 工单编号 事项编号 编号 number",
    "sender": "留言用户 诉求人 来电人 联系人 姓名 name",
    "title": "留言主题 事项标题 标题 主题 subject",
    "received_at": "留言时间 来电时间 诉求时间 收到时间 受理时间 received",
    "description": "留言详情 诉求内容 事项描述 详情 内容 content",
    "reply": "答复意见 答复内容 回复意见 回复内容",
    "answered_at": "答复时间 回复时间 办结时间 answered",
    "topic": "一级分类 一级标签 分类 类别 category",
    "area": "所属网格 网格 辖区 area_code",
    "address": "事发地址 地址",
    "phone": "联系电话 手机号码 手机号 手机 电话",
    "type": "事项类型 类型",
}


def headings_of(fields: Mapping[str, str]) -> Mapping[str, str]:
    """Known headings and the field that each stands for; every field's own name is one of them."""
    return MappingProxyType({heading: name for name, known in fields.items() for heading in (name, *known.split())})


HEADINGS: Final = headings_of(_HEADINGS_OF)
TIME_FIELDS: Final = frozenset({"received_at", "answered_at", "valid_from", "valid_to"})

_ROWS_TO_SEARCH: Final = 20  # above the headings: titles, notes, blank rows
MOST_COLUMNS: Final = 60  # of a row that is given whole


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number in the file as people see it, the fields that are not blank, and what could not be read.

    `cells` are all of it, as texts, where the row was asked for whole.
    """

    number: int
    values: dict[str, object]
    problems: dict[str, str] = field(default_factory=dict)
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Header:
    number: int
    columns: Mapping[str, int]  # field → column, from 0


@dataclass(frozen=True, slots=True)
class Heads:
    """The row of headings in one of a file's tables, the first rows below it, and a guess: column → field.

    `name`: of that table; `others`: of those that hold something as well and are not read.
    """

    table: int
    number: int
    headings: tuple[str, ...]
    guess: Mapping[int, str]
    samples: tuple[tuple[str, ...], ...]
    name: str = ""
    others: tuple[str, ...] = ()


def read_heads(path: Path | str, headings: Mapping[str, str], *, samples: int = 3) -> Heads:
    """For a person who says which column is what. Of a file without a known heading the first row that holds anything.

    Raises SheetError.
    """
    tables = open_tables(Path(path))
    found = [(number, _find_header(table, headings, {})) for number, table in enumerate(tables)]
    known = [(number, header) for number, header in found if header is not None]
    index, header = (known or [(number, _first_row(table)) for number, table in enumerate(tables)])[0]
    if not header.number:
        raise SheetError(_("The file %(path)s is empty.") % {"path": path})
    table, below = tables[index], header.number + 1
    head = _shown(next(iter(table.rows(header.number, width=MOST_COLUMNS))))
    rows = filled(table.rows(below, width=MOST_COLUMNS), table.merged(), first=below)
    first = tuple(islice((_shown(cells) for cells in rows if any(cells)), samples))
    if not first:
        raise SheetError(_("The file %(path)s holds no row below its headings.") % {"path": path})
    others = tuple(one.name for one in tables if one is not table and _first_row(one).number)
    guess = {column: name for name, column in header.columns.items()}
    return Heads(index, header.number, head, guess, first, table.name, others)


def _first_row(table: Table) -> _Header:
    rows = islice(table.rows(width=MOST_COLUMNS), _ROWS_TO_SEARCH)
    return _Header(next((number for number, cells in enumerate(rows, start=1) if any(cells)), 0), {})


def _cell_shown(cell: object) -> str:
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M}".removesuffix(" 00:00")
    return "" if cell is None else as_text(cell)


def _shown(cells: Cells) -> tuple[str, ...]:
    """As texts, without the empty ones behind the last."""
    texts = [_cell_shown(cell) for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return tuple(texts)


def read_columns(path: Path | str, columns: Mapping[str, int], *, table: int, below: int) -> Iterator[Row]:
    """The rows below that row with the columns that a person named (field → column), each with all of its cells."""
    return _rows(open_tables(Path(path))[table], _Header(below, columns), whole=True)


def parse_overrides(written: Iterable[str], fields: Collection[str]) -> dict[str, str]:
    """`heading=field` as typed on a command line, as heading → field. Raises SheetError."""
    overrides = {}
    for text in written:
        heading, equals, name = text.rpartition("=")
        if not equals or not heading.strip() or name.strip() not in fields:
            message = _("%(text)s is not heading=field with one of the fields %(fields)s.")
            raise SheetError(message % {"text": text, "fields": ", ".join(sorted(fields))})
        overrides[heading] = name.strip()
    return overrides


def read_rows(
    path: Path | str,
    headings: Mapping[str, str] = HEADINGS,
    *,
    overrides: Mapping[str, str] | None = None,
    required: Collection[str] = (),
) -> Iterator[Row]:
    """The rows under the headings of the first table that has any; blank rows are left out.

    `overrides` name further headings, which must be there and come before the known ones; `required` the fields
    without which the file is of no use. Raises SheetError at once when the file or its headings do not fit.
    """
    path = Path(path)
    for table in open_tables(path):
        header = _find_header(table, headings, overrides or {})
        if header:
            _expect_fields(path, header, overrides or {}, required)
            return _rows(table, header)
    raise SheetError(_("The file %(path)s has no known heading: name one with --map.") % {"path": path})


def _find_header(table: Table, headings: Mapping[str, str], overrides: Mapping[str, str]) -> _Header | None:
    """The row with the most known headings among the first ones."""
    known = {_plain(heading): name for heading, name in headings.items() if name not in overrides.values()}
    known |= {_plain(heading): name for heading, name in overrides.items()}
    best = _Header(0, {})
    for number, cells in enumerate(islice(table.rows(), _ROWS_TO_SEARCH), start=1):
        columns: dict[str, int] = {}
        for column, cell in enumerate(cells):
            name = known.get(_plain(cell)) if isinstance(cell, str) else None
            if name:
                columns.setdefault(name, column)
        if len(columns) > len(best.columns):
            best = _Header(number, columns)
    return best if best.columns else None


def _expect_fields(path: Path, header: _Header, overrides: Mapping[str, str], required: Collection[str]) -> None:
    for heading, name in overrides.items():
        if name not in header.columns:
            message = _("The file %(path)s has no column headed %(heading)s.")
            raise SheetError(message % {"path": path, "heading": heading})
    missing = sorted(set(required) - set(header.columns))
    if missing:
        message = _("The file %(path)s has no column for %(fields)s: name it with --map.")
        raise SheetError(message % {"path": path, "fields": ", ".join(missing)})


def _plain(heading: str) -> str:
    """Headings are compared without case, width, blanks and marks such as * and :."""
    return re.sub(r"[\s_*:\-]", "", unicodedata.normalize("NFKC", heading).casefold())


def _rows(table: Table, header: _Header, *, whole: bool = False) -> Iterator[Row]:
    first, width = header.number + 1, MOST_COLUMNS if whole else max(header.columns.values()) + 1
    rows = filled(table.rows(first, width=width), table.merged(), first=first)
    for number, cells in enumerate(rows, start=first):
        if any(cells):
            row = _row(number, cells, header.columns, whole=whole)
            if row.values or row.problems:
                yield row


def _row(number: int, cells: Cells, columns: Mapping[str, int], *, whole: bool) -> Row:
    row = Row(number, {}, cells=_shown(cells) if whole else ())
    for name, column in columns.items():
        text = as_text(cells[column]) if column < len(cells) and cells[column] is not None else ""
        if not text:
            continue
        if name not in TIME_FIELDS:
            row.values[name] = text
            continue
        try:
            row.values[name] = as_moment(cells[column])
        except (OverflowError, ValueError):
            row.problems[name] = _("%(text)s is not a date or a time.") % {"text": text[:40]}
    return row
