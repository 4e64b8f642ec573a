"""E-mail addresses as citizens have them: ASCII, one @, a domain name."""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Self

from idp.domain.errors import Invalid
from idp.domain.persian.characters import ZWNJ, drop_invisible, has_persian_letters

MAX_LENGTH = 254
_MAX_LOCAL_PART = 64
_LOCAL_PART = re.compile(r"[A-Za-z0-9_+'][A-Za-z0-9_+'-]*(?:\.[A-Za-z0-9_+'-]+)*")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_TOP_LEVEL = re.compile(r"[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]")

_ENCODED = "xn--"
_JOINING = f"-{ZWNJ}\u200d"


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

        Refused is what some program on a mail's way would read as another address (attack X16):
        encoded words (``=?``), routes (``%``, ``!``), quoted local parts, comments, groups, address
        literals, a hyphen in front, domains in Unicode, and ``xn--`` labels that decode to anything
        but one word of letters. Nobody's provider gives them out. Takes linear time.

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
    return len(text) <= _MAX_LOCAL_PART and _LOCAL_PART.fullmatch(text) is not None


def _is_domain_name(text: str) -> bool:
    labels = text.split(".")
    return (
        len(labels) > 1
        and all(map(_is_label, labels))
        and _TOP_LEVEL.fullmatch(labels[-1]) is not None
    )


def _is_label(text: str) -> bool:
    if _LABEL.fullmatch(text) is None:
        return False
    is_encoded = text.lower().startswith(_ENCODED)
    return _is_word(text.lower().removeprefix(_ENCODED)) if is_encoded else text[2:4] != "--"


def _is_word(encoded: str) -> bool:
    """Tell whether punycode is that of one word, and the only way to write it (RFC 5891 4.2).

    Lenient decoders make ``@`` and blanks of other texts.
    """
    try:
        word = encoded.encode().decode("punycode")
        again = word.encode("punycode").decode()
    except UnicodeError:
        return False
    is_plain = unicodedata.is_normalized("NFKC", word) and word == word.lower()
    return again == encoded and not word.isascii() and is_plain and all(map(_is_in_word, word))


def _is_in_word(character: str) -> bool:
    return character in _JOINING or unicodedata.category(character)[0] in "LMN"
