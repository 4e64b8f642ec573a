"""Iranian mobile numbers, kept as E.164, and the list of operators."""

import re
from dataclasses import dataclass
from typing import Self

from idp.domain.errors import Invalid
from idp.domain.people.mobile_ranges import (
    ALLOCATED,
    FIRST_HOLDERS,
    NOT_MOBILE_PREFIX,
    OPERATOR_LABELS,
)
from idp.domain.persian.digits import clean_number

_E164 = re.compile(r"\+989[0-9]{9}")


class InvalidMobile(Invalid):
    """Typed text that is no Iranian mobile number."""

    codes = ("empty", "non_digit", "length", "country", "not_mobile", "unallocated")


class InvalidOperator(Invalid):
    """A choice that is not in the list of operators."""

    codes = ("empty", "unknown")


@dataclass(frozen=True, slots=True, repr=False)
class Mobile:
    """A mobile number in E.164 (``+989121234567``). Printed in logs and tracebacks masked only."""

    e164: str

    def __post_init__(self) -> None:
        """Raise InvalidMobile for a wrong shape; ``parse`` alone checks allocation (it changes)."""
        if not _E164.fullmatch(self.e164):
            raise InvalidMobile("length")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the number in ``text``: national, E.164 or 0098 form, in any digits and spacing.

        Raises:
            InvalidMobile: with one of its codes, the first that applies.
        """
        typed = clean_number(text).replace(".", "").replace("\uff0b", "+")  # fullwidth plus
        if not typed:
            raise InvalidMobile("empty")
        if not re.fullmatch(r"\+?[0-9]+", typed):
            raise InvalidMobile("non_digit")
        national = _national_part(typed)
        if len(national) != 10:
            raise InvalidMobile("length")
        if not national.startswith("9") or national.startswith(NOT_MOBILE_PREFIX):
            raise InvalidMobile("not_mobile")
        if not ALLOCATED.fullmatch(national):
            raise InvalidMobile("unallocated")
        return cls(f"+98{national}")

    @property
    def national(self) -> str:
        """The form that people write: ``09121234567``."""
        return "0" + self.e164[3:]

    @property
    def prefix(self) -> str:
        """The operator's prefix: the three digits after +98."""
        return self.e164[3:6]

    def masked(self) -> str:
        """Return the number for support pages: prefix and last two digits are legible."""
        return self.national[:4] + "*" * 5 + self.national[-2:]

    def __repr__(self) -> str:
        """Return the masked form, so that no log or traceback holds the number."""
        return f"Mobile({self.masked()})"


def _national_part(typed: str) -> str:
    rest = _without_country_code(typed)
    if rest.startswith("0") and len(rest) == 11:  # +98 0912... is a common slip
        return rest[1:]
    return rest


def _without_country_code(typed: str) -> str:
    for prefix in ("+98", "0098"):
        if typed.startswith(prefix):
            return typed.removeprefix(prefix)
    if typed.startswith(("+", "00")):
        raise InvalidMobile("country")
    if typed.startswith("98") and len(typed) == 12:
        return typed.removeprefix("98")
    return typed.removeprefix("0")


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator that the citizen can declare; never compared with the number (portability)."""

    code: str
    label: str

    @classmethod
    def parse(cls, text: str) -> "Operator":
        """Return the operator with this code.

        Raises:
            InvalidOperator: nothing was chosen, or something that was not offered.
        """
        if not text:
            raise InvalidOperator("empty")
        if text not in OPERATOR_LABELS:
            raise InvalidOperator("unknown")
        return cls(text, OPERATOR_LABELS[text])


OPERATORS = tuple(Operator(code, label) for code, label in OPERATOR_LABELS.items())
"""The options of the list «اپراتور», in order. None is preselected."""

_HOLDER_BY_PREFIX = {
    prefix: code for code, prefixes in FIRST_HOLDERS.items() for prefix in prefixes
}


def operator_hint(mobile: Mobile) -> str | None:
    """Return the code of the operator that first held the number's range, or None.

    For a hint on the page only: a ported number belongs to another operator.
    """
    national = mobile.e164[3:]
    prefixes = (national[:length] for length in (5, 4, 3, 2))
    return next((_HOLDER_BY_PREFIX[p] for p in prefixes if p in _HOLDER_BY_PREFIX), None)
