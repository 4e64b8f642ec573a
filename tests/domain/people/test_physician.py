from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.people.physician import (
    LONGEST_NUMBER,
    CouncilNumber,
    DatedClaim,
    InvalidCouncilNumber,
    InvalidProfession,
    PhysicianClaim,
    Profession,
)

SOME = CouncilNumber("98765")


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("98765", "98765"),
        ("۹۸۷۶۵", "98765"),
        ("٩٨٧٦٥", "98765"),
        (" 98 765\u200f", "98765"),
        ("00123", "00123"),
        ("12-345", "12-345"),
        ("12\u2013\u2013345-", "12-345"),
        ("fda1234567890", "FDA1234567890"),
        ("12345ات", "12345ات"),
        ("د-۴۴۵", "د-445"),
        ("1234ي", "1234ی"),
    ],
)
def test_a_number_is_read_as_it_is_meant(typed, value):
    assert CouncilNumber.parse(typed) == CouncilNumber(value)


@pytest.mark.parametrize(
    "typed", ["م-1234", "م1234", "1234م", "1234-م", "1234*", "۱۲۳۴ م", "م 1234"]
)
def test_a_midwifes_letter_stands_at_the_end_however_it_was_written(typed):
    assert CouncilNumber.parse(typed) == CouncilNumber("1234م")


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "empty"),
        (" -\u200c", "empty"),
        ("12/34", "characters"),
        ("12*34", "characters"),
        ("<b>1</b>", "characters"),
        ("ß1", "characters"),
        ("1\u0000", "characters"),
        ("م", "digit"),
        ("*", "characters"),
        ("ABC", "digit"),
        ("1" * 21, "length"),
    ],
)
def test_what_is_no_number_is_refused_by_its_reason(typed, code):
    with pytest.raises(InvalidCouncilNumber) as refused:
        CouncilNumber.parse(typed)

    assert refused.value.code == code


@given(st.text())
def test_parsing_never_crashes_and_is_stable(text):
    with suppress(InvalidCouncilNumber):
        number = CouncilNumber.parse(text)
        assert CouncilNumber.parse(number.value) == number
        assert 0 < len(number.value) <= LONGEST_NUMBER


@given(st.text(alphabet="0123456789", min_size=1, max_size=LONGEST_NUMBER))
def test_every_zero_counts(digits):
    assert CouncilNumber.parse(digits).value == digits


@given(st.text(alphabet="0123456789", min_size=1, max_size=LONGEST_NUMBER - 1))
def test_a_midwifes_number_is_nobody_elses(digits):
    assert CouncilNumber.parse(f"م{digits}").key != CouncilNumber.parse(digits).key


def test_hyphens_make_no_other_number():
    assert CouncilNumber.parse("12-345").key == CouncilNumber.parse("12345").key


def test_a_printed_number_is_masked():
    assert repr(SOME) == "CouncilNumber(***65)"


def test_a_short_number_is_masked_too():
    assert CouncilNumber("7").masked() == "*7"


@pytest.mark.parametrize("profession", Profession)
def test_every_profession_has_its_words_and_is_parsed_by_its_code(profession):
    assert profession.label
    assert Profession.parse(profession.value) is profession


@pytest.mark.parametrize(("typed", "code"), [("", "empty"), ("پزشک عمومی", "unknown")])
def test_a_profession_outside_of_the_list_is_refused(typed, code):
    with pytest.raises(InvalidProfession) as refused:
        Profession.parse(typed)

    assert refused.value.code == code


def test_a_claim_comes_back_from_json():
    claim = PhysicianClaim(SOME, Profession.MIDWIFE)

    assert PhysicianClaim.from_json(claim.to_json()) == claim


def test_a_dated_claim_comes_back_from_json():
    claim = PhysicianClaim(SOME, Profession.MIDWIFE)
    dated = DatedClaim(claim, datetime(2026, 3, 21, 12, tzinfo=UTC))

    assert DatedClaim.from_json(dated.to_json()) == dated


def test_a_dated_claim_is_stored_as_text():
    dated = DatedClaim(PhysicianClaim(SOME, Profession.MIDWIFE), datetime(2026, 3, 21, tzinfo=UTC))

    assert dated.to_json() == {
        "number": "98765",
        "profession": "midwife",
        "at": "2026-03-21T00:00:00+00:00",
    }
