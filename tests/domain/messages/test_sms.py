import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.messages.sms import LONGEST_NAME, SmsName, SmsParts, sms_parts
from tests.vectors import cases


@pytest.mark.parametrize("case", cases("sms"), ids=lambda case: case["id"])
def test_the_guides_messages_have_the_parts_of_the_vectors(case):
    expected = SmsParts(case["encoding"], case["units"], case["parts"])

    assert sms_parts(case["text"]) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", SmsParts("GSM7", 0, 1)),
        ("a" * 160, SmsParts("GSM7", 160, 1)),
        ("a" * 161, SmsParts("GSM7", 161, 2)),
        ("€", SmsParts("GSM7", 2, 1)),
        ("€" * 80, SmsParts("GSM7", 160, 1)),
        ("a" * 306, SmsParts("GSM7", 306, 2)),
        ("a" * 307, SmsParts("GSM7", 307, 3)),
        pytest.param("\ud800", SmsParts("UCS2", 1, 1), id="a lone surrogate"),
        ("ا" * 70, SmsParts("UCS2", 70, 1)),
        ("ا" * 71, SmsParts("UCS2", 71, 2)),
        ("ا" * 134, SmsParts("UCS2", 134, 2)),
        ("ا" * 135, SmsParts("UCS2", 135, 3)),
        ("😀", SmsParts("UCS2", 2, 1)),
    ],
)
def test_the_air_counts_units(text, expected):
    assert sms_parts(text) == expected


def test_units_are_whole():
    assert isinstance(sms_parts("سلام").units, int)


@given(st.text())
def test_no_text_crashes_the_count(text):
    assert sms_parts(text).parts >= 1


def test_a_short_name_stands_as_it_is():
    assert SmsName.cut("سوابق بیمه").value == "سوابق بیمه"


def test_a_name_of_thirty_characters_stands_as_it_is():
    assert SmsName.cut("ا" * LONGEST_NAME).value == "ا" * LONGEST_NAME


def test_a_longer_name_is_cut_and_says_so():
    assert SmsName.cut("ا" * (LONGEST_NAME + 1)).value == "ا" * (LONGEST_NAME - 1) + "…"


def test_no_blank_stands_before_the_cut():
    assert SmsName.cut("ا" * (LONGEST_NAME - 2) + " بیمه").value == "ا" * (LONGEST_NAME - 2) + "…"
