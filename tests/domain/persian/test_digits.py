import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.persian.digits import (
    bare_number,
    clean_number,
    clean_single_number,
    to_ascii,
    to_persian,
)
from tests.vectors import cases


@pytest.mark.parametrize("case", cases("digits"), ids=lambda case: case["input"])
def test_digits_fold_as_the_vectors_say(case):
    assert to_ascii(case["input"]) == case["ascii"]


def test_prose_gets_persian_digits():
    assert to_persian("کد 12 و ٣۴") == "کد ۱۲ و ۳۴"


def test_number_fields_lose_blanks_hyphens_and_bidi_marks():
    assert clean_number("\u200f۰۹۱۲-۱۲۳\u200c (45)/67_8 \u2066") == "091212345678"


def test_a_slash_stays_where_it_means_two_numbers():
    assert clean_single_number(" ۱۲-۳/۴ ") == "123/4"


@pytest.mark.parametrize(
    ("typed", "number"), [("\u200f ۰۱۴\u200c ", "014"), ("5-1", "5-1"), ("5 1", "5 1")]
)
def test_what_separates_digits_of_a_short_number_stays(typed, number):
    assert bare_number(typed) == number


def test_dots_and_letters_stay_for_the_caller_to_refuse():
    assert clean_number("1.2a") == "1.2a"


@given(st.text())
def test_cleaning_twice_changes_nothing(text):
    assert clean_number(clean_number(text)) == clean_number(text)


@given(st.text("0123456789"))
def test_persian_digits_come_back(number):
    assert to_ascii(to_persian(number)) == number
