from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.errors import Invalid
from idp.domain.people.certificate import (
    LETTER_IS_NUMBER,
    SERIES_LETTERS,
    CertificateNumber,
    InvalidCertificateNumber,
    InvalidSerial,
    InvalidSeries,
    Serial,
    Series,
    parse_series_letter,
    parse_series_number,
)
from idp.domain.people.national_id import NationalId
from idp.domain.persian.jalali import JalaliDate
from tests.vectors import cases, document

NATIONAL_ID = NationalId("0012927104")
VECTORS = cases("birth_certificate")


def parsed(case):
    text = case["input"].replace("<national_id>", NATIONAL_ID.value)
    match case["field"]:
        case "number":
            birth = JalaliDate.parse(case["born"])
            return CertificateNumber.parse(text, national_id=NATIONAL_ID, birth=birth).value
        case "serial":
            return Serial.parse(text).value
        case "series_letter":
            return parse_series_letter(text)
        case "series_number":
            return parse_series_number(text)
        case "registry_series_text":
            series = Series.parse_registry_text(text)
            return [series.letter, series.number]


@pytest.mark.parametrize(
    "case", [c for c in VECTORS if c["valid"]], ids=lambda c: f"{c['field']} {c['input']}"
)
def test_a_part_of_the_certificate_is_read(case):
    assert parsed(case) == case.get("normalised", case["input"])


@pytest.mark.parametrize(
    "case", [c for c in VECTORS if not c["valid"]], ids=lambda c: f"{c['field']} {c['input']}"
)
def test_what_no_certificate_bears_is_refused(case):
    with pytest.raises(Invalid):
        parsed(case)


def test_the_letters_are_all_thirty_two_alef_first():
    assert list(SERIES_LETTERS) == document("birth_certificate")["series_letters"]


@pytest.mark.parametrize(
    ("text", "born", "code"),
    [
        (" ", "1370/01/01", "empty"),
        ("12الف", "1370/01/01", "non_digit"),
        ("12345678901", "1370/01/01", "length"),
        ("0", "1367/12/29", "required"),
        (NATIONAL_ID.value, "1367/12/29", "required"),
    ],
)
def test_a_refused_number_tells_why(text, born, code):
    with pytest.raises(InvalidCertificateNumber) as refusal:
        CertificateNumber.parse(text, national_id=NATIONAL_ID, birth=JalaliDate.parse(born))

    assert refusal.value.code == code


def test_without_a_birth_date_the_year_is_not_judged():
    number = CertificateNumber.parse("0", national_id=NATIONAL_ID, birth=None)

    assert number.value == "0"


def test_a_small_number_with_a_later_birth_is_left_to_the_registry():
    born = JalaliDate(1372, 1, 1)

    assert CertificateNumber.parse("27", national_id=NATIONAL_ID, birth=born).value == "27"


def test_in_the_first_year_without_numbers_zero_is_one():  # the guide: 1368
    born = JalaliDate(1368, 1, 1)

    assert CertificateNumber.parse("0", national_id=NATIONAL_ID, birth=born).value == "0"


@pytest.mark.parametrize("digits", ["0", "000", "0012927104", "12927104"])
def test_zero_and_the_national_id_are_one_number(digits):
    assert CertificateNumber.of_registry(digits, NATIONAL_ID).value == "0"


@pytest.mark.parametrize(
    ("text", "code"), [("", "empty"), ("12a", "non_digit"), ("1234567", "length"), ("0", "zero")]
)
def test_a_refused_serial_tells_why(text, code):
    with pytest.raises(InvalidSerial) as refusal:
        Serial.parse(text)

    assert refusal.value.code == code


def test_a_series_is_a_letter_and_a_number():
    assert Series.parse("ك", "۰۷") == Series("ک", "7")


def test_a_series_may_have_a_number_for_its_letter():
    assert Series.parse(LETTER_IS_NUMBER, "12", letter_number="۰4") == Series("4", "12")


@pytest.mark.parametrize(
    ("letter", "number", "letter_number", "code"),
    [
        ("", "1", "", "empty"),
        ("الف", "", "", "empty"),
        ("x", "1", "", "letter"),
        ("الف", "100", "", "number"),
        ("الف", "00", "", "number"),
        (LETTER_IS_NUMBER, "1", "", "empty"),
        (LETTER_IS_NUMBER, "1", "الف", "letter_number"),
    ],
)
def test_a_refused_series_tells_which_part(letter, number, letter_number, code):
    with pytest.raises(InvalidSeries) as refusal:
        Series.parse(letter, number, letter_number=letter_number)

    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("text", "series"),
    [
        ("الف\u200c-12", Series("الف", "12")),
        (" ۱۲ / ا ", Series("الف", "12")),
        ("ي07", Series("ی", "7")),
        ("10/12", Series("10", "12")),
        ("01/12", Series("1", "12")),
        ("4 - ۱۱", Series("4", "11")),
    ],
)
def test_a_registrys_series_is_taken_apart(text, series):
    assert Series.parse_registry_text(text) == series


@pytest.mark.parametrize("text", ["", "1012", "الف", "12", "الف ب 12", "المثنی/12", "0/0", "الف0"])
def test_a_registrys_series_that_cannot_be_told_apart_is_refused(text):
    with pytest.raises(InvalidSeries) as refusal:
        Series.parse_registry_text(text)

    assert refusal.value.code in {"registry_text", "number", "letter"}


def test_of_two_numbers_the_order_does_not_count():
    assert Series("4", "12").is_same_as(Series("12", "4"))
    assert not Series("4", "12").is_same_as(Series("4", "13"))


def test_of_letter_and_number_both_count():
    assert Series("الف", "12").is_same_as(Series("الف", "12"))
    assert not Series("الف", "12").is_same_as(Series("ب", "12"))
    assert not Series("12", "4").is_same_as(Series("ب", "12"))


def test_the_repr_tells_nothing():
    assert repr((Series("ب", "1"), Serial("000001"))) == "(Series(), Serial())"


@given(st.text() | st.text("الفبد0123456789۱۲ /-", max_size=8))
def test_parsing_never_crashes(text):
    for parse in (
        Serial.parse,
        Series.parse_registry_text,
        parse_series_letter,
        parse_series_number,
        lambda t: CertificateNumber.parse(t, national_id=NATIONAL_ID, birth=None),
        lambda t: Series.parse(t, t, letter_number=t),
    ):
        with suppress(Invalid):
            parse(text)


@given(st.text("0123456789", min_size=1, max_size=10))
def test_reading_a_number_twice_changes_nothing(text):
    def parse(digits):
        return CertificateNumber.parse(digits, national_id=NATIONAL_ID, birth=None).value

    assert parse(parse(text)) == parse(text)
