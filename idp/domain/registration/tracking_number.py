"""The tracking number of a case: ten digits, the last of them a check digit."""

from dataclasses import dataclass, field
from typing import Self

from idp.domain.errors import Invalid
from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.domain.persian.digits import parse_digits

LENGTH = 10


class InvalidTrackingNumber(Invalid):
    """Typed text that is no tracking number. ``of_person``: a national ID or a mobile."""

    codes = ("empty", "non_digit", "length", "of_person", "check_digit")


@dataclass(frozen=True, slots=True)
class TrackingNumber:
    """The number by which a citizen names a case: on a page, at the desk, by telephone.

    Nobody is told whether a number exists, so a slip must be noticed by the number itself: the
    check digit finds every wrong digit, and nearly every pair of digits that changed places.
    """

    value: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the number in ``text``, in any digits and spacing.

        Raises:
            InvalidTrackingNumber: with one of its codes, the first that applies.
        """
        digits = parse_digits(text, (LENGTH,), InvalidTrackingNumber)
        if is_of_person(digits):
            raise InvalidTrackingNumber("of_person")
        if check_digit(digits[:-1]) != digits[-1]:
            raise InvalidTrackingNumber("check_digit")
        return cls(digits)


def is_of_person(digits: str) -> bool:
    """Return whether the digits are a national ID or a mobile; no tracking number is one."""
    return any(_is(kind, digits) for kind in (NationalId, Mobile))


def check_digit(digits: str) -> str:
    """Return the check digit that follows ``digits``. Source: ISO/IEC 7064, MOD 11,10."""
    rest = 10
    for digit in digits:
        rest = ((rest + int(digit)) % 10 or 10) * 2 % 11
    return str((11 - rest) % 10)


def _is(kind: type[NationalId | Mobile], text: str) -> bool:
    try:
        kind.parse(text)
    except Invalid:
        return False
    return True
