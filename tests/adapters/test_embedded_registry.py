"""The embedded registry honours what the personas' registries say."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from idp.adapters.registries.embedded import (
    EmbeddedCivilRegistry,
    EmbeddedInsuranceFile,
    EmbeddedMedicalCouncil,
    EmbeddedMobileOwnership,
)
from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.domain.people.physician import CouncilNumber, Profession
from idp.domain.persian.jalali import JalaliDate
from idp.domain.registration.council import CouncilMember, CouncilSilent, MemberFound, NoSuchMember
from idp.domain.registration.identity_match import ALL_CAPABILITIES
from idp.domain.registration.verdict import Found, NotFound, PhoneAnswer, Unavailable
from idp.ports import RegistryRecord
from tests.simulators.people import people, records

NOBODY = NationalId("0012345679")


class People:
    def __init__(self, records: Mapping[NationalId, RegistryRecord] | None = None) -> None:
        self._records = people() if records is None else dict(records)

    def load(self, people: Mapping[NationalId, RegistryRecord]) -> int:
        self._records.update(people)
        return len(people)

    def find(self, national_id: NationalId) -> RegistryRecord | None:
        return self._records.get(national_id)

    def find_by_council_number(self, number: CouncilNumber) -> RegistryRecord | None:
        held = (one for one in self._records.values() if one.physician)
        return next((one for one in held if one.physician.number.key == number.key), None)


def born(name: str) -> JalaliDate:
    person = records()[name][1].person
    assert person
    return JalaliDate(person.birth.year, person.birth.month, person.birth.day)


def test_a_person_is_found_with_every_field() -> None:
    national_id, record = records()["ok_male"]
    assert record.person

    found = EmbeddedCivilRegistry(People()).lookup(national_id, born("ok_male"))

    assert found == Found(record.person, ALL_CAPABILITIES)


def test_another_birth_date_finds_nobody() -> None:
    national_id, _ = records()["wrong_birth"]
    registry = EmbeddedCivilRegistry(People())

    assert registry.lookup(national_id, JalaliDate(1370, 2, 30)) == NotFound()


def test_a_registry_that_does_not_know_the_day_finds_by_the_year() -> None:
    national_id, record = records()["ok_male"]
    assert record.person
    old = replace(record.person, birth=replace(record.person.birth, month=0, day=0))
    registry = EmbeddedCivilRegistry(People({national_id: replace(record, person=old)}))

    assert isinstance(registry.lookup(national_id, JalaliDate(1360, 1, 1)), Found)


@pytest.mark.parametrize(
    ("name", "answer"), [("unknown_nid", NotFound()), ("registry_down", Unavailable())]
)
def test_the_civil_answer_of_the_persona_holds(name: str, answer: NotFound | Unavailable) -> None:
    national_id, record = records()[name]
    birth = born(name) if record.person else JalaliDate(1350, 1, 1)

    assert EmbeddedCivilRegistry(People()).lookup(national_id, birth) == answer


def test_nobodys_national_id_is_not_found() -> None:
    assert EmbeddedCivilRegistry(People()).lookup(NOBODY, JalaliDate(1360, 1, 1)) == NotFound()


@pytest.mark.parametrize("name", records())
def test_the_phone_answer_of_the_persona_holds(name: str) -> None:
    national_id, record = records()[name]
    assert record.mobile

    answer = EmbeddedMobileOwnership(People()).check(national_id, record.mobile)

    assert answer == record.phone


def test_any_other_number_is_a_mismatch() -> None:
    national_id, _ = records()["ok_male"]
    ownership = EmbeddedMobileOwnership(People())

    assert ownership.check(national_id, Mobile("+989121111111")) is PhoneAnswer.MISMATCH


def test_a_silent_service_is_silent_about_any_number() -> None:
    national_id, record = records()["ok_male"]
    silent = People({national_id: replace(record, phone="unavailable")})

    answer = EmbeddedMobileOwnership(silent).check(national_id, Mobile("+989121111111"))

    assert answer is PhoneAnswer.UNAVAILABLE


def test_nobodys_phone_has_no_answer() -> None:
    ownership = EmbeddedMobileOwnership(People())

    assert ownership.check(NOBODY, Mobile("+989121111111")) is PhoneAnswer.NO_ANSWER


@pytest.mark.parametrize(
    ("name", "roles"),
    [("ok_male", ("insured",)), ("ok_leap_birth", ()), ("physician", ("insured",))],
)
def test_the_insurance_file_fills_roles(name: str, roles: tuple[str, ...]) -> None:
    assert EmbeddedInsuranceFile(People()).roles(records()[name][0]) == roles


def test_nobody_has_no_roles() -> None:
    assert EmbeddedInsuranceFile(People()).roles(NOBODY) == ()


def council(number: str):
    typed = CouncilNumber.parse(number)
    return EmbeddedMedicalCouncil(People()).lookup(typed, Profession.GENERAL_PRACTITIONER)


def test_a_council_number_finds_its_holder() -> None:
    national_id, record = records()["physician"]
    assert record.person

    assert council("98765") == MemberFound(
        CouncilMember(
            number=CouncilNumber("98765"),
            given_name=record.person.given_name,
            family_name=record.person.family_name,
            national_id=national_id,
            professions=frozenset({Profession.GENERAL_PRACTITIONER}),
        )
    )


@pytest.mark.parametrize("number", ["98765م", "1"])
def test_a_number_that_nobody_holds_finds_nobody(number: str) -> None:
    assert council(number) == NoSuchMember()


def test_a_council_that_is_down_is_silent() -> None:
    assert council("4451*") == CouncilSilent()
