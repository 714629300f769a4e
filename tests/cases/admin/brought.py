"""Lists that officers bring, as a browser and the worker see them."""

import io
import uuid
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from cases.models import Errand
from tests.cases.admin.web import Web, text_of
from tests.working import worked

CASES, POSTS = reverse("admin:bring_cases"), reverse("admin:bring_posts")


def book(*rows: list[Any]) -> bytes:
    made, out = Workbook(), io.BytesIO()
    sheet = made.worksheets[0]
    for row in rows:
        sheet.append([])
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(sheet.max_row + (1 if column == 1 else 0), column, value)
            if isinstance(value, str):
                cell.data_type = "s"
    made.save(out)
    return out.getvalue()


def upload(web: Web, content: bytes, *, name: str = "十二月来信.xlsx", address: str = CASES, key: Any = None) -> Any:
    body = {"key": str(key or uuid.uuid4()), "file": SimpleUploadedFile(name, content)}
    return web.client.post(address, body)


def rehearsed(web: Web, content: bytes, *, address: str = CASES, **columns: str) -> Errand:
    """Uploaded, its columns as they are guessed but for those that are named, and rehearsed by the worker."""
    page = upload(web, content, address=address)
    assert page.status_code == 302, text_of(page)
    shown = web.get(page.url)
    typed = {f"column-{column.number}": column.field for column in shown.context["columns"]}
    options = shown.context["options"]
    typed |= {name: options[name] for name in ("source", "area", "type") if name in options}
    response = web.client.post(page.url, typed | columns)
    assert response.status_code == 302, text_of(response)
    return worked()


def carried(web: Web, errand: Errand) -> Errand:
    assert web.client.post(reverse("admin:bring_carry", args=[errand.pk])).status_code == 302
    return worked()


def result_of(web: Web, errand: Errand) -> list[tuple[Any, ...]]:
    response = web.get(reverse("admin:errand_file", args=[errand.pk]))
    assert response.status_code == 200
    sheet = load_workbook(io.BytesIO(b"".join(response.streaming_content))).worksheets[0]
    return list(sheet.iter_rows(values_only=True))
