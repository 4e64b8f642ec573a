"""A branch of the organisation, the rows of its list, and how a citizen's city finds one."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from idp.domain.errors import Invalid
from idp.domain.people.places import PROVINCES
from idp.domain.persian.characters import (
    BLANKS,
    SAME_LETTER,
    ZWNJ,
    drop_invisible,
    has_persian_letters,
)
from idp.domain.persian.digits import to_ascii
from idp.domain.persian.names import name_key
from idp.domain.persian.romanisation import contains_name

COLUMNS = ("name", "province", "city", "address", "phone", "hours")
"""The columns of the organisation's list; ``phone`` and ``hours`` may be empty."""

LONGEST_CITY = 80
_LONGEST = {"name": 100, "city": LONGEST_CITY, "address": 300, "phone": 100, "hours": 200}
_FEWEST_DIGITS = 4
"""Of a telephone number: internal numbers and the organisation's short ones have four."""


_ONE_NUMBER = re.compile(r"\(?(\+98 ?|0)[0-9]{2,3}\)?[ -]?[0-9]{3,4}[ -]?[0-9]{3,4}|[0-9]{4,8}")
"""With the code of its area, or without; two numbers side by side and a range are none of these."""


class InvalidBranch(Invalid):
    """One cell of a row is wrong; ``params["column"]`` names it."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch; ``province`` is the name of one of ``PROVINCES``, the rest is for people to read.

    ``phone`` and ``hours`` are empty where the list has none.
    """

    name: str
    province: str
    city: str
    address: str
    phone: str = ""
    hours: str = ""

    @property
    def key(self) -> tuple[str, ...]:
        """What tells the branch apart: its province, city and name, in any spelling."""
        return (self.province, _key(self.city), _key(self.name))

    @property
    def number_to_dial(self) -> str:
        """The digits of ``phone`` where it is one number and nothing else; empty otherwise."""
        written = to_ascii(self.phone).strip()
        return re.sub("[^0-9+]", "", written) if _ONE_NUMBER.fullmatch(written) else ""


def parse_branch(row: Mapping[str, str]) -> Branch:
    """Return the branch of a row, with blanks and letters of other keyboards made the usual ones.

    Raises InvalidBranch: ``missing``, ``length``, ``characters``, ``unknown`` (a province that is
    none), ``phone`` (too few digits).
    """
    return Branch(
        name=_cell(row, "name", _text),
        province=_cell(row, "province", _province),
        city=_cell(row, "city", _text),
        address=_cell(row, "address", _text),
        phone=_cell(row, "phone", _phone) if row.get("phone", "").strip() else "",
        hours=_cell(row, "hours", _text) if row.get("hours", "").strip() else "",
    )


def province_of(text: str) -> str | None:
    """Return the province that ``text`` names in any spelling, with or without «استان»."""
    return _PROVINCES.get(_key(text.strip().removeprefix("استان ")))


def in_city(branches: Sequence[Branch], city: str) -> Sequence[Branch]:
    """Return the branches of the city, whatever its spelling, in Persian or Latin letters.

    Exact names come first; only without one, names that begin with what was typed. Text without a
    letter finds nothing. At most ``LONGEST_CITY`` characters are read.
    """
    typed = city[:LONGEST_CITY]
    if not has_persian_letters(typed):
        return [one for one in branches if contains_name(typed, _key(one.city))]
    wanted = _key(typed)
    exact = [one for one in branches if _key(one.city) == wanted]
    return exact or [one for one in branches if wanted and _key(one.city).startswith(wanted)]


@lru_cache(maxsize=4096)
def _key(text: str) -> str:
    return name_key(text)


_PROVINCES = {_key(province.name): province.name for province in PROVINCES}


def _cell(row: Mapping[str, str], column: str, parse: Callable[[str, str], str]) -> str:
    try:
        return parse(column, row.get(column, ""))
    except Invalid as error:
        raise InvalidBranch(error.code, {"column": column}) from error


def _text(column: str, text: str) -> str:
    plain = drop_invisible(text).translate(SAME_LETTER)
    plain = re.sub(f"[{BLANKS}]+", " ", plain).strip(f" {ZWNJ}")
    if not plain:
        raise Invalid("missing")
    if len(plain) > _LONGEST[column]:
        raise Invalid("length")
    if not plain.replace(ZWNJ, "").isprintable():
        raise Invalid("characters")
    return plain


def _province(_column: str, text: str) -> str:
    if not text.strip():
        raise Invalid("missing")
    found = province_of(text)
    if found is None:
        raise Invalid("unknown")
    return found


def _phone(column: str, text: str) -> str:
    plain = to_ascii(_text(column, text))
    if sum(map(str.isdigit, plain)) < _FEWEST_DIGITS:
        raise Invalid("phone")
    return plain
