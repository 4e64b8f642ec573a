"""Logos of portals: PNG only, stripped of every chunk that does not draw."""

import struct
from collections.abc import Iterator
from zlib import crc32

from idp.domain.errors import Invalid

SIGNATURE = b"\x89PNG\r\n\x1a\n"
LARGEST_BYTES = 64 * 1024
LARGEST_SIDE = 1024
DRAWING = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
"""Chunks that make up the picture (PNG, 5.6); texts, profiles and times are dropped."""

_HEAD = 12  # length, type and checksum of a chunk


class InvalidPicture(Invalid):
    """Bytes that are no PNG, a broken one, or one that is too large."""

    codes = ("too_large", "not_png", "broken", "sides")


def cleaned(data: bytes) -> bytes:
    """Return the PNG of ``data`` rebuilt from its drawing chunks alone.

    At most 64 KiB and 1024 pixels a side. Bytes before, between or after the chunks are dropped, so
    that no polyglot file gets onto a page (attacks S06, X05).

    Raises:
        InvalidPicture: with one of its codes.
    """
    if len(data) > LARGEST_BYTES:
        raise InvalidPicture("too_large")
    if not data.startswith(SIGNATURE):
        raise InvalidPicture("not_png")
    chunks = list(_chunks(data))
    kinds = [kind for kind, _ in chunks]
    if kinds[:1] != [b"IHDR"] or kinds[-1:] != [b"IEND"] or b"IDAT" not in kinds:
        raise InvalidPicture("broken")
    _check_sides(chunks[0][1])
    return SIGNATURE + b"".join(_written(kind, body) for kind, body in chunks if kind in DRAWING)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield type and body up to the end chunk; raises InvalidPicture ``broken``."""
    at = len(SIGNATURE)
    while at + _HEAD <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        if len(body) < length or data[at + 8 + length : at + _HEAD + length] != _sum(kind, body):
            raise InvalidPicture("broken")
        yield kind, body
        if kind == b"IEND":
            return
        at += _HEAD + length
    raise InvalidPicture("broken")


def _check_sides(header: bytes) -> None:
    if len(header) != 13:
        raise InvalidPicture("broken")
    width, height = struct.unpack_from(">II", header)
    if not (1 <= width <= LARGEST_SIDE and 1 <= height <= LARGEST_SIDE):
        raise InvalidPicture("sides")


def _written(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + _sum(kind, body)


def _sum(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", crc32(kind + body))
