"""Files of the worker's errands: what was uploaded to be read, what was made to be fetched. Encrypted, for a day.

They hold in one place what the database keeps apart and encrypted, so they lie on disk encrypted with the same keys
(`FIELD_KEYS`), piece by piece, so that neither side needs a whole file in memory.
"""

import secrets
from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import IO, Final

from django.core.files import File
from django.core.files.storage import Storage, storages

from notifications.encryption import cipher

_PIECE: Final = 256 * 1024  # bytes before encryption
_LENGTH: Final = 4  # bytes that say how long the next piece is


def store() -> Storage:
    return storages["working"]


def keep(file: IO[bytes]) -> str:
    """Keep what stands in the file from its beginning on; the random name under which it is found again."""
    name = secrets.token_hex(16)
    file.seek(0)
    with TemporaryFile() as written:
        while piece := file.read(_PIECE):
            _write(written, piece)
        _write(written, b"")  # the end: a file that lost its tail is noticed
        written.seek(0)
        store().save(name, File(written))
    return name


def _write(out: IO[bytes], piece: bytes) -> None:
    token = cipher().encrypt(piece)
    out.write(len(token).to_bytes(_LENGTH) + token)


def pieces(name: str) -> Iterator[bytes]:
    """The content, piece by piece. FileNotFoundError when it was cleaned away, EOFError when its tail is missing."""
    with store().open(name) as file:
        while True:
            length = file.read(_LENGTH)
            if len(length) < _LENGTH:
                raise EOFError
            piece = cipher().decrypt(file.read(int.from_bytes(length)))
            if not piece:
                return
            yield piece


def drop(name: str) -> None:
    """Idempotent: what is gone stays gone."""
    if name:
        store().delete(name)
