"""What one cell of a spreadsheet means: a text, or a moment in Asia/Shanghai."""

import re
import unicodedata
from datetime import date, datetime, time, tzinfo
from typing import Final

from openpyxl.utils.datetime import from_excel

from cases.calendar import ZONE

_WRITTEN_TIME: Final = re.compile(
    r"(?P<year>\d{4})[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?"
    r"(?:(?:[ T]+|(?<=日))(?P<hour>\d{1,2})[:时](?P<minute>\d{1,2})"
    r"(?:[:分](?:(?P<second>\d{1,2})(?:\.(?P<fraction>\d{1,6})\d*)?秒?)?)?)?"
    r" ?(?P<zone>Z|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
#: Excel's day numbers of 1970 and 2200: a bare number in a column of times is one of them or a mistake.
_EXCEL_DAYS: Final = (25_569, 109_575)


def as_text(cell: object) -> str:
    """The text of a cell without blanks around it; whole numbers without a decimal point, so that ids stay ids."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    return str(cell).strip()


def as_moment(cell: object) -> datetime:
    """The moment of a cell; a date without a time is its midnight. Raises ValueError when it is neither."""
    if isinstance(cell, datetime):
        return cell if cell.tzinfo else cell.replace(tzinfo=ZONE)
    if isinstance(cell, date):
        return datetime.combine(cell, time(), tzinfo=ZONE)
    if isinstance(cell, int | float) and _EXCEL_DAYS[0] <= cell < _EXCEL_DAYS[1]:
        return as_moment(from_excel(cell))
    if isinstance(cell, str):
        return _written_moment(cell)
    message = f"{cell!r} is not a moment"
    raise ValueError(message)


def _written_moment(text: str) -> datetime:
    written = _WRITTEN_TIME.fullmatch(" ".join(unicodedata.normalize("NFKC", text).split()))
    if written is None:
        message = f"{text!r} is not a moment"
        raise ValueError(message)
    year, month, day, hour, minute, second = (int(written[group] or 0) for group in range(1, 7))
    microsecond = int((written["fraction"] or "").ljust(6, "0"))
    moment = datetime(year, month, day, hour, minute, second, microsecond, tzinfo=_zone(written["zone"]))
    return moment.astimezone(ZONE)


def _zone(written: str | None) -> tzinfo:
    return datetime.strptime(written, "%z").tzinfo or ZONE if written else ZONE
