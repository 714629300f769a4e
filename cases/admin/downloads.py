"""Tables as files for an office: .csv that Excel opens in Chinese, and .xlsx. Rows are read while they are sent.

A cell that begins like a formula is kept as text: what a citizen wrote must not become a command in a spreadsheet.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from tempfile import SpooledTemporaryFile
from typing import Any, Final
from urllib.parse import quote

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

Lines = Iterable[Sequence[str]]

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_A4: Final = 9  # as the format numbers sheets of paper
_LONGEST_NAME: Final = 31  # of a sheet, as Excel takes it
_IN_MEMORY: Final = 1_000_000  # bytes of a workbook; a larger one is written to disk


def as_csv(lines: Lines, name: str, _widths: Sequence[int]) -> HttpResponseBase:
    """Row by row. The mark at the start tells Excel that it is UTF-8."""
    response = StreamingHttpResponse(_written(lines), content_type="text/csv; charset=utf-8")
    return _named(response, f"{name}.csv")


def as_xlsx(lines: Lines, name: str, widths: Sequence[int]) -> HttpResponseBase:
    """Readable as it opens and as it prints: widths in characters, headings that stay and repeat, A4 across."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(name[:_LONGEST_NAME])
    for number, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes, sheet.print_title_rows = "A2", "1:1"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", _A4
    sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr = 0, PageSetupProperties(fitToPage=True)
    for number, line in enumerate(lines):
        sheet.append([_cell(sheet, text, bold=number == 0) for text in line])
    file: Any = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 — the response closes it
    book.save(file)
    file.seek(0)
    response = FileResponse(file, content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    return _named(response, f"{name}.xlsx")


FORMATS: Final[Mapping[str, Callable[[Lines, str, Sequence[int]], HttpResponseBase]]] = {"xlsx": as_xlsx, "csv": as_csv}


def _written(lines: Lines) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    yield b"\xef\xbb\xbf"
    for line in lines:
        writer.writerow([f"'{text}" if text.startswith(_FORMULA) else text for text in line])
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()


def _cell(sheet: Any, text: str, *, bold: bool) -> Any:
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", text))
    cell.data_type = "s"
    cell.font, cell.alignment = Font(bold=bold), Alignment(wrap_text=True, vertical="top")
    return cell


def _named(response: HttpResponseBase, name: str) -> HttpResponseBase:
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response["Cache-Control"] = "private, no-store"
    return response
