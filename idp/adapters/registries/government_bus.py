"""The government's service bus: ``getEstelam3`` of the civil registry, and Shahkar.

Fields and codes are those of public clients of both services.
"""

from collections.abc import Callable, Mapping
from typing import Any

from idp.adapters.registries import bus_reading, reading
from idp.adapters.registries.http_json import JsonService, NotUnderstood, Understood
from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.domain.people.person import Gender, Person
from idp.domain.persian.jalali import TEHRAN, JalaliDate
from idp.domain.registration.identity_match import capabilities_of
from idp.domain.registration.verdict import Found, NotFound, PhoneAnswer, RegistryAnswer
from idp.ports import Clock

OPERATION = "getEstelam3"
GENDERS = {"1": Gender.MALE, "2": Gender.FEMALE}
BUS_NOT_FOUND = frozenset({"err.record.not.found"})
ALIVE = "0"
MOBILE_SERVICE, BY_NATIONAL_ID = 2, 0
PHONE_ANSWERS = {
    200: PhoneAnswer.MATCH,
    600: PhoneAnswer.MISMATCH,
    311: PhoneAnswer.NO_ANSWER,  # the data is invalid for Shahkar
    0: PhoneAnswer.UNAVAILABLE,
    330: PhoneAnswer.UNAVAILABLE,
    500: PhoneAnswer.UNAVAILABLE,
}


class BusCivilRegistry:
    """The port ``CivilRegistry`` by ``getEstelam3``. Names and the series come as base64."""

    def __init__(
        self, service: JsonService, not_found_codes: frozenset[str] = BUS_NOT_FOUND
    ) -> None:
        """``not_found_codes``, in ``message`` or ``exceptionMessage``, mean an unknown person."""
        self._service = service
        self._not_found_codes = not_found_codes

    def lookup(self, national_id: NationalId, birth: JalaliDate) -> RegistryAnswer:
        """Return the person, not found, or unavailable for every other answer."""

        def read(answer: Mapping[str, Any]) -> Understood[RegistryAnswer]:
            returned = bus_reading.returned(answer, OPERATION)
            if self._not_found_codes.isdisjoint(bus_reading.messages(returned)):
                return Understood(_found(returned, national_id, birth))
            return Understood(_nobody(returned, national_id))

        return self._service.ask(
            {
                "nin": int(national_id.value),
                "birthDate": int(birth.isoformat().replace("/", "")),
            },
            read,
            headers=self._service.endpoint.authorization(),
            otherwise=reading.UNAVAILABLE,
        )


class BusMobileOwnership:
    """The port ``MobileOwnership`` by Shahkar's own form."""

    def __init__(
        self, service: JsonService, *, clock: Clock, six_digits: Callable[[], str]
    ) -> None:
        """``clock`` and ``six_digits`` make request ids, which must be unique for Shahkar."""
        self._service = service
        self._clock = clock
        self._six_digits = six_digits

    def check(self, national_id: NationalId, mobile: Mobile) -> PhoneAnswer:
        """Return Shahkar's answer; an unknown code is unavailable."""
        request_id = self._request_id()

        def read(answer: Mapping[str, Any]) -> Understood[PhoneAnswer]:
            if answer.get("requestId") != request_id:
                raise NotUnderstood("another_request")
            code = int(reading.digits(answer, "response"))
            if code not in PHONE_ANSWERS:
                raise NotUnderstood("unknown_code")
            return Understood(PHONE_ANSWERS[code], request_id)

        return self._service.ask(
            {
                "requestId": request_id,
                "serviceType": MOBILE_SERVICE,
                "serviceNumber": mobile.national,
                "identificationType": BY_NATIONAL_ID,
                "identificationNo": national_id.value,
            },
            read,
            headers=self._service.endpoint.authorization(),
            otherwise=PhoneAnswer.UNAVAILABLE,
        )

    def _request_id(self) -> str:
        moment = self._clock().astimezone(TEHRAN).strftime("%Y%m%d%H%M%S")
        return f"{self._service.endpoint.provider_code}{moment}{self._six_digits()}"


def _nobody(returned: Mapping[str, Any], national_id: NationalId) -> NotFound:
    if returned.get("nin"):
        reading.same_national_id(returned, "nin", national_id)
    if returned.get("name"):
        raise NotUnderstood("found_and_not_found")
    return NotFound()


def _found(returned: Mapping[str, Any], national_id: NationalId, birth: JalaliDate) -> Found:
    if returned.get("exceptionMessage"):
        raise NotUnderstood("exception")
    person = _person(returned, national_id, birth)
    return Found(person, capabilities_of(person))


def _person(returned: Mapping[str, Any], national_id: NationalId, birth: JalaliDate) -> Person:
    return Person(
        national_id=reading.same_national_id(returned, "nin", national_id),
        birth=reading.same_birth(returned, "birthDate", birth),
        given_name=reading.checked_name(bus_reading.decoded(returned, "name"), "name"),
        family_name=reading.checked_name(bus_reading.decoded(returned, "family"), "family"),
        gender=reading.gender(returned, "gender", GENDERS),
        certificate_number=reading.digits(returned, "shenasnameNo"),
        series=reading.series(bus_reading.decoded(returned, "shenasnameSeri")),
        serial=reading.serial(returned, "shenasnameSerial"),
        alive=_death_status(returned) == ALIVE,
    )


def _death_status(returned: Mapping[str, Any]) -> str:
    status = returned.get("deathStatus")
    if isinstance(status, list) and len(status) == 1:
        status = status[0]
    return reading.digits({"deathStatus": status}, "deathStatus")
