from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.people.national_id import InvalidNationalId, NationalId
from tests.vectors import cases

VALID = [case for case in cases("national_ids") if case["valid"]]
REFUSED = [case for case in cases("national_ids") if not case["valid"]]


@pytest.mark.parametrize("case", VALID, ids=lambda case: case["note"])
def test_a_sound_id_is_read_whatever_its_digits_and_spacing(case):
    assert NationalId.parse(case["input"]).value == case["normalised"]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["note"])
def test_an_unsound_id_is_refused_with_its_reason(case):
    with pytest.raises(InvalidNationalId) as refusal:
        NationalId.parse(case["input"])

    assert refusal.value.code == case["reason"]


def test_a_lost_leading_zero_is_never_made_up():
    with pytest.raises(InvalidNationalId, match=r"^length$"):
        NationalId.parse("12927104")


@pytest.mark.parametrize("value", ["", "123", "۱۱۱۱۱۱۱۱۱۱", "0012927104\n"])
def test_no_other_shape_can_be_made(value):
    with pytest.raises(InvalidNationalId, match=r"^length$"):
        NationalId(value)


def test_neither_repr_nor_str_tells_the_id():
    national_id = NationalId.parse("0012927104")

    assert f"{national_id} {national_id!r}" == "NationalId(*******104) NationalId(*******104)"


@given(st.text() | st.text("0123456789۰۱۲۳۴۵۶۷۸۹- ", min_size=8, max_size=14))
def test_parsing_never_crashes_and_repeats_itself(text):
    with suppress(InvalidNationalId):
        national_id = NationalId.parse(text)
        assert NationalId.parse(national_id.value) == national_id


@given(st.text(max_size=12))
def test_every_refusal_has_a_listed_code(text):
    try:
        NationalId.parse(text)
    except InvalidNationalId as refusal:
        assert refusal.code in InvalidNationalId.codes  # noqa: PT017
