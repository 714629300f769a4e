"""Files in the officers' site: chosen in a form, kept while a form is refused, shown on the page of their case."""

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cases import labels
from cases.actions.attaching import store
from cases.actions.inputs import MOST_PHOTOS
from cases.contents import IMAGES, MOST_BYTES, MP4, PDF, SUFFIXES
from cases.downloading import as_download
from cases.errors import CaseError, InvalidInput, TooLarge, UnsupportedContent
from cases.models import Attachment, Case
from cases.selectors import attachment_for
from cases.workflow import TABLE, Action, FieldKind
from grids.admin.person import actor_of, now_of

PHOTO_KINDS = ",".join(sorted(IMAGES))
_NAME_SHOWN = 60
ALL_KINDS = f"{PHOTO_KINDS},{PDF},{MP4}"


class FilesWidget(forms.Widget):
    """Chooses files; what was stored by an earlier try is shown and sent along by its id, unless it is taken out."""

    input_type = "file"
    needs_multipart_form = True
    template_name = "cases/files_widget.html"

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return list(data.getlist(name))

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, None, attrs)
        context["kept"] = [(pk, address_of(pk, small=True)) for pk in map(_as_id, value or []) if pk]
        return context


class FilesField(forms.Field):
    """Ids of stored files."""

    def to_python(self, value: Any) -> list[uuid.UUID]:
        ids = [_as_id(text) for text in value or []]
        if None in ids:
            raise forms.ValidationError(_("This must be the id of an attachment."))
        if len(ids) > MOST_PHOTOS:
            words = _("At most %(limit)d files; these are %(count)d: take some out.")
            raise forms.ValidationError(words % {"limit": MOST_PHOTOS, "count": len(ids)})
        return [pk for pk in ids if pk is not None]


def files_field(*, required: bool, kinds: str = PHOTO_KINDS, **named: Any) -> FilesField:
    return FilesField(required=required, widget=FilesWidget({"accept": kinds}), **named)


@dataclass(frozen=True, slots=True)
class Sent:
    """A form with the ids of its files in the place of the files, as far as they could be stored."""

    data: QueryDict
    error: CaseError | None = None


def sent_for(request: HttpRequest, action: Action) -> Sent:
    """What was sent for an action. Sent again by a second click, it holds the same ids."""
    field = next((field.name for field in TABLE[action].fields if field.kind is FieldKind.PHOTOS), None)
    return with_files(request, field=field, key=request.POST.get("key", "")) if field else Sent(request.POST)


def with_files(request: HttpRequest, *, field: str, key: str) -> Sent:
    """`key` tells one form from another: the same file in another form is another attachment."""
    data = request.POST.copy()
    error: CaseError | None = None
    refused: list[str] = []
    ids: list[str] = list(filter(None, data.getlist(field)))  # a browser sends an empty field where no file is chosen
    try:
        for file in request.FILES.getlist(field):
            ids += _stored_or_told(request, file, key, refused)
    except CaseError as refusal:
        error = refusal
    if refused and error is None:
        error = InvalidInput(" ".join(refused), {field: [*refused]})
    data.setlist(field, list(dict.fromkeys(ids)))
    return Sent(data, error)


def _stored_or_told(request: HttpRequest, file: Any, key: str, refused: list[str]) -> list[str]:
    """The id of the file; a file that cannot be taken is told by its name, and those beside it are kept."""
    try:
        return [_stored(request, file, key)]
    except (TooLarge, UnsupportedContent) as refusal:
        refused.append(
            _("%(file)s: %(problem)s") % {"file": (file.name or "")[:_NAME_SHOWN], "problem": refusal.message}
        )
        return []


def _stored(request: HttpRequest, file: Any, key: str) -> str:
    content = file.read(MOST_BYTES + 1)
    client_id = uuid.uuid5(uuid.NAMESPACE_OID, f"{key}\n{hashlib.sha256(content).hexdigest()}")
    stored = store(data=content, client_id=client_id, actor=actor_of(request), now=now_of(request))
    return str(stored.attachment.pk)


@dataclass(frozen=True, slots=True)
class Shown:
    """One file on the page of its case. `preview` is empty for what is no photo."""

    address: str
    preview: str
    kind: str
    source: Any
    taken_at: datetime | None


def shown(case: Case) -> list[Shown]:
    """The files of a case from `selectors.case_for`, without another query."""
    files: Iterable[Attachment] = case.attachments.all()
    return [
        Shown(
            address=address_of(file.pk),
            preview=address_of(file.pk, small=True) if file.preview else "",
            kind=SUFFIXES[file.content_type].upper(),
            source=labels.ACTION[Action(file.action)],
            taken_at=file.taken_at,
        )
        for file in files
    ]


def address_of(pk: uuid.UUID, *, small: bool = False) -> str:
    address: str = reverse("admin:cases_case_file", args=[pk])
    return f"{address}?small=1" if small else address


def file_view(request: HttpRequest, file_id: uuid.UUID) -> HttpResponseBase:
    file = attachment_for(actor_of(request), file_id)
    if file is None:
        raise Http404(_("There is no such file."))
    return as_download(file, preview="small" in request.GET)


def _as_id(text: Any) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(text))
    except ValueError:
        return None
