"""The countries of residence that the form offers: the shipped list, or the organisation's own."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel import Locale

from idp.domain.people.places import COUNTRIES, IRAN
from idp.domain.persian.names import stored_form
from idp.settings import Registration, SettingsError
from idp.web.http.languages import Language, current

KEY = "registration.countries_file"


@dataclass(frozen=True, slots=True)
class OfferedCountry:
    """A country of the list; ``also`` are names by which people look for it."""

    code: str
    name: str
    also: tuple[str, ...] = ()


@cache
def offered(rules: Registration) -> tuple[OfferedCountry, ...]:
    """Return the countries in the order of the list, without ``countries_not_offered``.

    Raises:
        SettingsError: the organisation's file cannot be read, or is no list of countries.
    """
    listed = _read(rules.countries_file) if rules.countries_file else _shipped()
    return tuple(one for one in listed if one.code not in rules.countries_not_offered)


@cache
def not_offered(rules: Registration) -> frozenset[str]:
    """Return the codes of the countries that the form does not take."""
    return frozenset(COUNTRIES) - {one.code for one in offered(rules)}


def name_of(country: OfferedCountry) -> str:
    """Return the name in the language of the page; English names are of the Unicode CLDR."""
    language = current()
    if language is Language.PERSIAN:
        return country.name
    return str(Locale(language.value).territories[country.code])


def residence_name(rules: Registration, code: str) -> str:
    """Return a country's name as the list has it, in the language of the page.

    An account may have a country that is no longer offered: then it is the shipped name.
    """
    listed = _read(rules.countries_file) if rules.countries_file else ()
    shipped = OfferedCountry(code, COUNTRIES[code])
    return name_of(next((one for one in listed if one.code == code), shipped))


@cache
def _shipped() -> tuple[OfferedCountry, ...]:
    return tuple(OfferedCountry(code, name) for code, name in COUNTRIES.items())


@cache
def _read(path: str) -> tuple[OfferedCountry, ...]:
    """Return the countries of a JSON object: by code a name, or names, the shown one first."""
    try:
        written = json.loads(Path(path).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{KEY}: {path} cannot be read ({error})") from error
    if not isinstance(written, dict) or IRAN not in written:
        raise SettingsError(f"{KEY}: {path} must be a JSON object that has {IRAN}")
    return tuple(_country(code, names) for code, names in written.items())


def _country(code: str, written: object) -> OfferedCountry:
    if code not in COUNTRIES:
        raise SettingsError(f"{KEY}: {code} is no code of ISO 3166-1")
    names = written if isinstance(written, list) else [written]
    texts = [name for name in names if isinstance(name, str) and stored_form(name)]
    if not texts or len(texts) != len(names):
        raise SettingsError(f"{KEY}: {code} must have a name, or a list of names")
    return OfferedCountry(code, texts[0], tuple(texts[1:]))
