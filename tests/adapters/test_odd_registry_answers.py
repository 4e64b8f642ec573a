"""Odd answers of the registries: unavailable, never a verdict or another person (fault F17)."""

import base64
import contextlib
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.adapters.registries import civil_registry
from idp.adapters.registries.government_bus import BusCivilRegistry
from idp.adapters.registries.http_json import HttpEndpoint, NotUnderstood
from idp.adapters.registries.uid_gateway import UidCivilRegistry
from idp.adapters.registries.zohal_gateway import ZohalCivilRegistry
from idp.adapters.strict_json import NotJson, parse_object
from idp.domain.registration.verdict import Found, PhoneAnswer, Unavailable
from idp.ports import CivilRegistry
from tests.adapters.dialects import (
    BUS,
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
from tests.simulators.http import Fault, Received
from tests.simulators.registries import CIVIL, OWNERSHIP, changed, json_answer


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
