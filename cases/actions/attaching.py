"""Photos and papers: kept when they are sent, used by an action, cleaned away when nobody uses them.

A file is on the disk before its row is, and goes after its row has gone: what a failure leaves between the two is a
file without a row, which the cleaning removes (docs/attachments.md).
"""

import hashlib
import secrets
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from cases import codes
from cases.contents import IMAGES, Content, read_content
from cases.errors import Conflict, InvalidInput, NotPermitted, TooLarge
from cases.models import Attachment, Case
from cases.terms import Disclosure
from cases.workflow import TABLE, Action
from grids.actors import Actor

#: What nobody used after this time is cleaned away.
UNUSED_KEPT: Final = timedelta(days=1)
#: Bytes of files that one person may have sent and not used yet.
MOST_UNUSED: Final = 200_000_000
#: Who sends files: those whose actions use them.
SENDERS: Final = TABLE[Action.COLLECT].roles | TABLE[Action.RESOLVE_ON_SPOT].roles
PREVIEW_MARK: Final = "-small"


@dataclass(frozen=True, slots=True)
class Stored:
    attachment: Attachment
    created: bool


def store(*, data: bytes, client_id: uuid.UUID, actor: Actor, now: datetime) -> Stored:
    """Keep a file for its sender. The same `client_id` and content of the same person again give the same one.

    Errors: NotPermitted for posts whose actions use no files, TooLarge, UnsupportedContent, and Conflict when the
    `client_id` was used for another file.
    """
    if actor.user_id is None or not actor.roles & SENDERS:
        raise NotPermitted(_("Your posts do not include sending files."))
    digest = codes.request_digest({"sha256": hashlib.sha256(data).hexdigest()})
    if earlier := _earlier(actor.user_id, client_id, digest):
        return Stored(earlier, created=False)
    content = read_content(data)
    _check_quota(actor.user_id, len(content.data))
    row = _new_row(content, digest=digest, client_id=client_id, user_id=actor.user_id, now=now)
    _write(row.name, content)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        _remove(row.name)
        if earlier := _earlier(actor.user_id, client_id, digest):  # sent twice at once
            return Stored(earlier, created=False)
        raise
    return Stored(row, created=True)


def _earlier(user_id: int, client_id: uuid.UUID, digest: str) -> Attachment | None:
    row = Attachment.objects.filter(uploaded_by_id=user_id, client_id=client_id).first()
    if row is not None and row.sent_digest != digest:
        raise Conflict(_("This client_id was already used for another file. Nothing was changed."))
    return row


def _check_quota(user_id: int, size: int) -> None:
    unused = Attachment.objects.filter(uploaded_by_id=user_id, case=None).aggregate(sum=Sum("size"))["sum"] or 0
    if unused + size > MOST_UNUSED:
        limit = {"limit": MOST_UNUSED // 1_000_000}
        raise TooLarge(_("You have sent %(limit)d MB that nothing uses yet. Use them first, or wait a day.") % limit)


def _new_row(content: Content, *, digest: str, client_id: uuid.UUID, user_id: int, now: datetime) -> Attachment:
    return Attachment(
        uploaded_by_id=user_id,
        client_id=client_id,
        sent_digest=digest,
        name=secrets.token_hex(16),
        content_type=content.content_type,
        size=len(content.data),
        sha256=hashlib.sha256(content.data).hexdigest(),
        preview=bool(content.preview),
        latitude=content.origin.latitude,
        longitude=content.origin.longitude,
        taken_at=content.origin.taken_at,
        created_at=now,
    )


def use(
    case: Case, ids: Sequence[uuid.UUID], *, action: Action, field: str, actor: Actor, photos_only: bool = False
) -> list[Attachment]:
    """Make these files part of the case, inside the transaction of the action.

    They must be the actor's own and unused. Of an anonymous matter photos alone are taken, because other files keep
    traces that cannot be removed, and where and when they were taken is forgotten (domain.md, "Privacy").
    InvalidInput names the `field` in which they were given.
    """
    if not ids:
        return []
    anonymous = case.disclosure == Disclosure.ANONYMOUS
    mine = Attachment.objects.select_for_update().filter(uploaded_by_id=actor.user_id, pk__in=ids)
    rows = {row.pk: row for row in mine.order_by("pk")}
    for pk in ids:
        _check_usable(rows.get(pk), field=field, photos_only=photos_only or anonymous)
    for row in rows.values():
        row.case, row.action = case, action.value
        if anonymous:
            row.latitude = row.longitude = row.taken_at = None
    Attachment.objects.bulk_update(rows.values(), ["case", "action", "latitude", "longitude", "taken_at"])
    return [rows[pk] for pk in dict.fromkeys(ids)]


def facts_of(files: Sequence[Attachment]) -> dict[str, dict[str, str]]:
    """What the journal keeps of the files that an action used."""
    return {"attachments": {str(file.pk): file.sha256 for file in files}} if files else {}


def _check_usable(row: Attachment | None, *, field: str, photos_only: bool) -> None:
    sentence = None
    if row is None or row.erased_at is not None:
        sentence = _("You have sent no such file, or it was cleaned away meanwhile.")
    elif row.case_id is not None:
        sentence = _("This file already belongs to a case.")
    elif photos_only and row.content_type not in IMAGES:
        sentence = _("Only photos can be taken here.")
    if sentence is not None:
        raise InvalidInput(sentence, {field: [sentence]})


def erase_attachments(case: Case, *, now: datetime) -> int:
    """Take away the files of a case with everything that their rows say; how many there were.

    Inside the transaction of the erasure. The rows stay, so that the journal's ids lead somewhere.
    """
    rows = list(case.attachments.select_for_update().filter(erased_at=None))
    names = [row.name for row in rows]
    for row in rows:
        row.name = row.content_type = row.sha256 = row.sent_digest = ""
        row.size, row.preview = 0, False
        row.latitude = row.longitude = row.taken_at = None
        row.erased_at = now
    fields = ["name", "content_type", "sha256", "sent_digest", "size", "preview", "latitude", "longitude"]
    Attachment.objects.bulk_update(rows, [*fields, "taken_at", "erased_at"])
    _remove_after_commit(names)
    return len(rows)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Uploads that nothing used, and files that no row knew."""

    unused: int
    strays: int


def clean_uploads(*, now: datetime) -> Cleaned:
    """Remove what nobody used within a day, and files that a failure left without a row."""
    with transaction.atomic():
        old = Attachment.objects.select_for_update(skip_locked=True).filter(case=None, created_at__lt=now - UNUSED_KEPT)
        names = dict(old.values_list("pk", "name"))
        Attachment.objects.filter(pk__in=names).delete()
        _remove_after_commit(names.values())
    strays = [name for folder in _folders() for name in _strays(folder, before=now - UNUSED_KEPT)]
    for path in strays:
        default_storage.delete(path)
    return Cleaned(len(names), len(strays))


def _folders() -> list[str]:
    """Those of attachments: `path_of` names them by two digits. What else lies there has a cleaning of its own."""
    found = default_storage.listdir("")[0] if default_storage.exists("") else []
    return [folder for folder in found if len(folder) == 2]


def _strays(folder: str, *, before: datetime) -> Iterator[str]:
    """Files that no row knows. A young one may belong to a row that is being written."""
    files = default_storage.listdir(folder)[1]
    known = set(Attachment.objects.filter(name__startswith=folder).values_list("name", flat=True))
    for file in files:
        path = f"{folder}/{file}"
        if file.removesuffix(PREVIEW_MARK) not in known and default_storage.get_modified_time(path) < before:
            yield path


def path_of(name: str, *, preview: bool = False) -> str:
    """Where the file of that random name lies, in one of 256 folders."""
    return f"{name[:2]}/{name}{PREVIEW_MARK if preview else ''}"


def _write(name: str, content: Content) -> None:
    default_storage.save(path_of(name), ContentFile(content.data))
    if content.preview:
        default_storage.save(path_of(name, preview=True), ContentFile(content.preview))


def _remove_after_commit(names: Iterable[str]) -> None:
    for name in names:
        transaction.on_commit(partial(_remove, name))


def _remove(name: str) -> None:
    default_storage.delete(path_of(name))
    default_storage.delete(path_of(name, preview=True))
