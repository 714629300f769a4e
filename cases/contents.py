"""What a file really is, by its content and never by its name, and photos without what a camera wrote into them.

Photos are decoded and written anew: nothing but their pixels is left. Position and time are read before and given
back apart (api.md, "Attachments"). No database and no clock.
"""

import io
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import isfinite
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from PIL import ExifTags, Image, ImageOps

from cases.calendar import ZONE
from cases.errors import TooLarge, UnsupportedContent

#: Bytes of one file as it is sent.
MOST_BYTES: Final = 10_000_000
#: Pixels of one photo. What is small as a file may be huge when it is unpacked.
MOST_PIXELS: Final = 50_000_000
#: Pixels of the longer side of a preview.
PREVIEW_SIDE: Final = 320

JPEG, PNG, WEBP, PDF, MP4 = "image/jpeg", "image/png", "image/webp", "application/pdf", "video/mp4"
IMAGES: Final = frozenset({JPEG, PNG, WEBP})
#: How each kind is written and what its name ends with.
_FORMATS: Final = {JPEG: "JPEG", PNG: "PNG", WEBP: "WEBP"}
SUFFIXES: Final = {JPEG: "jpg", PNG: "png", WEBP: "webp", PDF: "pdf", MP4: "mp4"}
_QUALITY: Final[Mapping[str, Mapping[str, Any]]] = {JPEG: {"quality": 88}, PNG: {}, WEBP: {"quality": 88}}

_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif"})
_MP4_BRANDS = frozenset({b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV"})
#: What Pillow raises on files that are broken or made to break it.
_BROKEN = (OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, EOFError, struct.error)
_BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)
_WITH_ALPHA = frozenset({"RGBA", "LA", "PA", "RGBa", "La"})


@dataclass(frozen=True, slots=True)
class Origin:
    """Where (WGS84) and when a photo was taken, as far as the camera said so."""

    latitude: Decimal | None = None
    longitude: Decimal | None = None
    taken_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """A file as it is kept. `preview` is a small JPEG, empty for what is no photo."""

    content_type: str
    data: bytes
    preview: bytes = b""
    origin: Origin = Origin()


def read_content(data: bytes) -> Content:
    """Recognise a file and strip it. TooLarge, or UnsupportedContent with a sentence that says what is wrong."""
    if len(data) > MOST_BYTES:
        raise too_large()
    content_type = _recognised(data)
    return _photo(data, content_type) if content_type in IMAGES else Content(content_type, data)


def too_large() -> TooLarge:
    return TooLarge(_("A file may have at most %(limit)d MB.") % {"limit": MOST_BYTES // 1_000_000})


def _recognised(data: bytes) -> str:
    brand = data[8:12] if data[4:8] == b"ftyp" else b""
    if brand in _HEIC_BRANDS:
        raise UnsupportedContent(_("HEIC photos cannot be read here. Let the phone take or send them as JPEG."))
    signs = {
        JPEG: data.startswith(b"\xff\xd8\xff"),
        PNG: data.startswith(b"\x89PNG\r\n\x1a\n"),
        WEBP: data.startswith(b"RIFF") and data[8:12] == b"WEBP",
        PDF: data.startswith(b"%PDF-"),
        MP4: brand in _MP4_BRANDS,
    }
    found = next((content_type for content_type, fits in signs.items() if fits), None)
    if found is None:
        raise UnsupportedContent(_("Only JPEG, PNG and WebP photos, PDF and MP4 can be taken."))
    return found


def _photo(data: bytes, content_type: str) -> Content:
    try:
        with Image.open(io.BytesIO(data), formats=[_FORMATS[content_type]]) as image:
            if image.width * image.height > MOST_PIXELS:
                raise _too_many_pixels()
            origin = _origin(image)
            picture = _pixels(image)
            kept = _written(picture, content_type)  # before the preview, which shrinks the picture in its place
            return Content(content_type, kept, _preview(picture), origin)
    except _BOMB:
        raise _too_many_pixels() from None
    except _BROKEN:
        raise UnsupportedContent(_("This photo is damaged and cannot be read.")) from None


def _too_many_pixels() -> TooLarge:
    return TooLarge(_("A photo may have at most %(limit)d megapixels.") % {"limit": MOST_PIXELS // 1_000_000})


def _pixels(image: Image.Image) -> Image.Image:
    """The first picture of the file, upright, in colours that every kind can hold, with nothing attached to it."""
    image.load()
    ImageOps.exif_transpose(image, in_place=True)
    alpha = image.mode in _WITH_ALPHA or "transparency" in image.info
    mode = "L" if image.mode == "L" else "RGBA" if alpha else "RGB"
    picture = image if image.mode == mode else image.convert(mode)
    picture.info = {}  # comments and colour profiles, which would be written again
    return picture


def _written(picture: Image.Image, content_type: str) -> bytes:
    out = io.BytesIO()
    picture.save(out, format=_FORMATS[content_type], **_QUALITY[content_type])
    return out.getvalue()


def _preview(picture: Image.Image) -> bytes:
    picture.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    out = io.BytesIO()
    picture.convert("RGB").save(out, format="JPEG", quality=75)
    return out.getvalue()


def _origin(image: Image.Image) -> Origin:
    """What cannot be read of it is left out: a camera's mistake is no reason to refuse its photo."""
    try:
        exif = image.getexif()
        place, shot = exif.get_ifd(ExifTags.IFD.GPSInfo), exif.get_ifd(ExifTags.IFD.Exif)
    except _BROKEN:
        return Origin()
    latitude = _degrees(place.get(ExifTags.GPS.GPSLatitude), place.get(ExifTags.GPS.GPSLatitudeRef), "NS", 90)
    longitude = _degrees(place.get(ExifTags.GPS.GPSLongitude), place.get(ExifTags.GPS.GPSLongitudeRef), "EW", 180)
    if latitude is None or longitude is None:
        latitude = longitude = None
    return Origin(latitude, longitude, _moment(shot))


def _degrees(parts: Any, reference: Any, signs: str, limit: int) -> Decimal | None:
    """Degrees, minutes and seconds as signed degrees of five places, about a metre."""
    if reference not in tuple(signs):
        return None
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
    except _BROKEN:
        return None
    value = degrees + minutes / 60 + seconds / 3600
    if not isfinite(value) or not 0 <= value <= limit:
        return None
    return Decimal(f"{-value if reference == signs[1] else value:.5f}")


def _moment(shot: Mapping[int, Any]) -> datetime | None:
    """When it was taken; without an offset the camera's time is the county's own."""
    said, offset = shot.get(ExifTags.Base.DateTimeOriginal), shot.get(ExifTags.Base.OffsetTimeOriginal)
    try:
        moment = datetime.strptime(str(said).strip("\x00 "), "%Y:%m:%d %H:%M:%S").replace(tzinfo=ZONE)
    except ValueError:
        return None
    if not 1900 <= moment.year < 3000:  # a clock that was never set
        return None
    try:
        return datetime.strptime(f"{moment:%Y-%m-%d %H:%M:%S} {str(offset).strip()}", "%Y-%m-%d %H:%M:%S %z")
    except ValueError:
        return moment
