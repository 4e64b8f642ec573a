"""The personas of ``tests/data/personas.json`` as records of the reference registries."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from idp.domain.people.certificate import Series
from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.domain.people.person import Gender, Person, RegistryBirth
from idp.ports import RegistryRecord
from tests.physicians import membership_of

PERSONAS = Path(__file__).parents[1] / "data" / "personas.json"


@cache
def records() -> dict[str, tuple[NationalId, RegistryRecord]]:
    """Return national ID and record by the persona's id."""
    cases = json.loads(PERSONAS.read_text("utf-8"))["cases"]
    return {case["id"]: (NationalId(case["national_id"]), _record(case)) for case in cases}


def people() -> dict[NationalId, RegistryRecord]:
    return dict(records().values())


def _record(case: dict[str, Any]) -> RegistryRecord:
    return RegistryRecord(
        person=_person(case["national_id"], case["registry"]) if case["registry"] else None,
        mobile=Mobile(case["mobile"]),
        civil=case["answers"]["civil"],
        phone=case["answers"]["phone"],
        insured=case["insured"],
        physician=membership_of(case),
        council=case["answers"].get("council", "found"),
    )


def _person(national_id: str, registry: dict[str, Any]) -> Person:
    return Person(
        national_id=NationalId(national_id),
        given_name=registry["first_name"],
        family_name=registry["last_name"],
        birth=RegistryBirth(*map(int, registry["birth_date"].split("/"))),
        gender=Gender(registry["gender"]),
        certificate_number=registry["certificate_no"],
        series=Series(registry["series_letter"], registry["series_no"]),
        serial=registry["serial"],
        alive=registry["alive"],
    )
