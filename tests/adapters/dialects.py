"""The reference registries behind HTTP in each dialect, and who is asked about."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from idp.adapters.registries import civil_registry, mobile_ownership
from idp.adapters.registries.http_json import HttpEndpoint
from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.domain.people.person import Person
from idp.domain.persian.jalali import JalaliDate
from idp.ports import CivilRegistry, MobileOwnership
from tests.simulators.http import Handler, Simulator
from tests.simulators.people import records

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


UNKNOWN = (records()["unknown_nid"][0], JalaliDate(1350, 1, 1))
BUS = ("result", "data", "getEstelam3Response", "return")
