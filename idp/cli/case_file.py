"""Reading the TOML or JSON file from which a registration desk enters a case."""

import json
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from idp.cli.context import EXIT_USAGE, fail
from idp.domain.errors import Invalid
from idp.domain.people.certificate import CertificateNumber, Serial, Series
from idp.domain.people.email_address import EmailAddress
from idp.domain.people.mobile import Mobile, Operator
from idp.domain.people.national_id import NationalId
from idp.domain.people.person import Application, Gender
from idp.domain.people.physician import CouncilNumber, PhysicianClaim, Profession
from idp.domain.people.places import OTHER_CITY, Residence
from idp.domain.people.questions import SecurityQuestion
from idp.domain.persian.jalali import JalaliDate
from idp.domain.persian.names import PersonName
from idp.services.desk.desk import Filing

Value = TypeVar("Value")

MEMBERS = (
    *("national_id", "mobile", "operator", "given_name", "family_name", "certificate_number"),
    *("serial", "series_letter", "series_number", "birth", "gender", "country", "city"),
    *("email", "question"),
)

OF_PHYSICIANS = ("profession", "council_number")


def read_filing(source: Path, ask_answer: Callable[[str], str]) -> Filing:
    """Return the case in ``source``; ``ask_answer`` gets the answer to the question's text.

    Ends the command, naming the member, when one is missing, unknown or not valid.
    """
    values = _read(source)
    whole = (*MEMBERS, *(OF_PHYSICIANS if not set(OF_PHYSICIANS).isdisjoint(values) else ()))
    wrong = sorted(set(whole) ^ set(values))
    if wrong:
        fail(f"{source}: missing or unknown: {', '.join(wrong)}", EXIT_USAGE)
    application = _parse(source, values)
    return Filing(application, ask_answer(application.question.text))


def _read(source: Path) -> dict[str, str]:
    try:
        text = source.read_text("utf-8-sig")
        found: Any = json.loads(text) if source.suffix == ".json" else tomllib.loads(text)
    except (tomllib.TOMLDecodeError, json.JSONDecodeError, UnicodeDecodeError) as error:
        fail(f"{source}: cannot be read as TOML or JSON ({error})", EXIT_USAGE)
    except RecursionError:
        fail(f"{source}: is nested too deeply", EXIT_USAGE)
    if not isinstance(found, dict):
        fail(f"{source}: must hold one table", EXIT_USAGE)
    return {str(key): str(value) for key, value in found.items()}


def _parse(source: Path, values: Mapping[str, str]) -> Application:
    national_id = _member(source, "national_id", lambda: NationalId.parse(values["national_id"]))
    birth = _member(source, "birth", lambda: JalaliDate.parse(values["birth"]))
    readers: dict[str, Callable[[], object]] = {
        "mobile": lambda: Mobile.parse(values["mobile"]),
        "operator": lambda: Operator.parse(values["operator"]).code,
        "given_name": lambda: PersonName.parse(values["given_name"]),
        "family_name": lambda: PersonName.parse(values["family_name"]),
        "certificate_number": lambda: CertificateNumber.parse(
            values["certificate_number"], national_id=national_id, birth=birth
        ),
        "serial": lambda: Serial.parse(values["serial"]),
        "series": lambda: Series.parse(values["series_letter"], values["series_number"]),
        "gender": lambda: Gender.parse(values["gender"]),
        "residence": lambda: Residence.parse(values["country"], OTHER_CITY, values["city"]),
        "email": lambda: EmailAddress.parse(values["email"]) if values["email"] else None,
        "question": lambda: SecurityQuestion.parse(values["question"]),
    }
    if "council_number" in values:
        readers["physician"] = lambda: PhysicianClaim(
            CouncilNumber.parse(values["council_number"]), Profession.parse(values["profession"])
        )
    parsed: dict[str, Any] = {name: _member(source, name, read) for name, read in readers.items()}
    return Application(national_id=national_id, birth=birth, **parsed)


def _member(source: Path, name: str, read: Callable[[], Value]) -> Value:
    try:
        return read()
    except Invalid as error:
        fail(f"{source}: {name} is not valid ({error.code})", EXIT_USAGE)
