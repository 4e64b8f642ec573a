"""How registries are asked and given up: fields, tries, breaker and log (faults F15 to F17)."""

import base64
import json
import time
from datetime import timedelta
from typing import Any

import pytest

from idp.adapters.circuit_breaker import CircuitBreaker
from idp.adapters.registries.government_bus import BusCivilRegistry
from idp.adapters.registries.http_json import HttpEndpoint, JsonService
from idp.domain.registration.verdict import Found, PhoneAnswer, Unavailable
from tests.adapters.conftest import Logged
from tests.adapters.dialects import (
    BUS,
    DIALECTS,
    Simulate,
    born,
    civil,
    endpoint,
    ownership,
    persona,
)
from tests.simulators.http import Simulator
from tests.simulators.registries import CIVIL, OWNERSHIP, changed

TRANSPORT = [
    *("slow", "drip_headers", "cut", "500", "503", "html", "empty", "truncated", "short"),
    *("gzip", "redirect"),
]


@pytest.mark.parametrize("fault", TRANSPORT)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_broken_civil_service_is_unavailable(
    simulate: Simulate, dialect: str, fault: str
) -> None:  # F15 to F17
    simulator = simulate(CIVIL[dialect])
    simulator.script(fault)
    national_id, person, _ = persona("ok_male")

    assert civil(dialect, simulator).lookup(national_id, born(person)) == Unavailable()


@pytest.mark.parametrize("fault", TRANSPORT)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_broken_ownership_service_is_unavailable(
    simulate: Simulate, dialect: str, fault: str
) -> None:  # F15 to F17
    simulator = simulate(OWNERSHIP[dialect])
    simulator.script(fault)
    national_id, _, mobile = persona("ok_male")

    assert ownership(dialect, simulator).check(national_id, mobile) is PhoneAnswer.UNAVAILABLE


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_service_that_is_down_is_unavailable(simulate: Simulate, dialect: str) -> None:  # F15
    simulator = simulate(OWNERSHIP[dialect])
    simulator.go_down()
    national_id, _, mobile = persona("ok_male")

    assert ownership(dialect, simulator).check(national_id, mobile) is PhoneAnswer.UNAVAILABLE


def test_a_dripping_service_is_given_up_within_its_time(simulate: Simulate) -> None:  # F16
    simulator = simulate(CIVIL["uid"])
    simulator.script("drip")
    national_id, person, _ = persona("ok_male")
    start = time.monotonic()

    civil("uid", simulator, timeout=timedelta(seconds=0.1)).lookup(national_id, born(person))

    assert time.monotonic() - start < 1.5  # of some seconds, a byte each fiftieth


def patient(simulator: Simulator, **changes: Any) -> JsonService:
    return JsonService("civil", endpoint(simulator, tries=3), sleep=lambda _: None, **changes)


@pytest.mark.parametrize("fault", ["500", "cut", "slow"])
def test_a_passing_fault_is_tried_again(simulate: Simulate, fault: str) -> None:
    simulator = simulate(CIVIL["government_bus"])
    simulator.script(fault, fault)
    national_id, person, _ = persona("ok_male")
    found = BusCivilRegistry(patient(simulator)).lookup(national_id, born(person))

    assert isinstance(found, Found)


def test_tries_have_an_end(simulate: Simulate) -> None:
    simulator = simulate(CIVIL["government_bus"])
    simulator.script("500", "500", "500", "500")
    national_id, person, _ = persona("ok_male")
    BusCivilRegistry(patient(simulator)).lookup(national_id, born(person))

    assert len(simulator.received) == 3


def test_garbage_is_not_asked_for_again(simulate: Simulate) -> None:
    simulator = simulate(CIVIL["government_bus"])
    simulator.script("html", "html")
    national_id, person, _ = persona("ok_male")
    BusCivilRegistry(patient(simulator)).lookup(national_id, born(person))

    assert len(simulator.received) == 1


def test_an_open_breaker_asks_nobody(simulate: Simulate) -> None:  # F16
    simulator = simulate(CIVIL["government_bus"])
    simulator.script("html")
    breaker = CircuitBreaker(failures=1, rest=timedelta(hours=1))
    registry = BusCivilRegistry(patient(simulator, breaker=breaker))
    national_id, person, _ = persona("ok_male")
    registry.lookup(national_id, born(person))

    assert registry.lookup(national_id, born(person)) == Unavailable()
    assert len(simulator.received) == 1


def test_one_persons_odd_record_does_not_open_the_breaker(simulate: Simulate) -> None:
    simulator = simulate(CIVIL["government_bus"])
    simulator.script(changed(*BUS, "gender", to=3))
    breaker = CircuitBreaker(failures=1, rest=timedelta(hours=1))
    registry = BusCivilRegistry(patient(simulator, breaker=breaker))
    national_id, person, _ = persona("ok_male")
    registry.lookup(national_id, born(person))

    assert isinstance(registry.lookup(national_id, born(person)), Found)


def test_the_bus_request_has_the_fields_of_the_service(simulate: Simulate) -> None:
    simulator = simulate(CIVIL["government_bus"])
    national_id, person, _ = persona("ok_male")
    civil("government_bus", simulator).lookup(national_id, born(person))

    sent = simulator.received[0]
    assert json.loads(sent.body) == {"nin": 9994863177, "birthDate": 13600512}
    assert sent.headers["Authorization"] == "Basic " + base64.b64encode(b"hub:s3cret").decode()


def test_the_shahkar_request_has_the_fields_of_the_service(simulate: Simulate) -> None:
    simulator = simulate(OWNERSHIP["government_bus"])
    national_id, _, mobile = persona("ok_male")
    ownership("government_bus", simulator).check(national_id, mobile)

    assert json.loads(simulator.received[0].body) == {
        "requestId": "123420260322001500000042",
        "serviceType": 2,
        "serviceNumber": "09129129929",
        "identificationType": 0,
        "identificationNo": "9994863177",
    }


def test_zohal_is_asked_with_a_bearer_token(simulate: Simulate) -> None:
    simulator = simulate(OWNERSHIP["zohal"])
    national_id, _, mobile = persona("ok_male")
    ownership("zohal", simulator, token="t0ken").check(national_id, mobile)

    sent = simulator.received[0]
    assert sent.headers["Authorization"] == "Bearer t0ken"
    assert json.loads(sent.body) == {"mobile": "09129129929", "national_code": "9994863177"}


def test_uid_is_asked_with_credentials_in_the_body_only(simulate: Simulate) -> None:
    simulator = simulate(OWNERSHIP["uid"])
    national_id, _, mobile = persona("ok_male")
    ownership("uid", simulator).check(national_id, mobile)

    sent = simulator.received[0]
    assert "Authorization" not in sent.headers
    assert json.loads(sent.body)["requestContext"] == {
        "apiInfo": {"businessId": "hub", "businessToken": "s3cret"}
    }


@pytest.mark.parametrize("fault", ["ok", "html", "truncated", "cut", "500"])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_personal_data_gets_into_the_log(
    simulate: Simulate, logged: Logged, dialect: str, fault: str
) -> None:  # F17
    national_id, person, mobile = persona("ok_male")
    asked, owned = simulate(CIVIL[dialect]), simulate(OWNERSHIP[dialect])
    asked.script(fault)
    owned.script(fault)
    civil(dialect, asked).lookup(national_id, born(person))
    ownership(dialect, owned).check(national_id, mobile)

    for secret in (national_id.value, mobile.national[1:], person.family_name, "s3cret"):
        assert secret not in str(logged)
    assert len(logged) == 2


def test_the_providers_reference_gets_into_the_log(simulate: Simulate, logged: Logged) -> None:
    national_id, _, mobile = persona("ok_male")
    ownership("uid", simulate(OWNERSHIP["uid"])).check(national_id, mobile)

    assert logged[0]["reference"] == "r-17"


@pytest.mark.parametrize("reference", ["9994863177", "+989129129929", "محمد", "a b", "x" * 99])
def test_a_reference_that_could_be_personal_does_not(
    simulate: Simulate, logged: Logged, reference: str
) -> None:
    simulator = simulate(OWNERSHIP["uid"])
    simulator.script(changed("responseContext", "requestId", to=reference))
    national_id, _, mobile = persona("ok_male")
    ownership("uid", simulator).check(national_id, mobile)

    assert logged[0]["reference"] is None


def test_credentials_are_not_printed() -> None:
    assert "s3cret" not in repr(HttpEndpoint(url="https://x.example", password="s3cret"))
