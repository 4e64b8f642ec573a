"""The personas as domain values."""

from dataclasses import replace
from typing import Any

from idp.domain.people.certificate import CertificateNumber, Serial, Series
from idp.domain.people.email_address import EmailAddress
from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.domain.people.person import Application, Gender, Person, RegistryBirth
from idp.domain.people.places import Residence
from idp.domain.people.questions import QUESTIONS
from idp.domain.persian.jalali import JalaliDate
from idp.domain.persian.names import PersonName
from tests.physicians import claim_of
from tests.vectors import cases

PERSONAS = {case["id"]: case for case in cases("personas")}


def person(persona: str = "ok_male", **changes: Any) -> Person:
    """Return the registry's record of the persona."""
    record = PERSONAS[persona]["registry"]
    birth = JalaliDate.parse(record["birth_date"])
    found = Person(
        national_id=NationalId(PERSONAS[persona]["national_id"]),
        given_name=record["first_name"],
        family_name=record["last_name"],
        birth=RegistryBirth(birth.year, birth.month, birth.day),
        gender=Gender(record["gender"]),
        certificate_number=record["certificate_no"],
        series=Series(record["series_letter"], record["series_no"]),
        serial=record["serial"],
        alive=record["alive"],
    )
    return replace(found, **changes)


def application(persona: str = "ok_male", **changes: Any) -> Application:
    """Return what the persona types into the form."""
    case = PERSONAS[persona]
    typed = {**(case["registry"] or {}), **case.get("submit", {})}
    national_id = NationalId.parse(case["national_id"])
    birth = JalaliDate.parse(typed["birth_date"])
    submitted = Application(
        national_id=national_id,
        mobile=Mobile(case["mobile"]),
        operator="mci",
        given_name=PersonName.parse(typed["first_name"]),
        family_name=PersonName.parse(typed["last_name"]),
        certificate_number=CertificateNumber.parse(
            typed["certificate_no"], national_id=national_id, birth=birth
        ),
        serial=Serial.parse(typed["serial"]),
        series=Series.parse(typed["series_letter"], typed["series_no"]),
        birth=birth,
        gender=Gender.parse(typed["gender"]),
        residence=Residence("IR", "تهران"),
        email=EmailAddress.parse("someone@example.ir"),
        question=QUESTIONS[0],
        physician=claim_of(case),
    )
    return replace(submitted, **changes)
