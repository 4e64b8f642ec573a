"""The tracking number: what is accepted, and which slips are noticed."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.adapters.randomness import SystemRandomness
from idp.domain.people.national_id import NationalId
from idp.domain.registration.tracking_number import (
    InvalidTrackingNumber,
    TrackingNumber,
    check_digit,
)

NUMBER = "1000000005"
NINE = st.from_regex("[1-9][0-9]{8}", fullmatch=True)


def refusal(typed: str) -> str:
    with pytest.raises(InvalidTrackingNumber) as refused:
        TrackingNumber.parse(typed)
    return refused.value.code


@pytest.mark.parametrize(
    "typed",
    [NUMBER, "۱۰۰۰۰۰۰۰۰۵", "١٠٠٠٠٠٠٠٠٥", "100 000 0005", "100-000-0005", "\u200f1000000005 "],
)
def test_it_is_read_in_any_digits_and_spacing(typed):
    assert TrackingNumber.parse(typed).value == NUMBER


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "empty"),
        ("12a", "non_digit"),
        ("100000000", "length"),
        ("10000000050", "length"),
        ("1000000006", "check_digit"),
    ],
)
def test_anything_else_is_refused(typed, code):
    assert refusal(typed) == code


def test_a_national_id_is_called_a_number_of_a_person():
    assert refusal(NationalId("9994863177").value) == "of_person"


def test_a_mobile_without_its_zero_is_refused_too():
    assert refusal("9121234567") == "of_person"


# ISO/IEC 7064, annex: the example of MOD 11,10.
def test_the_check_digit_is_that_of_the_standard():
    assert check_digit("0794") == "5"


@given(NINE, st.integers(0, 9), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(nine, at, by):
    number = nine + check_digit(nine)
    wrong = f"{number[:at]}{(int(number[at]) + by) % 10}{number[at + 1 :]}"
    assert check_digit(wrong[:-1]) != wrong[-1]


def test_every_number_that_is_given_out_is_accepted():
    numbers = [SystemRandomness().tracking_number() for _ in range(300)]
    assert [TrackingNumber.parse(one).value for one in numbers] == numbers


@given(st.text())
def test_any_text_is_read_or_refused(text):
    with suppress(InvalidTrackingNumber):
        number = TrackingNumber.parse(text)
        assert TrackingNumber.parse(number.value) == number


def test_its_repr_does_not_show_it():
    assert NUMBER not in repr(TrackingNumber(NUMBER))
