"""E-mail addresses as citizens have them: ASCII, one @, a domain name."""

import re
from dataclasses import dataclass, field
from typing import Self

from idp.domain.characters import ZWNJ, drop_invisible, has_persian_letters
from idp.domain.errors import Invalid

MAX_LENGTH = 254
_MAX_LOCAL_PART = 64
_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_TOP_LEVEL = re.compile(r"[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]")


class InvalidEmail(Invalid):
    """No e-mail address; ``persian``: typed on the Persian keyboard, ask for the EN one."""

    codes = ("empty", "length", "persian", "format")


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """An address with a lower-case domain; the local part is kept as typed (RFC 5321, 2.4)."""

    value: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the address in ``text``: at most 254 ASCII characters, dotted atoms, a domain.

        Quoted local parts, address literals and non-ASCII domains are refused: nobody's provider
        gives them out, and mail relays choke on them. Takes linear time.

        Raises:
            InvalidEmail: with one of its codes, the first that applies.
        """
        typed = drop_invisible(text).replace(ZWNJ, "").strip()
        if not typed:
            raise InvalidEmail("empty")
        if len(typed) > MAX_LENGTH:
            raise InvalidEmail("length")
        if has_persian_letters(typed):
            raise InvalidEmail("persian")
        local_part, at, domain = typed.partition("@")
        if not (at and _is_local_part(local_part) and _is_domain_name(domain)):
            raise InvalidEmail("format")
        return cls(f"{local_part}@{domain.lower()}")


def _is_local_part(text: str) -> bool:
    return len(text) <= _MAX_LOCAL_PART and all(map(_ATOM.fullmatch, text.split(".")))


def _is_domain_name(text: str) -> bool:
    labels = text.split(".")
    return (
        len(labels) > 1
        and all(map(_LABEL.fullmatch, labels))
        and _TOP_LEVEL.fullmatch(labels[-1]) is not None
    )
