"""Folding Persian, Arabic-Indic and fullwidth digits to ASCII, and ASCII digits to Persian ones.

``str.isdigit``, ``int`` and the digit class of ``re`` accept digits of many scripts, so numbers
are folded here first and then tested with ``[0-9]``.
"""

import re
from collections.abc import Callable, Container

from idp.domain.errors import Invalid
from idp.domain.persian.characters import BLANKS, HYPHENS, ZWNJ, drop_invisible

PERSIAN_DIGITS = "۰۱۲۳۴۵۶۷۸۹"
ARABIC_INDIC_DIGITS = "٠١٢٣٤٥٦٧٨٩"
FULLWIDTH_DIGITS = "０１２３４５６７８９"
ASCII_DIGITS = "0123456789"

_TO_ASCII = str.maketrans(PERSIAN_DIGITS + ARABIC_INDIC_DIGITS + FULLWIDTH_DIGITS, ASCII_DIGITS * 3)
_TO_PERSIAN = str.maketrans(ASCII_DIGITS + ARABIC_INDIC_DIGITS, PERSIAN_DIGITS * 2)
_ONLY_DIGITS = re.compile("[0-9]+")
_SEPARATORS = re.compile(rf"[{BLANKS}{HYPHENS}\u2212_(){ZWNJ}]")


def to_ascii(text: str) -> str:
    """Return ``text`` with Persian, Arabic-Indic and fullwidth digits as ASCII, all else kept."""
    return text.translate(_TO_ASCII)


def to_persian(text: str) -> str:
    """Return ``text`` with ASCII and Arabic-Indic digits as Persian ones, for prose."""
    return text.translate(_TO_PERSIAN)


def clean_number(text: str) -> str:
    """Return a typed number in ASCII digits, without blanks, hyphens, slashes and parentheses.

    Underscores, bidi marks and ZWNJ are removed, too; the caller must refuse letters and dots.
    """
    return clean_single_number(text).replace("/", "")


def clean_single_number(text: str) -> str:
    """Return a typed number as ``clean_number`` does, but with its slashes: «12/5» is no «125»."""
    return _SEPARATORS.sub("", drop_invisible(to_ascii(text)))


def bare_number(text: str) -> str:
    """Return a short typed number in ASCII digits, without the blanks around it.

    Whatever separates digits stays: «5/1» and «5-1» are two numbers, not 51.
    """
    return drop_invisible(to_ascii(text)).strip().strip(ZWNJ)


def parse_digits(
    text: str,
    lengths: Container[int],
    error: type[Invalid],
    *,
    clean: Callable[[str], str] = clean_number,
) -> str:
    """Return the ASCII digits of a typed number, whose length must be one of ``lengths``.

    Raises ``error``: ``empty``, ``non_digit`` or ``length``, the first that applies.
    """
    digits = clean(text)
    if not digits:
        raise error("empty")
    if not _ONLY_DIGITS.fullmatch(digits):
        raise error("non_digit")
    if len(digits) not in lengths:
        raise error("length")
    return digits
