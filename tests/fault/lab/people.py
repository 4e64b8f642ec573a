"""Citizens of the fault lab: those with an account, newcomers, and the registries that know all."""

import json
import re
from dataclasses import replace
from hashlib import sha256
from itertools import count

from idp.domain.people.national_id import NationalId
from tests import factories
from tests.e2e.people import Person as Newcomer
from tests.simulators.http import Answer, Received
from tests.simulators.registries import bus_person, json_answer


def newcomer(number: int) -> Newcomer:
    """Return somebody who has no account yet and whom the registries will confirm."""
    person = factories.person()
    assert person.series is not None
    return Newcomer(
        id=_id_with_a_good_password(number),
        national_id=factories.with_check_digit(f"{300_000_001 + number * 37:09}"),
        mobile=f"0913{number:07}",
        certificate={
            "last_name": person.family_name,
            "first_name": person.given_name,
            "certificate_no": str(person.certificate_number),
            "serial": str(person.serial),
            "series_letter": person.series.letter,
            "series_no": person.series.number,
            "birth_date": "1360/05/12",
            "gender": "male",
        },
    )


def _id_with_a_good_password(number: int) -> str:
    """Return an id; the password is made of its digest, and must have a digit."""
    names = (f"newcomer-{number}-{again}" for again in count())
    return next(name for name in names if re.search("[0-9]", sha256(name.encode()).hexdigest()[:6]))


def civil_registry(received: Received) -> Answer:
    """Find everybody: the same person under each national ID."""
    asked = json.loads(received.body)
    person = replace(factories.person(), national_id=NationalId(str(asked["nin"]).zfill(10)))
    said = {"result": {"data": {"getEstelam3Response": {"return": bus_person(person)}}}}
    return json_answer(said)


def ownership_registry(received: Received) -> Answer:
    """Confirm whoever asks as the phone's owner."""
    asked = json.loads(received.body)
    said = {"response": 200, "requestId": asked["requestId"], "comment": "", "result": "OK."}
    return json_answer({**said, "id": "ab12"})


def registries(received: Received) -> Answer:
    """Answer as the one that is asked."""
    known = {"/civil": civil_registry, "/ownership": ownership_registry}
    return known[received.path](received)
