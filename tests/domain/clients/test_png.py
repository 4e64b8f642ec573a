"""Pictures of portals are written anew: only what draws survives."""

import struct
from zlib import compress, crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.clients.png import LARGEST_BYTES, SIGNATURE, InvalidPicture, cleaned


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc32(kind + body))


def header(width: int = 2, height: int = 2) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))


PIXELS = chunk(b"IDAT", compress(b"\0\xff\xff" * 2))
END = chunk(b"IEND", b"")
PICTURE = SIGNATURE + header() + PIXELS + END


def refusal(data: bytes) -> str:
    with pytest.raises(InvalidPicture) as refused:
        cleaned(data)
    return refused.value.code


def test_a_plain_picture_stays_as_it_is():
    assert cleaned(PICTURE) == PICTURE


def test_texts_of_a_picture_are_dropped():
    told = SIGNATURE + header() + chunk(b"tEXt", b"Author\0Somebody") + PIXELS + END
    assert cleaned(told) == PICTURE


def test_attack_X05_what_stands_behind_the_picture_is_dropped():
    assert cleaned(PICTURE + b"<script>alert(1)</script>") == PICTURE


@pytest.mark.parametrize("data", [b"", b"<svg/>", b"GIF89a", PICTURE[1:]], ids=repr)
def test_attack_S06_other_kinds_are_refused(data):
    assert refusal(data) == "not_png"


@pytest.mark.parametrize(
    "data",
    [
        SIGNATURE,
        PICTURE[:-1],
        PICTURE[:40],
        SIGNATURE + PIXELS + END,
        SIGNATURE + header() + END,
        SIGNATURE + chunk(b"IHDR", b"") + PIXELS + END,
        PICTURE.replace(PIXELS[8:12], b"\0\0\0\0"),
    ],
    ids=range(7),
)
def test_a_broken_picture_is_refused(data):
    assert refusal(data) == "broken"


def test_a_length_beyond_the_file_is_not_read_as_a_step_back():
    kind = b"aagb"  # its checksum begins with its last letter
    below_zero = b"\xff\xff\xff\xff" + kind + struct.pack(">I", crc32(kind))[1:]
    assert refusal(SIGNATURE + header() + PIXELS + below_zero + END) == "broken"


@pytest.mark.parametrize("sides", [(0, 2), (2, 0), (1025, 2), (2, 2**31)])
def test_sides_have_bounds(sides):
    assert refusal(SIGNATURE + header(*sides) + PIXELS + END) == "sides"


@pytest.mark.parametrize("sides", [(1, 1), (1024, 1024), (1, 1024)])
def test_the_bounds_of_sides_are_allowed(sides):
    picture = SIGNATURE + header(*sides) + PIXELS + END
    assert cleaned(picture) == picture


def test_the_largest_file_is_allowed():
    assert cleaned(PICTURE + b"\0" * (LARGEST_BYTES - len(PICTURE))) == PICTURE


def test_a_large_file_by_one_byte_is_refused():
    assert refusal(PICTURE + b"\0" * (LARGEST_BYTES - len(PICTURE) + 1)) == "too_large"


def test_a_large_file_is_refused():
    assert refusal(PICTURE + b"\0" * LARGEST_BYTES) == "too_large"


@given(st.binary(max_size=200))
def test_any_bytes_are_borne(data):
    for whole in (data, SIGNATURE + data, SIGNATURE + header() + data):
        try:
            once = cleaned(whole)
        except InvalidPicture:
            continue
        assert cleaned(once) == once
