"""Photos for tests, as cameras make them, and files that only pretend.

jpeg(), photo("PNG"), photo("WEBP")         small pictures with position, time, comment and profile in them
send_photo(county.users["gridworker"])      stored and not used yet
"""

import io
import struct
import uuid
import zlib
from datetime import datetime
from typing import Final

from PIL import ExifTags, Image

from cases.actions.attaching import store
from cases.models import Attachment
from grids.actors import actor_for
from grids.models import User
from tests.builders import MONDAY

#: What `photo` says of itself: the county's hall, on the morning of `MONDAY`.
LATITUDE, LONGITUDE, TAKEN = 27.45722, 119.50611, datetime(2026, 3, 2, 8, 30, tzinfo=MONDAY.tzinfo)
MARK: Final = b"Whistle test camera"
PDF: Final = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"
MP4: Final = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2\x00\x00\x00\x08free"
HEIC: Final = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"


def exif(
    *, latitude: tuple[float, ...] = (27.0, 27.0, 26.0), taken: str = "2026:03:02 08:30:00", offset: str | None = None
) -> Image.Exif:
    tags = Image.Exif()
    tags[ExifTags.Base.Make] = MARK.decode()
    tags[ExifTags.Base.Orientation] = 6  # turned by a quarter
    place = tags.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef], place[ExifTags.GPS.GPSLatitude] = "N", latitude
    place[ExifTags.GPS.GPSLongitudeRef], place[ExifTags.GPS.GPSLongitude] = "E", (119.0, 30.0, 22.0)
    shot = tags.get_ifd(ExifTags.IFD.Exif)
    shot[ExifTags.Base.DateTimeOriginal] = taken
    if offset:
        shot[ExifTags.Base.OffsetTimeOriginal] = offset
    return tags


def photo(
    kind: str = "JPEG", *, mode: str = "RGB", size: tuple[int, int] = (40, 20), tags: Image.Exif | None = None
) -> bytes:
    out = io.BytesIO()
    more = {"comment": MARK} if kind == "JPEG" else {}
    Image.new(mode, size, 1).save(out, format=kind, exif=exif() if tags is None else tags, **more)
    return out.getvalue()


def jpeg(shade: int = 1) -> bytes:
    """Another photo for each shade."""
    out = io.BytesIO()
    Image.new("RGB", (40, 20), (shade, 0, 0)).save(out, format="JPEG", exif=exif())
    return out.getvalue()


def bomb(side: int = 20_000) -> bytes:
    """A PNG of some hundred bytes whose header says that it is `side` pixels wide and high."""
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\x00" * 1000)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in parts
    )


def send_photo(
    user: User, *, now: datetime = MONDAY, data: bytes | None = None, client_id: uuid.UUID | None = None
) -> Attachment:
    sent = store(data=data or jpeg(), client_id=client_id or uuid.uuid4(), actor=actor_for(user, now=now), now=now)
    return sent.attachment
