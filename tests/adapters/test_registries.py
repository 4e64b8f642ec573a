"""The reference registries: embedded, and behind HTTP in each dialect (faults F15 to F17)."""

import base64
import contextlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.adapters.circuit_breaker import CircuitBreaker
from idp.adapters.registries import civil_registry, mobile_ownership
from idp.adapters.registries.government_bus import BusCivilRegistry
from idp.adapters.registries.http_json import HttpEndpoint, JsonService, NotUnderstood
from idp.adapters.registries.uid_gateway import UidCivilRegistry
from idp.adapters.registries.zohal_gateway import ZohalCivilRegistry
from idp.adapters.strict_json import NotJson, parse_object
from idp.domain.identity_match import ALL_CAPABILITIES
from idp.domain.jalali import JalaliDate
from idp.domain.mobile import Mobile
from idp.domain.national_id import NationalId
from idp.domain.person import Person
from idp.domain.verdict import Found, NotFound, PhoneAnswer, Unavailable
from idp.ports import CivilRegistry, MobileOwnership
from tests.adapters.conftest import Logged
from tests.simulators.http import Answer, Fault, Handler, Received, Simulator
from tests.simulators.people import people, records
from tests.simulators.registries import CIVIL, OWNERSHIP, changed, json_answer

DIALECTS = ["government_bus", "uid", "zohal"]
Simulate = Callable[[Handler], Simulator]
NOW = datetime(2026, 3, 21, 20, 45, tzinfo=UTC)
OTHER_MOBILE = Mobile("+989121111111")


def endpoint(simulator: Simulator, **changes: Any) -> HttpEndpoint:
    plain = HttpEndpoint(
        url=f"{simulator.url}/service",
        user="hub",
        password="s3cret",
        provider_code="1234",
        timeout=simulator.patience,
        tries=1,
    )
    return replace(plain, **changes)


def civil(dialect: str, simulator: Simulator, **changes: Any) -> CivilRegistry:
    return civil_registry(dialect, endpoint(simulator, **changes))


def ownership(dialect: str, simulator: Simulator, **changes: Any) -> MobileOwnership:
    return mobile_ownership(
        dialect, endpoint(simulator, **changes), clock=lambda: NOW, six_digits=lambda: "000042"
    )


def persona(name: str) -> tuple[NationalId, Person, Mobile]:
    national_id, record = records()[name]
    assert record.person
    assert record.mobile
    return national_id, record.person, record.mobile


def born(person: Person) -> JalaliDate:
    return JalaliDate(person.birth.year, person.birth.month, person.birth.day)


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


UNKNOWN = (records()["unknown_nid"][0], JalaliDate(1350, 1, 1))


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


@pytest.mark.parametrize("code", [1, 2, 3, 5, 17, 99, 403, 500, -404, "404.0", "", None, True])
def test_an_unknown_code_of_uid_is_unavailable(simulate: Simulate, code: Any) -> None:  # F17
    simulator = simulate(CIVIL["uid"])
    simulator.script(changed("responseContext", "status", "code", to=code))

    told = civil_registry("uid", endpoint(simulator), not_found_codes=["404"])
    assert told.lookup(*UNKNOWN) == Unavailable()


@pytest.mark.parametrize("code", [1, 100, 199, 201, 310, 312, 400, 404, 599, 601, "600x", -600])
def test_an_unknown_code_of_shahkar_is_no_mismatch(simulate: Simulate, code: Any) -> None:  # F17
    simulator = simulate(OWNERSHIP["government_bus"])
    simulator.script(changed("response", to=code))
    national_id, _, mobile = persona("ok_male")

    answer = ownership("government_bus", simulator).check(national_id, mobile)
    assert answer is PhoneAnswer.UNAVAILABLE


@pytest.mark.parametrize("code", [1, 2, 4, 17, 404, 500, -1, "", None])
def test_an_unknown_code_of_uids_ownership_is_no_mismatch(simulate: Simulate, code: Any) -> None:
    simulator = simulate(OWNERSHIP["uid"])
    simulator.script(changed("responseContext", "status", "code", to=code))
    national_id, _, _ = persona("ok_male")

    answer = ownership("uid", simulator).check(national_id, OTHER_MOBILE)
    assert answer is PhoneAnswer.UNAVAILABLE


def test_a_leading_zero_survives_the_bus_number(simulate: Simulate) -> None:
    _national_id, person, _ = persona("ok_male")
    with_zero = replace(person, national_id=NationalId("0012345679"))
    simulator = simulate(lambda _: _bus(with_zero))
    found = civil("government_bus", simulator).lookup(with_zero.national_id, born(person))

    assert isinstance(found, Found)
    assert found.person.national_id == with_zero.national_id


def _bus(person: Person, **changes: Any) -> Answer:
    from tests.simulators.registries import bus_person  # noqa: PLC0415

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


BUS = ("result", "data", "getEstelam3Response", "return")
NAMELESS = base64.b64encode(b"\xff\xfe").decode()
GARBAGE: dict[str, list[Fault]] = {
    "government_bus": [
        changed(*BUS, "nin", to=9999872001),
        changed(*BUS, "nin", to=KeyError),
        changed(*BUS, "nin", to=True),
        changed(*BUS, "nin", to=-9994863177),
        changed(*BUS, "nin", to=9994863177.0),
        changed(*BUS, "birthDate", to=13600513),
        changed(*BUS, "birthDate", to="1360/5"),
        changed(*BUS, "birthDate", to=None),
        changed(*BUS, "name", to="محمد"),
        changed(*BUS, "name", to=NAMELESS),
        changed(*BUS, "name", to=""),
        changed(*BUS, "name", to=None),
        changed(*BUS, "name", to=base64.b64encode(b"<html>").decode()),
        changed(*BUS, "family", to=["YQ=="]),
        changed(*BUS, "family", to="YQ==" * 200),
        changed(*BUS, "gender", to=3),
        changed(*BUS, "gender", to=True),
        changed(*BUS, "shenasnameNo", to=KeyError),
        changed(*BUS, "shenasnameNo", to="-"),
        changed(*BUS, "shenasnameSerial", to=KeyError),
        changed(*BUS, "shenasnameSerial", to={}),
        changed(*BUS, "shenasnameSeri", to=7),
        changed(*BUS, "deathStatus", to=None),
        changed(*BUS, "deathStatus", to=[0, 1]),
        changed(*BUS, "exceptionMessage", to="login.invalid.user"),
        changed(*BUS, "exceptionMessage", to="err.record.not.found"),
        changed(*BUS, to=None),
        changed(*BUS, to=[]),
        changed(*BUS, to=[{}, {}]),
        changed("result", "data", to="none"),
        changed("result", to=KeyError),
    ],
    "uid": [
        changed("responseContext", "status", "code", to=3),
        changed("responseContext", "status", "code", to=KeyError),
        changed("responseContext", to=None),
        changed("basicInformation", to=KeyError),
        changed("basicInformation", "gender", to="GENDER_UNKNOWN"),
        changed("basicInformation", "firstName", to=""),
        changed("basicInformation", "lastName", to="123"),
        changed("identificationInformation", "nationalId", to="9999872001"),
        changed("identificationInformation", "nationalId", to=""),
        changed("identificationInformation", "birthDate", to="1360/05/13"),
        changed("identificationInformation", "shenasnamehNumber", to=KeyError),
        changed("registrationStatus", "deathStatus", to="perhaps"),
        changed("registrationStatus", to=KeyError),
    ],
    "zohal": [
        changed("result", to=2),
        changed("result", to=True),
        changed("result", to="1"),
        changed("response_body", "error_code", to="E17"),
        changed("response_body", "data", to=None),
        changed("response_body", "data", "matched", to="true"),
        changed("response_body", "data", "national_code", to="9999872001"),
        changed("response_body", "data", "national_code", to=KeyError),
        changed("response_body", "data", "is_dead", to=True),
        changed("response_body", "data", "alive", to=KeyError),
        changed("response_body", "data", "first_name", to=" "),
    ],
}


@pytest.mark.parametrize(
    ("dialect", "number"), [(d, n) for d, faults in GARBAGE.items() for n in range(len(faults))]
)
def test_an_odd_person_is_unavailable(simulate: Simulate, dialect: str, number: int) -> None:  # F17
    simulator = simulate(CIVIL[dialect])
    simulator.script(GARBAGE[dialect][number])
    national_id, person, _ = persona("ok_male")

    assert civil(dialect, simulator).lookup(national_id, born(person)) == Unavailable()


class SaysInstead:
    """A service whose answer is the simulator's with one member replaced."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        self.endpoint = HttpEndpoint(url="https://x.example")
        self._answer = answer

    def ask(self, question: object, read: Callable[..., Any], **words: Any) -> Any:
        try:
            return read(self._answer).meaning
        except NotUnderstood:
            return words["otherwise"]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=3,
)


def places(said: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    below = said.items() if isinstance(said, dict) else ()
    return [*([path] if path else []), *(p for k, v in below for p in places(v, (*path, k)))]


@given(st.data(), st.sampled_from(DIALECTS))
def test_no_member_of_an_answer_can_raise_or_name_another_person(
    data: st.DataObject, dialect: str
) -> None:  # F17
    national_id, person, _ = persona("ok_male")
    asked = {
        "government_bus": {"nin": 9994863177, "birthDate": 13600512},
        "uid": {"nationalId": "9994863177", "birthDate": "1360/05/12"},
        "zohal": {"national_code": "9994863177", "birth_date": "1360/05/12"},
    }
    good = CIVIL[dialect](Received("POST", "/", {}, json.dumps(asked[dialect]).encode()))
    path = data.draw(st.sampled_from(places(json.loads(good.body))))
    odd = changed(*path, to=data.draw(ANYTHING))(good)
    registries: dict[str, Callable[[Any], CivilRegistry]] = {
        "government_bus": BusCivilRegistry,
        "uid": UidCivilRegistry,
        "zohal": ZohalCivilRegistry,
    }

    answer = registries[dialect](SaysInstead(json.loads(odd.body))).lookup(
        national_id, born(person)
    )

    assert not isinstance(answer, Found) or answer.person.national_id == national_id


def test_a_not_found_about_another_person_is_unavailable(simulate: Simulate) -> None:
    said = {"nin": 9999872001, "message": ["err.record.not.found"]}
    simulator = simulate(
        lambda _: json_answer({"result": {"data": {"getEstelam3Response": {"return": said}}}})
    )
    national_id, person, _ = persona("ok_male")

    lookup = civil("government_bus", simulator).lookup(national_id, born(person))
    assert lookup == Unavailable()


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


PHONE_GARBAGE: dict[str, list[Fault]] = {
    "government_bus": [
        changed("response", to=0),
        changed("response", to=330),
        changed("response", to=500),
        changed("response", to=201),
        changed("response", to=None),
        changed("response", to=True),
        changed("response", to=KeyError),
        changed("requestId", to="12340000"),
        changed("requestId", to=KeyError),
    ],
    "uid": [
        changed("isMatched", to="false"),
        changed("isMatched", to=None),
        changed("isMatched", to=KeyError),
        changed("isMatched", to=0),
        changed("responseContext", "status", "code", to=5),
        changed("responseContext", to=KeyError),
    ],
    "zohal": [
        changed("result", to=0),
        changed("result", to=KeyError),
        changed("response_body", "data", "matched", to="false"),
        changed("response_body", "data", "matched", to=KeyError),
        changed("response_body", "error_code", to="E1"),
        changed("response_body", to=[]),
    ],
}


@pytest.mark.parametrize(
    ("dialect", "number"),
    [(d, n) for d, faults in PHONE_GARBAGE.items() for n in range(len(faults))],
)
def test_an_odd_ownership_answer_is_unavailable_and_no_mismatch(
    simulate: Simulate, dialect: str, number: int
) -> None:  # F17
    simulator = simulate(OWNERSHIP[dialect])
    simulator.script(PHONE_GARBAGE[dialect][number])
    national_id, _, mobile = persona("ok_male")

    assert ownership(dialect, simulator).check(national_id, mobile) is PhoneAnswer.UNAVAILABLE


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

    assert time.monotonic() - start < 0.3


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


def test_an_unknown_dialect_is_refused() -> None:
    with pytest.raises(KeyError):
        civil_registry("soap", HttpEndpoint(url="https://x.example"))


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"null", b"[]", b"1", b'"a"', b"{", b'{"a":1}x', b'{"a":1,"a":2}', b'{"a":NaN}'),
        *(b'{"a":Infinity}', b"\xef\xbb\xbf{}", '{"a":1}'.encode("utf-16"), b'{"a":"\xff"}'),
        *(b'{"a":' + b"[" * 100_000, b"{'a':1}"),
    ],
)
def test_what_is_not_a_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(NotJson):
        parse_object(body)


@given(st.binary())
def test_arbitrary_bytes_are_an_object_or_refused(body: bytes) -> None:
    with contextlib.suppress(NotJson):
        assert isinstance(parse_object(body), dict)


def test_everybody_of_the_demo_has_a_record() -> None:
    assert len(people()) == len(records())
