"""Request parameters, parsed strictly: raw bytes in, checked parameters or Malformed out (D5).

Werkzeug repairs broken UTF-8, takes the first of repeated parameters and mixes query and body;
Authlib turns about 25 kinds of hostile text into a 500. This module refuses such input first.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from idp.protocol.core.requests import ProtocolRequest

MAX_BYTES = 64 * 1024
MAX_FIELD = 8 * 1024
MAX_FIELDS = 100
MULTIPLE = frozenset({"resource", "audience"})
"""RFC 8707 2, RFC 8693 2.1: the only parameters that may come more than once."""

FREE_TEXT = frozenset({"claims", "login_hint"})
"""Parameters that may hold letters of any script; every other known value is printable ASCII."""

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
    """The known parameters, decoded; an empty value counts as omitted (OAuth 2.1 3.1)."""

    single: Mapping[str, str] = field(default_factory=dict, repr=False)
    multiple: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    def find(self, name: str) -> str | None:
        """Return the value, or None when it was omitted."""
        return self.single.get(name)

    def all(self, name: str) -> tuple[str, ...]:
        """Return the values of a parameter that may come more than once, in order."""
        return self.multiple.get(name, ())


def query_parameters(request: ProtocolRequest, known: frozenset[str]) -> Parameters:
    """Return the query's parameters; refuse a request with a body. Raises Malformed."""
    if request.body:
        raise Malformed("parameters belong into the query")
    return parse(request.query, known)


def body_parameters(request: ProtocolRequest, known: frozenset[str]) -> Parameters:
    """Return the form's parameters; refuse a request with a query (OAuth 2.1 3.2; attack C25).

    Raises:
        Malformed: also when the content type is not a form's.
    """
    if request.query:
        raise Malformed("parameters belong into the body")
    if request.media_type != FORM_TYPE:
        raise Malformed(f"the body must be {FORM_TYPE}")
    return parse(request.body, known)


def parse(raw: bytes, known: frozenset[str]) -> Parameters:
    """Return the ``known`` parameters of a form-encoded text; unknown names are ignored.

    Raises:
        Malformed: too long, not UTF-8, a control or invisible character, a repeated parameter,
        a value of a known parameter that is not printable ASCII.

    Source: RFC 6749 3.1, 3.2, appendix A and B; attacks R06, R12, I03.
    """
    single: dict[str, str] = {}
    multiple: dict[str, tuple[str, ...]] = {}
    seen: set[str] = set()
    for name, value in _pairs(raw):
        if name in MULTIPLE:
            multiple[name] = (*multiple.get(name, ()), value)
        elif name in seen:
            raise Malformed("a parameter is repeated")
        elif value:
            single[name] = value
        seen.add(name)
    _check(known, single, multiple)
    return Parameters(
        {name: value for name, value in single.items() if name in known},
        {name: tuple(filter(None, values)) for name, values in multiple.items() if name in known},
    )


def _pairs(raw: bytes) -> Iterator[tuple[str, str]]:
    if len(raw) > MAX_BYTES:
        raise Malformed("the request is too long")
    parts = raw.split(b"&")
    if len(parts) > MAX_FIELDS:
        raise Malformed("there are too many parameters")
    for part in parts:
        name, _, value = part.partition(b"=")
        if part:
            yield _decode(name), _decode(value)


def _decode(raw: bytes) -> str:
    if len(raw) > 3 * MAX_FIELD or _PERCENT.search(raw):
        raise Malformed("a parameter is too long or badly encoded")
    plain = unquote_to_bytes(raw.replace(b"+", b" "))
    if len(plain) > MAX_FIELD:
        raise Malformed("a parameter is too long")
    try:
        return plain.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("a parameter is not UTF-8") from None


def _check(
    known: frozenset[str], single: Mapping[str, str], multiple: Mapping[str, tuple[str, ...]]
) -> None:
    values = [*single.items(), *((name, v) for name, many in multiple.items() for v in many)]
    for name, value in values:
        if _ASCII.fullmatch(value):
            continue
        if name in known and name not in FREE_TEXT:
            raise Malformed("a parameter holds a character that is not allowed")
        if any(ord(c) < 0x20 or ord(c) == 0x7F for c in value):
            raise Malformed("a parameter holds a control character")
        if any(unicodedata.category(c) in _UNSAFE_CATEGORIES for c in value if not c.isascii()):
            raise Malformed("a parameter holds an invisible character")
