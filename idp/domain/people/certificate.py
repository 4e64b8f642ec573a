"""The birth certificate (شناسنامه): its number, serial and series."""

import re
from collections.abc import Container
from dataclasses import dataclass, field
from typing import Self

from idp.domain.errors import Invalid
from idp.domain.people.national_id import NationalId
from idp.domain.persian.characters import SAME_LETTER, ZWNJ, drop_invisible
from idp.domain.persian.digits import bare_number, clean_single_number, parse_digits, to_ascii
from idp.domain.persian.jalali import JalaliDate

FIRST_YEAR_WITHOUT_NUMBER = 1368
"""From this year of birth on, certificates bear no number of their own (registries hold 0)."""

LETTER_IS_NUMBER = "عدد"
"""The option of the letter list for series whose letter part is a number."""

SERIES_LETTERS = ("الف", *"بپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی")
"""All 32 letters, الف first; a list of those in use has never been published."""

PRINTED = {
    "title": "شناسنامه",
    "label": "شماره شناسنامه:",
    "number": "۱۳۵۴",
    "series": "الف / ۱۲",
    "serial": "۱۲۳۴۵۶",
}
"""What a birth certificate of nobody bears, for a drawing of one."""

_LETTER = "الف|[ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی]"
_PART = rf"{_LETTER}|[0-9]{{1,2}}"
_REGISTRY_SERIES = re.compile(rf"({_LETTER})([0-9]{{1,2}})|([0-9]{{1,2}})({_LETTER})")
_REGISTRY_SERIES_APART = re.compile(rf"({_PART})[^0-9ء-ی]+({_PART})")


class InvalidCertificateNumber(Invalid):
    """No certificate number; ``required``: born before 1368, so a number of its own exists."""

    codes = ("empty", "non_digit", "length", "required")


class InvalidSerial(Invalid):
    """No serial (مسلسل)."""

    codes = ("empty", "non_digit", "length", "zero")


class InvalidSeries(Invalid):
    """No series; ``letter``, ``letter_number`` (in its place) and ``number`` name the part."""

    codes = ("empty", "letter", "letter_number", "number", "registry_text")


@dataclass(frozen=True, slots=True)
class CertificateNumber:
    """شماره شناسنامه in normal form: no leading zeros; ``0`` when it is the national ID."""

    value: str = field(repr=False)

    @classmethod
    def parse(cls, text: str, *, national_id: NationalId, birth: JalaliDate | None) -> Self:
        """Return the number in ``text``, 1 to 10 digits.

        0 and the national ID mean the same, and are valid only for births in 1368 or later. A small
        number with such a birth is left to the registry (re-issued certificates). With ``birth``
        None (not valid itself yet) the year is not checked.

        Raises:
            InvalidCertificateNumber: with one of its codes, the first that applies.
        """
        digits = _parse_number(text, range(1, 11), InvalidCertificateNumber)
        number = cls.of_registry(digits, national_id)
        if number.value == "0" and birth and birth.year < FIRST_YEAR_WITHOUT_NUMBER:
            raise InvalidCertificateNumber("required")
        return number

    @classmethod
    def of_registry(cls, digits: str, national_id: NationalId) -> Self:
        """Return the normal form of a registry's ``digits``: an integer, the national ID as 0."""
        number = str(int(digits))
        return cls("0" if number == str(int(national_id.value)) else number)


@dataclass(frozen=True, slots=True)
class Serial:
    """مسلسل شناسنامه: six digits, padded; compared as an integer."""

    value: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the serial in ``text``: 1 to 6 digits, not all zero.

        Raises:
            InvalidSerial: with one of its codes, the first that applies.
        """
        digits = _parse_number(text, range(1, 7), InvalidSerial)
        if int(digits) == 0:
            raise InvalidSerial("zero")
        return cls(digits.zfill(6))


@dataclass(frozen=True, slots=True)
class Series:
    """سری شناسنامه: a letter part (a letter, or a number 1 to 99) and a number part 1 to 99."""

    letter: str = field(repr=False)
    number: str = field(repr=False)

    @classmethod
    def parse(cls, letter: str, number: str, *, letter_number: str = "") -> Self:
        """Return the series of the form's widgets.

        ``letter`` is the list's choice; when that is «عدد», ``letter_number`` is the letter part.

        Raises:
            InvalidSeries: ``empty``: a part is missing; else the code of the first wrong part.
        """
        return cls(parse_letter_part(letter, letter_number), parse_series_number(number))

    @classmethod
    def parse_registry_text(cls, text: str) -> Self:
        """Return the series in a registry's text, whatever its order and separators.

        Raises:
            InvalidSeries: ``registry_text`` when letter and number cannot be told apart.
        """
        typed = drop_invisible(to_ascii(text)).translate(SAME_LETTER).strip()
        joined = re.sub(rf"[^0-9ء-ی]|{ZWNJ}", "", typed)
        found = _REGISTRY_SERIES.fullmatch(joined) or _REGISTRY_SERIES_APART.fullmatch(typed)
        parts = [part for part in found.groups() if part] if found else []
        if len(parts) != 2:
            raise InvalidSeries("registry_text")
        if parts[0].isdigit() and not parts[1].isdigit():
            parts.reverse()
        letter, number = parts
        kept_letter = _small_number(letter, "letter") if letter.isdigit() else _full_letter(letter)
        return cls(kept_letter, parse_series_number(number))

    def is_same_as(self, other: "Series") -> bool:
        """Return whether both are one series; registries write two numbers in either order."""
        if self.letter.isdigit() and other.letter.isdigit():
            return {self.letter, self.number} == {other.letter, other.number}
        return self == other


def parse_letter_part(letter: str, letter_number: str) -> str:
    """Return the letter part of the form's widgets, as ``Series.parse`` has it.

    Raises:
        InvalidSeries: ``empty``, ``letter`` or ``letter_number``.
    """
    if letter == LETTER_IS_NUMBER:
        return _small_number(letter_number, "letter_number")
    return parse_series_letter(letter)


def parse_series_letter(text: str) -> str:
    """Return the one of SERIES_LETTERS that ``text`` means; raises InvalidSeries."""
    letter = drop_invisible(text).translate(SAME_LETTER).strip()
    if not letter:
        raise InvalidSeries("empty")
    letter = _full_letter(letter)
    if letter not in SERIES_LETTERS:
        raise InvalidSeries("letter")
    return letter


def parse_series_number(text: str) -> str:
    """Return the number part 1 to 99 without leading zeros; raises InvalidSeries."""
    return _small_number(text, "number")


def _full_letter(letter: str) -> str:
    return "الف" if letter == "ا" else letter


def _parse_number(text: str, lengths: Container[int], error: type[Invalid]) -> str:
    return parse_digits(text, lengths, error, clean=clean_single_number)


def _small_number(text: str, part: str) -> str:
    """Return 1 to 99 without the zeros that people copy in front of it («014» is 14)."""
    digits = bare_number(text)
    if not digits:
        raise InvalidSeries("empty")
    if not re.fullmatch("0{0,4}[0-9]{1,2}", digits) or int(digits) == 0:
        raise InvalidSeries(part)
    return str(int(digits))
