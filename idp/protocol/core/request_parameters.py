"""Request parameters: raw bytes in, checked parameters or Malformed out (D5).

Werkzeug repairs broken UTF-8, takes the first of repeated parameters and mixes query and body;
Authlib turns about 25 kinds of hostile text into a 500. This module refuses such input first, in
the parameters that an endpoint knows. The others are ignored, whatever they hold: their bytes are
never decoded (RFC 6749 3.1, 3.2).
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from idp.protocol.core.requests import ProtocolRequest

MAX_BYTES = 64 * 1024
MAX_FIELD = 8 * 1024
MAX_VALUES = 100
"""Of one parameter that may come more than once."""
MULTIPLE = frozenset({"resource", "audience"})
"""RFC 8707 2, RFC 8693 2.1: the only parameters that may come more than once."""

FREE_TEXT = frozenset({"claims", "login_hint"})
"""Parameters that may hold letters of any script; every other known value is printable ASCII."""

HINTS = frozenset({"login_hint", "ui_locales"})
"""Wishes: one that cannot be read is ignored, never an error (OIDC Core 3.1.2.1)."""

FORM_TYPE = "application/x-www-form-urlencoded"
_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_ASCII = re.compile(r"[\x20-\x7e]*")
_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class Malformed(Exception):
    """The request breaks a rule of form. ``why`` is fixed ASCII text for the answer."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Parameters:
    """The known parameters, decoded; an empty value counts as omitted (OAuth 2.1 3.1).

    ``broken`` names those that cannot be read, each with the reason; they are not in the others.
    """

    single: Mapping[str, str] = field(default_factory=dict, repr=False)
    multiple: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    broken: Mapping[str, str] = field(default_factory=dict)

    def find(self, name: str) -> str | None:
        """Return the value, or None when it was omitted."""
        return self.single.get(name)

    def all(self, name: str) -> tuple[str, ...]:
        """Return the values of a parameter that may come more than once, in order."""
        return self.multiple.get(name, ())

    def whole(self) -> "Parameters":
        """Return the parameters. Raises Malformed when one is broken."""
        for why in self.broken.values():
            raise Malformed(why)
        return self


def query_parameters(request: ProtocolRequest, known: frozenset[str]) -> Parameters:
    """Return the query's parameters, ``broken`` ones too; refuse known ones in a form's body.

    Raises:
        Malformed: also when the query is too long.
    """
    if request.media_type == FORM_TYPE and _has_known(request.body, known):
        raise Malformed("parameters belong into the query")
    return read(request.query, known)


def body_parameters(request: ProtocolRequest, known: frozenset[str]) -> Parameters:
    """Return the form's parameters, ``broken`` ones too; refuse known ones in the query (C25).

    Raises:
        Malformed: also when the body is too long, or the content type not a form's.

    Source: OAuth 2.1 3.2.
    """
    if _has_known(request.query, known):
        raise Malformed("parameters belong into the body")
    if request.media_type != FORM_TYPE:
        raise Malformed(f"the body must be {FORM_TYPE}")
    return read(request.body, known)


def parse(raw: bytes, known: frozenset[str]) -> Parameters:
    """Return the ``known`` parameters of a form-encoded text. Raises Malformed for a broken one."""
    return read(raw, known).whole()


def read(raw: bytes, known: frozenset[str]) -> Parameters:
    """Return the ``known`` parameters of a form-encoded text; others are ignored undecoded.

    Broken is what is repeated, too long, not UTF-8, or holds a control or invisible character, or,
    outside ``FREE_TEXT``, one that is not printable ASCII. A broken hint is left out.

    Raises:
        Malformed: the text is too long.

    Source: RFC 6749 3.1, 3.2, appendix A and B; attacks R06, R12, I03.
    """
    single: dict[str, str] = {}
    multiple: dict[str, tuple[str, ...]] = {}
    broken: dict[str, str] = {}
    for name, values in _grouped(raw, known).items():
        try:
            read_values = tuple(_value(name, value) for value in values)
            _check_number(name, values)
        except Malformed as malformed:
            broken[name] = malformed.why
            continue
        if name in MULTIPLE:
            multiple[name] = tuple(filter(None, read_values))
        elif read_values[0]:
            single[name] = read_values[0]
    return Parameters(
        single, multiple, {name: why for name, why in broken.items() if name not in HINTS}
    )


def _grouped(raw: bytes, known: frozenset[str]) -> dict[str, list[bytes]]:
    """Return the raw values of the known names, in order."""
    if len(raw) > MAX_BYTES:
        raise Malformed("the request is too long")
    grouped: dict[str, list[bytes]] = {}
    for name, value in _pairs(raw):
        if name in known:
            grouped.setdefault(name, []).append(value)
    return grouped


def _pairs(raw: bytes) -> Iterator[tuple[str, bytes]]:
    for part in raw.split(b"&"):
        name, _, value = part.partition(b"=")
        if b"%" in name or b"+" in name:
            name = _plain(name)
        # No known name has a letter beyond ASCII, so it does not matter how others are read.
        yield name.decode("latin-1"), value


def _has_known(raw: bytes, known: frozenset[str]) -> bool:
    return any(name in known for name, _ in _pairs(raw))


def _check_number(name: str, values: Sequence[bytes]) -> None:
    if name not in MULTIPLE and len(values) > 1:
        raise Malformed(f"{name} is repeated")
    if len(values) > MAX_VALUES:
        raise Malformed(f"{name} is repeated too often")


def _value(name: str, raw: bytes) -> str:
    if len(raw) > 3 * MAX_FIELD or len(plain := _plain(raw)) > MAX_FIELD:
        raise Malformed(f"{name} is too long")
    if _PERCENT.search(raw):
        raise Malformed(f"{name} is badly encoded")
    try:
        value = plain.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed(f"{name} is not UTF-8") from None
    _check_characters(name, value)
    return value


def _plain(raw: bytes) -> bytes:
    return unquote_to_bytes(raw.replace(b"+", b" "))


def _check_characters(name: str, value: str) -> None:
    if _ASCII.fullmatch(value):
        return
    if name not in FREE_TEXT:
        raise Malformed(f"{name} holds a character that is not allowed")
    if any(ord(c) < 0x20 or ord(c) == 0x7F for c in value):
        raise Malformed(f"{name} holds a control character")
    if any(unicodedata.category(c) in _UNSAFE_CATEGORIES for c in value if not c.isascii()):
        raise Malformed(f"{name} holds an invisible character")
