"""Tables as files for an office: .csv that Excel opens in Chinese, and .xlsx. Lines are read while they are written.

A cell that begins like a formula is kept as text: what a citizen wrote must not become a command in a spreadsheet.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import IO, Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

Lines = Iterable[Sequence[str]]

XLSX, CSV = "xlsx", "csv"
CONTENT_TYPES: Final[Mapping[str, str]] = {
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    CSV: "text/csv; charset=utf-8",
}
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_A4: Final = 9  # as the format numbers sheets of paper
_LONGEST_NAME: Final = 31  # of a sheet, as Excel takes it
_LONGEST_CELL: Final = 32_767  # characters, as Excel takes them


def write_csv(lines: Lines, file: IO[bytes], _name: str, _widths: Sequence[int]) -> None:
    for part in csv_parts(lines):
        file.write(part)


def csv_parts(lines: Lines) -> Iterator[bytes]:
    """Line by line. The mark at the start tells Excel that it is UTF-8."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    yield b"\xef\xbb\xbf"
    for line in lines:
        writer.writerow([harmless(text) for text in line])
        yield buffer.getvalue().encode("utf-8", "replace")
        buffer.seek(0)
        buffer.truncate()


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula; of full width too, because some fold it before they look."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def write_xlsx(lines: Lines, file: IO[bytes], name: str, widths: Sequence[int]) -> None:
    """Readable as it opens and as it prints: widths in characters, headings that stay and repeat, A4 across.

    Rows go through a file beside the process, so that memory does not grow with them.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(name[:_LONGEST_NAME])
    for number, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes, sheet.print_title_rows = "A2", "1:1"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", _A4
    sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr = 0, PageSetupProperties(fitToPage=True)
    try:
        _fill(sheet, lines)
        book.save(file)
    except BaseException:
        _give_up(sheet)
        raise


WRITERS: Final[Mapping[str, Callable[[Lines, IO[bytes], str, Sequence[int]], None]]] = {
    XLSX: write_xlsx,
    CSV: write_csv,
}


def _fill(sheet: Any, lines: Lines) -> None:
    head, body = _styled(sheet, bold=True), _styled(sheet, bold=False)
    for number, line in enumerate(lines):
        sheet.append([_cell(sheet, text, like=body if number else head) for text in line])


def _give_up(sheet: Any) -> None:
    """What broke off leaves no half-written file behind: openpyxl keeps it until the process ends."""
    with suppress(Exception):
        sheet.close()
        sheet._writer.cleanup()  # noqa: SLF001 — its own way to remove that file


def _styled(sheet: Any, *, bold: bool) -> Any:
    cell = WriteOnlyCell(sheet)
    cell.font, cell.alignment = Font(bold=bold), Alignment(wrap_text=True, vertical="top")
    return cell


def _cell(sheet: Any, text: str, *, like: Any) -> Any:
    cell: Any = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", text)[:_LONGEST_CELL])
    cell.data_type = "s"
    cell._style = like._style  # noqa: SLF001 — setting fonts cell by cell takes three times as long
    return cell
