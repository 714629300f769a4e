"""What a request with files may weigh, asked before the first byte of it is read."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

#: Bytes: a form with some photos. What each of them may have is said in `cases.contents`.
LARGEST_FORM = 100_000_000


class RefuseHuge(FileUploadHandler):
    """The first of the upload handlers; whatever passes it is handled by the next ones."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803 — Django's own name
        content_length: int,
        boundary: str,
        encoding: Any = None,
    ) -> None:
        if content_length > LARGEST_FORM:
            raise RequestDataTooBig

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
