"""The civil registry and the ownership service, as each dialect's provider answers."""

import base64
import json
from collections.abc import Callable
from typing import Any

from idp.domain.people.national_id import NationalId
from idp.domain.people.person import Gender, Person
from idp.domain.people.physician import CouncilNumber, Profession
from idp.ports import RegistryRecord
from tests.simulators.http import Answer, Handler, Received
from tests.simulators.people import people

Said = dict[str, Any]


def json_answer(said: Said, status: int = 200) -> Answer:
    return Answer(status, json.dumps(said).encode())


def bus_civil(received: Received) -> Answer:
    asked = json.loads(received.body)
    found = _found(str(asked["nin"]).zfill(10), str(asked["birthDate"]))
    returned = {"message": ["err.record.not.found"]} if found is None else bus_person(found)
    return json_answer({"result": {"data": {"getEstelam3Response": {"return": returned}}}})


def bus_person(person: Person) -> Said:
    assert person.series
    return {
        "nin": int(person.national_id.value),
        "name": _base64(person.given_name),
        "family": _base64(person.family_name),
        "fatherName": _base64("علی"),
        "birthDate": int(_birth(person).replace("/", "")),
        "gender": 1 if person.gender is Gender.MALE else 2,
        "shenasnameNo": int(person.certificate_number or "0"),
        "shenasnameSeri": _base64(f"{person.series.letter}/{person.series.number}"),
        "shenasnameSerial": int(person.serial or "0"),
        "deathStatus": 0 if person.alive else 1,
        "message": [],
        "exceptionMessage": None,
    }


def bus_ownership(received: Received) -> Answer:
    asked = json.loads(received.body)
    matched = _matched(asked["identificationNo"], asked["serviceNumber"])
    return json_answer(
        {
            "response": 200 if matched else 600,
            "requestId": asked["requestId"],
            "comment": "",
            "result": "OK.",
            "id": "ab12",
        }
    )


def uid_civil(received: Received) -> Answer:
    asked = json.loads(received.body)
    found = _found(asked["nationalId"], asked["birthDate"].replace("/", ""))
    if found is None:
        return json_answer({"responseContext": _uid_context(404)})
    return json_answer({**uid_person(found), "responseContext": _uid_context(0)})


def uid_person(person: Person) -> Said:
    assert person.series
    return {
        "basicInformation": {
            "firstName": person.given_name,
            "lastName": person.family_name,
            "fatherName": "علی",
            "gender": "GENDER_MALE" if person.gender is Gender.MALE else "GENDER_FEMALE",
        },
        "identificationInformation": {
            "nationalId": person.national_id.value,
            "birthDate": _birth(person),
            "shenasnameSeri": f"{person.series.letter} {person.series.number}",
            "shenasnameSerial": person.serial,
            "shenasnamehNumber": person.certificate_number,
        },
        "registrationStatus": {"deathStatus": not person.alive},
        "officeInformation": {"officeCode": "1", "officeName": "تهران"},
    }


def uid_ownership(received: Received) -> Answer:
    asked = json.loads(received.body)
    matched = _matched(asked["nationalId"], asked["mobileNumber"])
    return json_answer({"isMatched": matched, "responseContext": _uid_context(0)})


def zohal_civil(received: Received) -> Answer:
    asked = json.loads(received.body)
    found = _found(asked["national_code"], asked["birth_date"].replace("/", ""))
    data: Said = {"matched": False, "national_code": asked["national_code"]}
    return _zohal(data if found is None else zohal_person(found))


def zohal_person(person: Person) -> Said:
    return {
        "matched": True,
        "first_name": person.given_name,
        "last_name": person.family_name,
        "father_name": "علی",
        "alive": person.alive,
        "is_dead": not person.alive,
        "national_code": person.national_id.value,
    }


def zohal_ownership(received: Received) -> Answer:
    asked = json.loads(received.body)
    return _zohal({"matched": _matched(asked["national_code"], asked["mobile"])})


def bus_council(received: Received) -> Answer:
    number = CouncilNumber.parse(json.loads(received.body)["mcCode"])
    held = (record for record in people().values() if record.physician and record.person)
    record = next((one for one in held if one.physician.number.key == number.key), None)
    returned = {"message": ["err.record.not.found"]} if record is None else bus_member(record)
    return json_answer(
        {"result": {"data": {"getMedicalCouncilMemberResponse": {"return": returned}}}}
    )


def bus_member(record: RegistryRecord) -> Said:
    assert record.physician
    assert record.person
    return {
        "mcCode": record.physician.number.value,
        "firstName": _base64(record.person.given_name),
        "lastName": _base64(record.person.family_name),
        "specialityCodes": SPECIALITIES[record.physician.profession],
        "message": [],
        "exceptionMessage": None,
    }


SPECIALITIES: dict[Profession, list[int | str]] = {
    Profession.GENERAL_PRACTITIONER: [1],
    Profession.MIDWIFE: ["40"],
}

CIVIL: dict[str, Handler] = {"government_bus": bus_civil, "uid": uid_civil, "zohal": zohal_civil}
OWNERSHIP: dict[str, Handler] = {
    "government_bus": bus_ownership,
    "uid": uid_ownership,
    "zohal": zohal_ownership,
}


def changed(*path: str | int, to: Any) -> Callable[[Answer], Answer]:
    """Return a fault that puts ``to`` at ``path`` of the answer; an exception class removes it."""

    def change(answer: Answer) -> Answer:
        said = json.loads(answer.body)
        place = said
        for name in path[:-1]:
            place = place[name]
        if to is KeyError:
            del place[path[-1]]
        else:
            place[path[-1]] = to
        return Answer(answer.status, json.dumps(said).encode())

    return change


def _zohal(data: Said) -> Answer:
    body = {"data": data, "error_code": None, "message": "موفق"}
    return json_answer({"result": 1, "response_body": body})


def _uid_context(code: int) -> Said:
    return {"status": {"code": code, "message": "SUCCESS.", "details": []}, "requestId": "r-17"}


def _found(national_id: str, birth: str) -> Person | None:
    record = people().get(NationalId(national_id))
    if record is None or record.civil != "found" or record.person is None:
        return None
    return record.person if _birth(record.person).replace("/", "") == birth else None


def _matched(national_id: str, mobile: str) -> bool:
    record = people().get(NationalId(national_id))
    return bool(
        record and record.phone == "match" and record.mobile and record.mobile.national == mobile
    )


def _birth(person: Person) -> str:
    return f"{person.birth.year:04}/{person.birth.month:02}/{person.birth.day:02}"


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
