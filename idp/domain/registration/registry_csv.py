"""The CSV of the embedded registry.

One line a person, with what the registries answer about them.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from idp.domain.errors import Invalid
from idp.domain.people.certificate import Series
from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.domain.people.person import Gender, Person, RegistryBirth
from idp.domain.people.physician import CouncilNumber, PhysicianClaim, Profession
from idp.domain.persian.jalali import JalaliDate

Value = TypeVar("Value")

COLUMNS = (
    "national_id", "first_name", "last_name", "gender", "birth_date", "certificate_no",
    "series_letter", "series_no", "serial", "alive", "mobile", "civil", "phone", "insured",
)  # fmt: skip
COUNCIL_COLUMNS = ("council_number", "profession", "council")
"""What the medical council knows of the person; a file without physicians may lack these."""

_CIVIL = frozenset({"found", "not_found", "unavailable"})
_PHONE = frozenset({"match", "mismatch", "no_answer", "unavailable"})
_COUNCIL = frozenset({"found", "unavailable"})
_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False, "": False}


class InvalidRow(Invalid):
    """One cell is wrong; ``params["column"]`` names it."""


def parse_row(row: Mapping[str, str]) -> tuple[NationalId, dict[str, Any]]:
    """Return the national ID and the members of its registry record.

    An empty ``first_name`` means that the civil registry has no such person, an empty
    ``council_number`` that the council has no such member. Raises InvalidRow.
    """
    national_id = _cell(row, "national_id", NationalId.parse)
    insured = _cell(row, "insured", _flag)
    return national_id, {
        "person": _person(row, national_id) if row["first_name"] else None,
        "mobile": _cell(row, "mobile", Mobile.parse) if row["mobile"] else None,
        "civil": _cell(row, "civil", lambda text: _one_of(text, _CIVIL)),
        "phone": _cell(row, "phone", lambda text: _one_of(text, _PHONE)),
        "insured": insured,
        "roles": ("insured",) if insured else (),
        "physician": _physician(row) if row["council_number"] else None,
        "council": _cell(row, "council", lambda text: _one_of(text or "found", _COUNCIL)),
    }


def _physician(row: Mapping[str, str]) -> PhysicianClaim:
    number = _cell(row, "council_number", CouncilNumber.parse)
    return PhysicianClaim(number, _cell(row, "profession", Profession.parse))


def _person(row: Mapping[str, str], national_id: NationalId) -> Person:
    return Person(
        national_id=national_id,
        given_name=row["first_name"],
        family_name=row["last_name"],
        birth=_cell(row, "birth_date", _birth),
        gender=_cell(row, "gender", Gender.parse),
        certificate_number=row["certificate_no"],
        series=_cell(row, "series_letter", lambda letter: Series.parse(letter, row["series_no"])),
        serial=row["serial"],
        alive=_cell(row, "alive", _flag),
    )


def _cell(row: Mapping[str, str], column: str, parse: Callable[[str], Value]) -> Value:
    try:
        return parse(row[column].strip())
    except Invalid as error:
        raise InvalidRow(error.code, {"column": column}) from error


def _birth(text: str) -> RegistryBirth:
    date = JalaliDate.parse(text)
    return RegistryBirth(date.year, date.month, date.day)


def _flag(text: str) -> bool:
    if text.lower() not in _FLAGS:
        raise InvalidRow("not_a_flag")
    return _FLAGS[text.lower()]


def _one_of(text: str, choices: frozenset[str]) -> str:
    if text not in choices:
        raise InvalidRow("unknown")
    return text
