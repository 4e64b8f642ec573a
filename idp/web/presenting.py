"""Lists of the registration's forms, ready for templates: pairs of value and words."""

from idp.domain.certificate import LETTER_IS_NUMBER, SERIES_LETTERS
from idp.domain.digits import to_persian
from idp.domain.jalali import MONTHS
from idp.domain.mobile import OPERATORS
from idp.domain.person import Gender
from idp.domain.places import CITIES_BY_PROVINCE, COUNTRIES, OTHER_CITY
from idp.domain.questions import QUESTIONS

Options = tuple[tuple[str, str], ...]

_OPERATORS: Options = tuple((one.code, one.label) for one in OPERATORS)

STEP_ONE_LISTS: dict[str, Options] = {"operators": _OPERATORS}

STEP_TWO_LISTS: dict[str, object] = {
    "letters": (*((letter, letter) for letter in SERIES_LETTERS), (LETTER_IS_NUMBER,) * 2),
    "months": tuple((str(number), name) for number, name in enumerate(MONTHS, 1)),
    "days": tuple((str(day), to_persian(str(day))) for day in range(1, 32)),
    "genders": tuple((gender.value, gender.label) for gender in Gender),
    "questions": tuple((question.id, question.text) for question in QUESTIONS),
    "countries": tuple(COUNTRIES.items()),
    "provinces": tuple(
        (province, tuple((city.code, city.name) for city in cities))
        for province, cities in CITIES_BY_PROVINCE.items()
    ),
    "other_city": OTHER_CITY,
    "letter_is_number": LETTER_IS_NUMBER,
}
