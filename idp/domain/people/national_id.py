"""The national ID (کد ملی): ten digits, the last a check digit."""

import re
from dataclasses import dataclass
from typing import Self

from idp.domain.errors import Invalid
from idp.domain.persian.digits import parse_digits

_TEN_DIGITS = re.compile(r"[0-9]{10}")
_WEIGHTS = range(10, 1, -1)


class InvalidNationalId(Invalid):
    """Typed text that is no national ID."""

    codes = ("empty", "non_digit", "length", "repeated", "serial_zero", "checksum")


@dataclass(frozen=True, slots=True, repr=False)
class NationalId:
    """Ten ASCII digits, leading zeros kept. Printed in logs and tracebacks masked only."""

    value: str

    def __post_init__(self) -> None:
        """Raise InvalidNationalId unless it is ten ASCII digits; ``parse`` has more rules."""
        if not _TEN_DIGITS.fullmatch(self.value):
            raise InvalidNationalId("length")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the national ID in ``text``, which may hold Persian digits, hyphens and blanks.

        Short input is never padded: with a lost middle digit, one in ten would pass as another
        person's ID. City prefixes are not checked, since published lists refuse real people. Ten
        equal digits are refused: people without a national ID name such numbers.

        Raises:
            InvalidNationalId: with one of its codes, the first that applies.
        """
        digits = parse_digits(text, {10}, InvalidNationalId)
        if len(set(digits)) == 1:
            raise InvalidNationalId("repeated")
        if digits[3:9] == "000000":
            raise InvalidNationalId("serial_zero")
        if digits[9] != _check_digit(digits[:9]):
            raise InvalidNationalId("checksum")
        return cls(digits)

    @classmethod
    def of_nine(cls, digits: str) -> Self:
        """Return the ID of nine digits and their check digit."""
        return cls(digits + _check_digit(digits))

    def masked(self) -> str:
        """Return the ID for support pages: only the last three digits are legible."""
        return "*" * 7 + self.value[-3:]

    def __repr__(self) -> str:
        """Return the masked form, so that no log or traceback holds the ID."""
        return f"NationalId({self.masked()})"


def _check_digit(nine: str) -> str:
    rest = sum(int(digit) * weight for digit, weight in zip(nine, _WEIGHTS, strict=True)) % 11
    return str(rest if rest < 2 else 11 - rest)
