"""Where people live: countries, the provinces and cities of Iran, and free text for the rest.

The lists are files of ``idp/domain/data``, read once at import; its README.md names the source of
each.
"""

import json
import re
from collections.abc import Container
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any, Self

from idp.domain.errors import Invalid
from idp.domain.persian.characters import (
    BLANKS,
    HAMZA_MARKS,
    HARAKAT,
    HYPHENS,
    SAME_IN_COMPARISON,
    SAME_LETTER,
    TATWEEL,
    ZWNJ,
    drop_invisible,
)

IRAN = "IR"
OTHER_CITY = "other"
"""The choice «شهر من در فهرست نیست»: the free text counts."""

MAX_CITY_LENGTH = 80
_FREE_TEXT = re.compile(rf"[^\W_][\w .,'’()،{ZWNJ}-]*")


class InvalidPlace(Invalid):
    """An invalid residence; the code names the field, country or city."""

    codes = ("country_empty", "country_unknown", "city_empty", "city_unknown", "city_text")


@dataclass(frozen=True, slots=True)
class Province:
    """A province; ``name`` is also its id."""

    name: str
    capital: str


@dataclass(frozen=True, slots=True)
class City:
    """A city of the list; ``code`` is stable, ``name`` tells homonyms of a province apart."""

    code: str
    name: str


def _read(name: str) -> Any:  # noqa: ANN401 (JSON; the constants below say what they hold)
    return json.loads(files("idp.domain").joinpath("data", name).read_text("utf-8"))


COUNTRIES: dict[str, str] = _read("countries.json")
"""Persian name by ISO 3166-1 code: Iran first, then in Persian alphabetical order."""

PROVINCES = tuple(Province(row["name"], row["capital"]) for row in _read("provinces.json"))
"""The 31 provinces in Persian alphabetical order."""


def _capital_first(capital: str, cities: dict[str, str]) -> tuple[City, ...]:
    listed = [City(code, name) for code, name in cities.items()]
    return tuple(sorted(listed, key=lambda city: _glued(city.name) != _glued(capital)))


def _glued(name: str) -> str:
    return name.replace(ZWNJ, "").replace(" ", "")


_CITIES = _read("cities.json")

CITIES_BY_PROVINCE: dict[str, tuple[City, ...]] = {
    province.name: _capital_first(province.capital, _CITIES[province.name])
    for province in PROVINCES
}
"""Cities by the name of their province: its capital, then the others in alphabetical order."""

_LISTED = [city for cities in CITIES_BY_PROVINCE.values() for city in cities]
_BY_NAME_OR_CODE = {known: city.name for city in _LISTED for known in (city.code, city.name)}
_UNWRITTEN = re.compile(rf"[{BLANKS}{HYPHENS}{ZWNJ}{TATWEEL}{HARAKAT}{HAMZA_MARKS}]")


def _spelling(name: str) -> str:
    """Return what all spellings of a name have in common: «قايم شهر» and «قائم‌شهر» are one."""
    folded = drop_invisible(name).translate(SAME_LETTER).translate(SAME_IN_COMPARISON)
    return _UNWRITTEN.sub("", folded)


_BY_SPELLING = {_spelling(city.name): city.name for city in _LISTED}


def city_named(text: str) -> str:
    """Return the city of Iran's list that a name in any spelling, or a code, means; else empty.

    Cities of one name in several provinces are one name: no more is kept of them.
    """
    return _BY_NAME_OR_CODE.get(text) or _BY_SPELLING.get(_spelling(text), "")


@dataclass(frozen=True, slots=True)
class Residence:
    """Country (ISO 3166-1 code) and the name of the city; contact data, never compared."""

    country: str
    city: str = field(repr=False)

    @property
    def country_name(self) -> str:
        """The Persian name of the country."""
        return COUNTRIES[self.country]

    @classmethod
    def parse(
        cls,
        country_code: str,
        city: str,
        other_city_text: str = "",
        *,
        not_offered: Container[str] = (),
    ) -> Self:
        """Return the residence of the form's three fields.

        In Iran ``city`` is a name of the list, or its code as in forms of earlier versions; for
        ``OTHER_CITY`` or no choice, the free text is used, in the list's spelling where it is one
        of its cities. Elsewhere the free text is used, or ``city`` itself where the form has one
        field only.
        ``not_offered`` are country codes that count as unknown.

        Raises:
            InvalidPlace: with one of its codes, the first that applies.
        """
        if not country_code:
            raise InvalidPlace("country_empty")
        if country_code not in COUNTRIES or country_code in not_offered:
            raise InvalidPlace("country_unknown")
        return cls(country_code, _city_name(country_code, city, other_city_text))


def _city_name(country_code: str, city: str, other_city_text: str) -> str:
    if country_code != IRAN:
        typed = city if city != OTHER_CITY and not city_named(city) else ""
        return _free_text(other_city_text or typed)
    if city in {"", OTHER_CITY}:
        typed = _free_text(other_city_text)
        return city_named(typed) or typed
    named = city_named(city)
    if not named:
        raise InvalidPlace("city_unknown")
    return named


def _free_text(text: str) -> str:
    """Return a city in free text: 1 to 80 letters, digits, blanks and marks, Latin or Persian."""
    if len(text) > 4 * MAX_CITY_LENGTH:
        raise InvalidPlace("city_text")
    name = re.sub(f"[{BLANKS}]+", " ", drop_invisible(text).translate(SAME_LETTER))
    name = name.strip(f" {ZWNJ}")
    if not name:
        raise InvalidPlace("city_empty")
    if len(name) > MAX_CITY_LENGTH or not _FREE_TEXT.fullmatch(name):
        raise InvalidPlace("city_text")
    return name
