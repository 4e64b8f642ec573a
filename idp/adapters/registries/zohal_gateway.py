"""The dialect of the Zohal gateway: ``result`` 1 is success; others are errors, also with 200."""

from collections.abc import Mapping
from typing import Any

from idp.adapters.registries import reading
from idp.adapters.registries.http_json import JsonService, NotUnderstood, Understood
from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.domain.people.person import Person, RegistryBirth
from idp.domain.persian.jalali import JalaliDate
from idp.domain.registration.identity_match import capabilities_of
from idp.domain.registration.verdict import Found, NotFound, PhoneAnswer, RegistryAnswer

SUCCESS = 1


class ZohalCivilRegistry:
    """The port ``CivilRegistry`` by ``inquiry/national_identity_inquiry``: names, and alive or not.

    Its answer has no field of the birth certificate and no gender, so those are not compared.
    """

    def __init__(self, service: JsonService) -> None:
        self._service = service

    def lookup(self, national_id: NationalId, birth: JalaliDate) -> RegistryAnswer:
        """Return the person, not found, or unavailable for every other answer."""

        def read(answer: Mapping[str, Any]) -> Understood[RegistryAnswer]:
            data = _data(answer)
            reading.same_national_id(data, "national_code", national_id)
            if not reading.flag(data, "matched"):
                return Understood(NotFound())
            person = _person(data, national_id, birth)
            return Understood(Found(person, capabilities_of(person)))

        return self._service.ask(
            {"national_code": national_id.value, "birth_date": birth.isoformat()},
            read,
            headers=self._service.endpoint.authorization(),
            otherwise=reading.UNAVAILABLE,
        )


class ZohalMobileOwnership:
    """The port ``MobileOwnership`` by ``inquiry/shahkar``."""

    def __init__(self, service: JsonService) -> None:
        self._service = service

    def check(self, national_id: NationalId, mobile: Mobile) -> PhoneAnswer:
        """Return match or mismatch; an error of the gateway is unavailable."""

        def read(answer: Mapping[str, Any]) -> Understood[PhoneAnswer]:
            matched = reading.flag(_data(answer), "matched")
            return Understood(PhoneAnswer.MATCH if matched else PhoneAnswer.MISMATCH)

        return self._service.ask(
            {"mobile": mobile.national, "national_code": national_id.value},
            read,
            headers=self._service.endpoint.authorization(),
            otherwise=PhoneAnswer.UNAVAILABLE,
        )


def _data(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    result = answer.get("result")
    if result != SUCCESS or isinstance(result, bool):
        raise NotUnderstood("error_result")
    body = reading.child(answer, "response_body")
    if body.get("error_code"):
        raise NotUnderstood("error_code")
    return reading.child(body, "data")


def _person(data: Mapping[str, Any], national_id: NationalId, birth: JalaliDate) -> Person:
    alive = reading.flag(data, "alive")
    if reading.flag(data, "is_dead") == alive:
        raise NotUnderstood("alive_and_dead")
    return Person(
        national_id=national_id,
        # The answer has no birth date; the asked one is half of the key that found the person.
        birth=RegistryBirth(birth.year, birth.month, birth.day),
        given_name=reading.name_text(data, "first_name"),
        family_name=reading.name_text(data, "last_name"),
        alive=alive,
    )
