"""What the reference registries say of a person and a number, in each dialect."""

import base64
from dataclasses import replace
from typing import Any

import pytest

from idp.adapters.registries import civil_registry
from idp.adapters.registries.http_json import HttpEndpoint
from idp.domain.people.national_id import NationalId
from idp.domain.people.person import Person
from idp.domain.persian.jalali import JalaliDate
from idp.domain.registration.identity_match import ALL_CAPABILITIES
from idp.domain.registration.verdict import Found, NotFound, PhoneAnswer, Unavailable
from tests.adapters.dialects import (
    DIALECTS,
    OTHER_MOBILE,
    UNKNOWN,
    Simulate,
    born,
    civil,
    endpoint,
    ownership,
    persona,
)
from tests.simulators.http import Answer, Fault
from tests.simulators.people import people, records
from tests.simulators.registries import CIVIL, OWNERSHIP, bus_person, changed, json_answer

KNOWN = [
    name for name, (_, record) in records().items() if record.person and record.civil == "found"
]


@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.parametrize("dialect", ["government_bus", "uid"])
def test_a_known_person_is_found_with_every_field(
    simulate: Simulate, dialect: str, name: str
) -> None:
    national_id, person, _ = persona(name)
    found = civil(dialect, simulate(CIVIL[dialect])).lookup(national_id, born(person))

    assert isinstance(found, Found)
    assert found.capabilities == ALL_CAPABILITIES
    assert _comparable(found.person) == _comparable(person)


def _comparable(person: Person) -> Person:
    return replace(person, serial=str(int(person.serial or "0")))


@pytest.mark.parametrize("name", KNOWN)
def test_zohal_finds_names_and_being_alive_only(simulate: Simulate, name: str) -> None:
    national_id, person, _ = persona(name)
    found = civil("zohal", simulate(CIVIL["zohal"])).lookup(national_id, born(person))

    bare = replace(person, gender=None, certificate_number=None, series=None, serial=None)
    assert found == Found(bare, frozenset())


@pytest.mark.parametrize("dialect", ["government_bus", "zohal"])
def test_an_unknown_person_is_not_found(simulate: Simulate, dialect: str) -> None:
    national_id, _ = records()["unknown_nid"]
    registry = civil(dialect, simulate(CIVIL[dialect]))

    assert registry.lookup(national_id, JalaliDate(1350, 1, 1)) == NotFound()


@pytest.mark.parametrize("dialect", ["government_bus", "zohal"])
def test_another_birth_date_finds_nobody(simulate: Simulate, dialect: str) -> None:
    national_id, _, _ = persona("wrong_birth")
    registry = civil(dialect, simulate(CIVIL[dialect]))

    assert registry.lookup(national_id, JalaliDate(1370, 2, 30)) == NotFound()


def test_uid_finds_nobody_by_the_codes_of_the_contract_only(simulate: Simulate) -> None:
    asked = endpoint(simulate(CIVIL["uid"]))

    assert civil_registry("uid", asked).lookup(*UNKNOWN) == Unavailable()
    told = civil_registry("uid", asked, not_found_codes=["17", "404"])
    assert told.lookup(*UNKNOWN) == NotFound()


def test_a_code_of_the_contract_hides_no_person(simulate: Simulate) -> None:
    told = civil_registry("uid", endpoint(simulate(CIVIL["uid"])), not_found_codes=["404"])
    national_id, person, _ = persona("ok_male")

    assert isinstance(told.lookup(national_id, born(person)), Found)


def test_the_codes_of_a_contract_replace_those_of_the_bus(simulate: Simulate) -> None:
    asked = endpoint(simulate(CIVIL["government_bus"]))

    replaced = civil_registry("government_bus", asked, not_found_codes=["err.other"])
    assert replaced.lookup(*UNKNOWN) == Unavailable()


@pytest.mark.parametrize("member", ["message", "exceptionMessage"])
def test_the_bus_may_say_a_code_of_the_contract_in_two_places(
    simulate: Simulate, member: str
) -> None:
    said = {"result": {"data": {"getEstelam3Response": {"return": {member: "err.other"}}}}}
    asked = endpoint(simulate(lambda _: json_answer(said)))

    told = civil_registry("government_bus", asked, not_found_codes=["err.other"])
    assert told.lookup(*UNKNOWN) == NotFound()


def test_a_leading_zero_survives_the_bus_number(simulate: Simulate) -> None:
    _national_id, person, _ = persona("ok_male")
    with_zero = replace(person, national_id=NationalId("0012345679"))
    simulator = simulate(lambda _: _bus(with_zero))
    found = civil("government_bus", simulator).lookup(with_zero.national_id, born(person))

    assert isinstance(found, Found)
    assert found.person.national_id == with_zero.national_id


def _bus(person: Person, **changes: Any) -> Answer:
    returned = bus_person(person) | changes
    return json_answer({"result": {"data": {"getEstelam3Response": {"return": returned}}}})


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"shenasnameSeri": ""}, {"series"}),
        ({"shenasnameSeri": base64.b64encode("یک المثنی".encode()).decode()}, {"series"}),
        ({"shenasnameSerial": 0}, {"serial"}),
        ({"shenasnameSerial": ""}, {"serial"}),
    ],
)
def test_a_field_that_the_registry_does_not_hold_is_no_capability(
    simulate: Simulate, changes: dict[str, Any], missing: set[str]
) -> None:
    national_id, person, _ = persona("ok_male")
    simulator = simulate(lambda _: _bus(person, **changes))
    found = civil("government_bus", simulator).lookup(national_id, born(person))

    assert isinstance(found, Found)
    assert found.capabilities == ALL_CAPABILITIES - missing


@pytest.mark.parametrize(
    "changes",
    [
        {"deathStatus": 1},
        {"deathStatus": [1]},
        {"deathStatus": "1"},
    ],
)
def test_a_death_is_told(simulate: Simulate, changes: dict[str, Any]) -> None:
    national_id, person, _ = persona("ok_male")
    simulator = simulate(lambda _: _bus(person, **changes))
    found = civil("government_bus", simulator).lookup(national_id, born(person))

    assert isinstance(found, Found)
    assert not found.person.alive


def test_an_unknown_month_and_day_are_taken_over(simulate: Simulate) -> None:
    national_id, person, _ = persona("ok_male")
    simulator = simulate(lambda _: _bus(person, birthDate=13600000))
    found = civil("government_bus", simulator).lookup(national_id, born(person))

    assert isinstance(found, Found)
    assert found.person.birth.day == 0


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_owners_number_matches(simulate: Simulate, dialect: str) -> None:
    national_id, _, mobile = persona("ok_male")
    service = ownership(dialect, simulate(OWNERSHIP[dialect]))

    assert service.check(national_id, mobile) is PhoneAnswer.MATCH


@pytest.mark.parametrize("dialect", DIALECTS)
def test_anothers_number_is_a_mismatch(simulate: Simulate, dialect: str) -> None:
    national_id, _, _ = persona("ok_male")
    service = ownership(dialect, simulate(OWNERSHIP[dialect]))

    assert service.check(national_id, OTHER_MOBILE) is PhoneAnswer.MISMATCH


@pytest.mark.parametrize(
    ("dialect", "fault"),
    [
        ("government_bus", changed("response", to=311)),
        ("uid", changed("responseContext", "status", "code", to=3)),
    ],
)
def test_data_that_the_service_cannot_judge_is_no_answer(
    simulate: Simulate, dialect: str, fault: Fault
) -> None:
    simulator = simulate(OWNERSHIP[dialect])
    simulator.script(fault)
    national_id, _, mobile = persona("ok_male")

    assert ownership(dialect, simulator).check(national_id, mobile) is PhoneAnswer.NO_ANSWER


def test_an_unknown_dialect_is_refused() -> None:
    with pytest.raises(KeyError):
        civil_registry("soap", HttpEndpoint(url="https://x.example"))


def test_everybody_of_the_demo_has_a_record() -> None:
    assert len(people()) == len(records())
