import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.persian.digits import clean_number, to_ascii, to_persian
from tests.vectors import cases


@pytest.mark.parametrize("case", cases("digits"), ids=lambda case: case["input"])
def test_digits_fold_as_the_vectors_say(case):
    assert to_ascii(case["input"]) == case["ascii"]


def test_prose_gets_persian_digits():
    assert to_persian("کد 12 و ٣۴") == "کد ۱۲ و ۳۴"


def test_number_fields_lose_blanks_hyphens_and_bidi_marks():
    assert clean_number("\u200f۰۹۱۲-۱۲۳\u200c (45)/67_8 \u2066") == "091212345678"


def test_dots_and_letters_stay_for_the_caller_to_refuse():
    assert clean_number("1.2a") == "1.2a"


@given(st.text())
def test_cleaning_twice_changes_nothing(text):
    assert clean_number(clean_number(text)) == clean_number(text)


@given(st.text("0123456789"))
def test_persian_digits_come_back(number):
    assert to_ascii(to_persian(number)) == number
