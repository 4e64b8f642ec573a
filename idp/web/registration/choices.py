"""Lists of the registration's forms, ready for templates."""

import json
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache

from idp.domain.people.certificate import LETTER_IS_NUMBER, PRINTED, SERIES_LETTERS
from idp.domain.people.mobile import OPERATORS
from idp.domain.people.person import Gender
from idp.domain.people.physician import Profession
from idp.domain.people.places import CITIES_BY_PROVINCE, IRAN, OTHER_CITY, PROVINCES
from idp.domain.people.questions import QUESTIONS
from idp.domain.persian.jalali import MONTHS
from idp.settings import Registration
from idp.web.forms.options import Options
from idp.web.http.languages import Language, current, digits, gettext
from idp.web.registration.countries import OfferedCountry, name_of, offered

Pairs = tuple[tuple[str, str], ...]

OPERATOR_OPTIONS = Options(lambda: ((one.code, gettext(one.label)) for one in OPERATORS))
QUESTION_OPTIONS = Options(lambda: ((one.id, gettext(one.text)) for one in QUESTIONS))
PROFESSION_OPTIONS = Options(lambda: ((one.value, gettext(one.label)) for one in Profession))


def step_one_lists() -> dict[str, Options]:
    """Return the lists of step one."""
    return {"operators": OPERATOR_OPTIONS}


def profession_lists() -> dict[str, Options]:
    """Return the list of professions."""
    return {"professions": PROFESSION_OPTIONS}


@cache
def step_two_lists(rules: Registration) -> Mapping[str, object]:
    """Return the lists of step two; cities keep their Persian names in every language.

    So do letters of the series, as on birth certificates.
    """
    return {
        **profession_lists(),
        "letters": Options(_letters),
        "months": Options(
            lambda: ((str(number), gettext(name)) for number, name in enumerate(MONTHS, 1))
        ),
        "days": Options(lambda: ((str(day), digits(day)) for day in range(1, 32))),
        "genders": Options(lambda: ((gender.value, gettext(gender.label)) for gender in Gender)),
        "questions": QUESTION_OPTIONS,
        **residence_lists(rules),
        "letter_is_number": LETTER_IS_NUMBER,
        "printed": PRINTED,
    }


@cache
def residence_lists(rules: Registration) -> Mapping[str, object]:
    """Return the lists of countries and cities."""
    listed = offered(rules)
    return {
        "countries": Options(lambda: _countries(listed, current())),
        "also": json.dumps({one.code: one.also for one in listed if one.also}),
        "cities": Options(_cities),
        "other_city": OTHER_CITY,
    }


def every_text() -> tuple[str, ...]:
    """Return the words of these lists in Persian, for the translators' catalogue."""
    return (
        *(operator.label for operator in OPERATORS),
        *(gender.label for gender in Gender),
        *(profession.label for profession in Profession),
        *(question.text for question in QUESTIONS),
        *(province.name for province in PROVINCES),
        *MONTHS,
        LETTER_IS_NUMBER,
    )


def _letters() -> Pairs:
    letters = ((letter, letter) for letter in SERIES_LETTERS)
    return (*letters, (LETTER_IS_NUMBER, gettext(LETTER_IS_NUMBER)))


def _cities() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each province's name with the names of its cities, which are what the form sends."""
    for province, cities in CITIES_BY_PROVINCE.items():
        yield gettext(province), tuple(city.name for city in cities)


def _countries(listed: tuple[OfferedCountry, ...], language: Language) -> Pairs:
    """Return code and name: as listed, in English with Iran first, then by name."""
    rows = [(one.code, name_of(one)) for one in listed]
    if language is Language.PERSIAN:
        return tuple(rows)
    return tuple(sorted(rows, key=lambda row: _place(*row)))


def _place(code: str, name: str) -> tuple[bool, str]:
    bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return code != IRAN, bare.casefold()
