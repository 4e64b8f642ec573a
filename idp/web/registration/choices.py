"""Lists of the registration's forms, ready for templates: pairs of value and words."""

import unicodedata
from collections.abc import Container
from functools import cache

from babel import Locale

from idp.domain.people.certificate import LETTER_IS_NUMBER, SERIES_LETTERS
from idp.domain.people.mobile import OPERATORS
from idp.domain.people.person import Gender
from idp.domain.people.physician import Profession
from idp.domain.people.places import CITIES_BY_PROVINCE, COUNTRIES, IRAN, OTHER_CITY, PROVINCES
from idp.domain.people.questions import QUESTIONS
from idp.domain.persian.jalali import MONTHS
from idp.web.http.languages import Language, current, digits, gettext

Options = tuple[tuple[str, str], ...]


def step_one_lists() -> dict[str, Options]:
    """Return the lists of step one in the language of this page."""
    return {"operators": tuple((one.code, gettext(one.label)) for one in OPERATORS)}


def profession_lists() -> dict[str, Options]:
    """Return the list of professions in the language of this page."""
    return {"professions": tuple((one.value, gettext(one.label)) for one in Profession)}


def step_two_lists(countries_not_offered: Container[str] = ()) -> dict[str, object]:
    """Return the lists of step two in the language of this page; cities keep their Persian names.

    So do letters of the series, as on birth certificates. ``countries_not_offered`` are codes.
    """
    countries = _countries(current())
    letters = ((letter, letter) for letter in SERIES_LETTERS)
    return {
        **profession_lists(),
        "letters": (*letters, (LETTER_IS_NUMBER, gettext(LETTER_IS_NUMBER))),
        "months": tuple((str(number), gettext(name)) for number, name in enumerate(MONTHS, 1)),
        "days": tuple((str(day), digits(day)) for day in range(1, 32)),
        "genders": tuple((gender.value, gettext(gender.label)) for gender in Gender),
        "questions": tuple((question.id, gettext(question.text)) for question in QUESTIONS),
        "countries": tuple(one for one in countries if one[0] not in countries_not_offered),
        "provinces": tuple(
            (gettext(province), tuple((city.code, city.name) for city in cities))
            for province, cities in CITIES_BY_PROVINCE.items()
        ),
        "other_city": OTHER_CITY,
        "letter_is_number": LETTER_IS_NUMBER,
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


@cache
def _countries(language: Language) -> Options:
    """Return the countries, Iran first, then by name; English names are of the Unicode CLDR."""
    if language is Language.PERSIAN:
        return tuple(COUNTRIES.items())
    names = Locale(language.value).territories
    return tuple(sorted(((code, names[code]) for code in COUNTRIES), key=lambda one: _place(*one)))


def _place(code: str, name: str) -> tuple[bool, str]:
    bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return code != IRAN, bare.casefold()
