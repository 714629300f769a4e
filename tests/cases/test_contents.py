"""Files by content: what is taken, what is refused, and what is left of a photo."""

import io

import pytest
from PIL import Image

from cases import contents
from cases.contents import MOST_BYTES, Content, read_content
from cases.errors import TooLarge, UnsupportedContent
from tests import photos


@pytest.mark.parametrize(
    ("kind", "content_type"), [("JPEG", contents.JPEG), ("PNG", contents.PNG), ("WEBP", contents.WEBP)]
)
def test_a_photo_keeps_its_pixels_and_nothing_else(kind: str, content_type: str) -> None:
    sent = photos.photo(kind)
    assert photos.MARK in sent
    kept = read_content(sent)
    assert kept.content_type == content_type
    for data in (kept.data, kept.preview):
        assert photos.MARK not in data
        with Image.open(io.BytesIO(data)) as image:
            assert dict(image.getexif()) == {}
            assert not {"exif", "xmp", "icc_profile", "comment"} & set(image.info)
    assert size_of(kept) == (20, 40), "upright: the camera said that it was turned by a quarter"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_position_and_time_are_read_before(kind: str) -> None:
    origin = read_content(photos.photo(kind)).origin
    assert (float(origin.latitude or 0), float(origin.longitude or 0)) == (photos.LATITUDE, photos.LONGITUDE)
    assert origin.taken_at == photos.TAKEN


def test_a_camera_with_an_offset_is_believed() -> None:
    origin = read_content(photos.photo(tags=photos.exif(offset="+00:00"))).origin
    assert origin.taken_at is not None
    assert origin.taken_at.isoformat() == "2026-03-02T08:30:00+00:00"


@pytest.mark.parametrize(
    "taken", ["0001:01:01 00:00:00", "9999:12:31 23:59:59", "0000:00:00 00:00:00", "yesterday", ""]
)
def test_a_clock_that_was_never_set_is_left_out(taken: str) -> None:
    assert read_content(photos.photo(tags=photos.exif(taken=taken, offset="+14:00"))).origin.taken_at is None


@pytest.mark.parametrize("latitude", [(127.0, 0.0, 0.0), (27.0,)])
def test_a_position_that_is_none_is_left_out(latitude: tuple[float, ...]) -> None:
    origin = read_content(photos.photo(tags=photos.exif(latitude=latitude))).origin
    assert (origin.latitude, origin.longitude) == (None, None)
    assert origin.taken_at == photos.TAKEN


@pytest.mark.parametrize(
    ("kind", "mode"), [("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "P"), ("PNG", "RGBA"), ("PNG", "1"), ("WEBP", "RGBA")]
)
def test_every_kind_of_colours_can_be_read(kind: str, mode: str) -> None:
    assert size_of(read_content(photos.photo(kind, mode=mode))) == (20, 40)


def test_a_preview_is_small() -> None:
    with Image.open(io.BytesIO(read_content(photos.photo(size=(1600, 900))).preview)) as image:
        assert max(image.size) == contents.PREVIEW_SIDE


@pytest.mark.parametrize(
    ("data", "content_type"), [(photos.PDF, contents.PDF), (photos.MP4, contents.MP4)], ids=["pdf", "mp4"]
)
def test_papers_and_films_are_kept_as_they_are(data: bytes, content_type: str) -> None:
    assert read_content(data) == Content(content_type, data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html><script>alert(1)</script></html>",
        b"GIF89a" + b"\x00" * 100,
        b"MZ\x90\x00",
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b"\x00\x00\x00\x18ftypqt  ",
        b"\xff\xd8\xff<script>alert(1)</script>",
        photos.photo()[:200],
        photos.photo("PNG")[:-30],
        b"RIFF\x00\x00\x00\x00WEBP" + b"\x00" * 50,
    ],
    ids=["empty", "page", "gif", "exe", "svg", "mov", "page as jpeg", "cut jpeg", "cut png", "hollow webp"],
)
def test_what_is_nothing_of_it_is_refused(data: bytes) -> None:
    with pytest.raises(UnsupportedContent):
        read_content(data)


def test_heic_is_refused_with_a_way_out() -> None:
    with pytest.raises(UnsupportedContent, match="JPEG"):
        read_content(photos.HEIC)


@pytest.mark.parametrize("side", [7_100, 20_000, 2**31 - 1])
def test_a_pixel_bomb_is_refused_before_it_is_unpacked(side: int) -> None:
    with pytest.raises(TooLarge, match="50"):
        read_content(photos.bomb(side))


def test_bytes_are_counted() -> None:
    assert read_content(photos.PDF.ljust(MOST_BYTES)).content_type == contents.PDF
    with pytest.raises(TooLarge, match="10"):
        read_content(photos.PDF.ljust(MOST_BYTES + 1))


def test_a_page_behind_a_photo_is_gone() -> None:
    assert b"<script" not in read_content(photos.photo() + b"<script>alert(1)</script>").data


def size_of(content: Content) -> tuple[int, int]:
    with Image.open(io.BytesIO(content.data)) as image:
        image.load()
        return image.size
