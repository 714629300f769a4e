"""A kept file on its way to a browser: as what it was recognised to be, never as a page (docs/attachments.md)."""

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404

from cases.actions.attaching import path_of
from cases.contents import IMAGES, JPEG, SUFFIXES
from cases.models import Attachment


def as_download(file: Attachment, *, preview: bool) -> FileResponse:
    """Photos are shown, everything else is saved. Callers have asked whether the reader may see it."""
    small = preview and file.preview
    kind = JPEG if small else file.content_type
    try:
        content = default_storage.open(path_of(file.name, preview=small))
    except FileNotFoundError as error:
        raise Http404 from error
    return FileResponse(
        content,
        as_attachment=kind not in IMAGES,
        filename=f"{file.pk}.{SUFFIXES[kind]}",
        content_type=kind,
        headers={
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "private, no-store",
            "Cross-Origin-Resource-Policy": "same-origin",
        },
    )
