"""The medical council's register on the government bus (faults F15 to F17)."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.adapters.registries import medical_council
from idp.adapters.registries.http_json import HttpEndpoint
from idp.domain.people.national_id import NationalId
from idp.domain.people.physician import CouncilNumber, Profession
from idp.domain.registration.council import CouncilMember, CouncilSilent, MemberFound, NoSuchMember
from tests.adapters.conftest import Logged
from tests.simulators.http import Answer, Fault, Handler, Simulator, simulated
from tests.simulators.people import records
from tests.simulators.registries import bus_council, changed, json_answer

Simulate = Callable[[Handler], Simulator]
NUMBER = CouncilNumber("98765")
GENERAL = Profession.GENERAL_PRACTITIONER
RETURN = ("result", "data", "getMedicalCouncilMemberResponse", "return")
CODES = {"1": GENERAL, "2": Profession.SPECIALIST, "40": Profession.MIDWIFE}


def council(simulator: Simulator, **options: Any):
    endpoint = HttpEndpoint(
        url=f"{simulator.url}/council",
        user="hub",
        password="s3cret",
        timeout=timedelta(seconds=0.25),
        tries=1,
    )
    return medical_council(endpoint, **{"professions": {}, **options})


def ask(simulate: Simulate, *faults: str | Fault, claimed: Profession = GENERAL, **options: Any):
    simulator = simulate(bus_council)
    for fault in faults:
        simulator.script(fault)
    return council(simulator, **options).lookup(NUMBER, claimed)


def base64_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_a_member_is_found_by_name(simulate: Simulate) -> None:
    person = records()["physician"][1].person
    assert person

    assert ask(simulate) == MemberFound(
        CouncilMember(number=NUMBER, given_name=person.given_name, family_name=person.family_name)
    )


def test_the_request_names_the_number_alone(simulate: Simulate) -> None:
    simulator = simulate(bus_council)

    council(simulator).lookup(CouncilNumber("4451م"), Profession.MIDWIFE)

    assert json.loads(simulator.received[0].body) == {"mcCode": "4451م"}


def test_a_number_that_nobody_holds_is_told(simulate: Simulate) -> None:
    assert council(simulate(bus_council)).lookup(CouncilNumber("1"), GENERAL) == NoSuchMember()


def test_the_codes_of_a_contract_replace_those_of_the_bus(simulate: Simulate) -> None:
    asked = council(simulate(bus_council), not_found_codes=["err.other"])

    assert asked.lookup(CouncilNumber("1"), GENERAL) == CouncilSilent()


def test_the_national_id_is_taken_where_it_comes(simulate: Simulate) -> None:
    found = ask(simulate, changed(*RETURN, "nationalCode", to=9995123487))

    assert found.member.national_id == NationalId("9995123487")


def test_the_professions_are_those_of_the_codes(simulate: Simulate) -> None:
    found = ask(simulate, changed(*RETURN, "specialityCodes", to=[1, "2"]), professions=CODES)

    assert found.member.professions == {GENERAL, Profession.SPECIALIST}


def test_an_unknown_speciality_beside_the_claimed_one_does_not_matter(simulate: Simulate) -> None:
    found = ask(simulate, changed(*RETURN, "specialityCodes", to=[1, 77]), professions=CODES)

    assert found.member.professions == {GENERAL}


def test_an_unknown_speciality_may_be_the_claimed_one(simulate: Simulate) -> None:
    answer = ask(simulate, changed(*RETURN, "specialityCodes", to=[77]), professions=CODES)

    assert answer == CouncilSilent()


def test_the_echoed_number_may_be_a_json_number(simulate: Simulate) -> None:
    assert isinstance(ask(simulate, changed(*RETURN, "mcCode", to=98765)), MemberFound)


TRANSPORT = [
    *("slow", "drip_headers", "cut", "500", "503", "html", "empty", "truncated", "short"),
    *("gzip", "redirect"),
]
GARBAGE: list[Fault] = [
    changed(*RETURN, "mcCode", to="98766"),
    changed(*RETURN, "mcCode", to="98765م"),
    changed(*RETURN, "mcCode", to=98766),
    changed(*RETURN, "mcCode", to=True),
    changed(*RETURN, "mcCode", to="?"),
    changed(*RETURN, "mcCode", to=KeyError),
    changed(*RETURN, "firstName", to="نیلوفر"),
    changed(*RETURN, "firstName", to=""),
    changed(*RETURN, "lastName", to=base64_of("<html>")),
    changed(*RETURN, "lastName", to=KeyError),
    changed(*RETURN, "nationalCode", to="1234567890"),
    changed(*RETURN, "nationalCode", to="x"),
    changed(*RETURN, "exceptionMessage", to="login.invalid.user"),
    changed(*RETURN, "message", to=["err.record.not.found"]),
    changed(*RETURN, to=None),
    changed(*RETURN, to=[{}, {}]),
    changed("result", to=KeyError),
]


@pytest.mark.parametrize("fault", TRANSPORT)
def test_a_broken_register_is_silent(simulate: Simulate, fault: str) -> None:  # F15 to F17
    assert ask(simulate, fault) == CouncilSilent()


@pytest.mark.parametrize("number", range(len(GARBAGE)))
def test_an_odd_answer_is_silence(simulate: Simulate, number: int) -> None:  # F17
    assert ask(simulate, GARBAGE[number]) == CouncilSilent()


def test_no_list_of_specialities_is_silence_where_professions_are_told(simulate: Simulate) -> None:
    answer = ask(simulate, changed(*RETURN, "specialityCodes", to="1"), professions=CODES)

    assert answer == CouncilSilent()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(member=st.sampled_from(["mcCode", "firstName", "lastName", "nationalCode"]), to=JSON)
def test_no_member_of_an_answer_can_raise_or_name_another_number(member: str, to: Any) -> None:
    with simulated(lambda received: changed(*RETURN, member, to=to)(bus_council(received))) as one:
        answer = council(one).lookup(NUMBER, GENERAL)

    assert isinstance(answer, CouncilSilent) or answer.member.number == NUMBER


def test_nothing_personal_gets_into_the_log(simulate: Simulate, logged: Logged) -> None:
    ask(simulate)
    council(simulate(lambda _: Answer(200, b"98765"))).lookup(NUMBER, GENERAL)
    council(simulate(lambda _: json_answer({}))).lookup(NUMBER, GENERAL)

    assert len(logged) == 3
    assert "98765" not in repr(logged)
    assert "نیلوفر" not in repr(logged)
