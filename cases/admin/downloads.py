"""Tables on their way to a browser (what they are made of: `cases.table_files`)."""

from collections.abc import Callable, Mapping, Sequence
from tempfile import SpooledTemporaryFile
from typing import Any, Final
from urllib.parse import quote

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse

from cases.table_files import CONTENT_TYPES, CSV, XLSX, Lines, csv_parts, write_xlsx

_IN_MEMORY: Final = 1_000_000  # bytes of a workbook; a larger one is written to disk


def as_csv(lines: Lines, name: str, _widths: Sequence[int]) -> HttpResponseBase:
    """Line by line, as they are read."""
    return named(StreamingHttpResponse(csv_parts(lines), content_type=CONTENT_TYPES[CSV]), f"{name}.{CSV}")


def as_xlsx(lines: Lines, name: str, widths: Sequence[int]) -> HttpResponseBase:
    """A workbook is an archive, whose end must be known before its beginning is sent."""
    file: Any = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 — the response closes it
    write_xlsx(lines, file, name, widths)
    file.seek(0)
    return named(FileResponse(file, content_type=CONTENT_TYPES[XLSX]), f"{name}.{XLSX}")


FORMATS: Final[Mapping[str, Callable[[Lines, str, Sequence[int]], HttpResponseBase]]] = {XLSX: as_xlsx, CSV: as_csv}


def named(response: HttpResponseBase, name: str) -> HttpResponseBase:
    """Saved under that name, and kept by nothing on the way."""
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response["Cache-Control"] = "private, no-store"
    return response
