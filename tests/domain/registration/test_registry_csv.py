"""The file of the embedded registry: one line a person, one wrong cell named."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.people.certificate import Series
from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.domain.people.person import Gender, Person, RegistryBirth
from idp.domain.people.physician import CouncilNumber, PhysicianClaim, Profession
from idp.domain.registration.registry_csv import COLUMNS, COUNCIL_COLUMNS, InvalidRow, parse_row

ROW = {
    "national_id": "9994863177",
    "first_name": "محمد رضا",
    "last_name": "احمدی‌نژاد",
    "gender": "male",
    "birth_date": "1360-05-12",
    "certificate_no": "1354",
    "series_letter": "الف",
    "series_no": "12",
    "serial": "123456",
    "alive": "true",
    "mobile": "09129129929",
    "civil": "found",
    "phone": "match",
    "insured": "true",
    "council_number": "98765",
    "profession": "dentist",
    "council": "found",
}
MEMBERS = {"person", "mobile", "civil", "phone", "insured", "roles", "physician", "council"}
PERSON = Person(
    national_id=NationalId("9994863177"),
    given_name="محمد رضا",
    family_name="احمدی‌نژاد",
    birth=RegistryBirth(1360, 5, 12),
    gender=Gender.MALE,
    certificate_number="1354",
    series=Series("الف", "12"),
    serial="123456",
    alive=True,
)


def members(**cells):
    return parse_row(ROW | cells)[1]


def refusal(**cells):
    with pytest.raises(InvalidRow) as refused:
        parse_row(ROW | cells)
    return refused.value


def test_a_row_is_a_person_and_what_the_registries_answer():
    assert parse_row(ROW) == (
        NationalId("9994863177"),
        {
            "person": PERSON,
            "mobile": Mobile("+989129129929"),
            "civil": "found",
            "phone": "match",
            "insured": True,
            "roles": ("insured",),
            "physician": PhysicianClaim(CouncilNumber("98765"), Profession.DENTIST),
            "council": "found",
        },
    )


def test_the_columns_are_those_of_a_row():
    assert (*COLUMNS, *COUNCIL_COLUMNS) == tuple(ROW)


def test_without_a_first_name_the_registry_has_no_such_person():
    assert members(first_name="")["person"] is None


def test_a_person_may_have_no_mobile():
    assert members(mobile="")["mobile"] is None


def test_who_is_not_insured_has_no_role():
    assert members(insured="false")["roles"] == ()


def test_without_a_number_the_council_has_no_such_member():
    assert members(council_number="")["physician"] is None


def test_a_council_that_is_not_spoken_of_answers():
    assert members(council="")["council"] == "found"


@pytest.mark.parametrize("answer", ["found", "not_found", "unavailable"])
def test_the_civil_registry_has_three_answers(answer):
    assert members(civil=answer)["civil"] == answer


@pytest.mark.parametrize("answer", ["match", "mismatch", "no_answer", "unavailable"])
def test_the_phone_registry_has_four_answers(answer):
    assert members(phone=answer)["phone"] == answer


@pytest.mark.parametrize("answer", ["found", "unavailable"])
def test_the_council_has_two_answers(answer):
    assert members(council=answer)["council"] == answer


@pytest.mark.parametrize("cell", ["true", "True", "yes", "1", " yes "])
def test_a_flag_may_be_set(cell):
    assert members(alive=cell)["person"].alive is True


@pytest.mark.parametrize("cell", ["false", "FALSE", "no", "0", ""])
def test_a_flag_may_be_cleared(cell):
    assert members(alive=cell)["person"].alive is False


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("national_id", "1111111111", "repeated"),
        ("gender", "odd", "unknown"),
        ("birth_date", "1360-13-01", "date"),
        ("series_letter", "x", "letter"),
        ("alive", "perhaps", "not_a_flag"),
        ("insured", "perhaps", "not_a_flag"),
        ("mobile", "021", "length"),
        ("civil", "match", "unknown"),
        ("phone", "found", "unknown"),
        ("council", "not_found", "unknown"),
        ("council_number", "ABC", "digit"),
        ("profession", "nurse", "unknown"),
    ],
)
def test_a_wrong_cell_is_named_with_what_is_wrong(column, cell, code):
    error = refusal(**{column: cell})

    assert (error.code, error.params) == (code, {"column": column})


@given(st.sampled_from(list(ROW)), st.text(max_size=12))
def test_whatever_a_cell_holds_a_row_is_read_or_its_cell_named(column, cell):
    with suppress(InvalidRow):
        assert parse_row(ROW | {column: cell})[1].keys() == MEMBERS
