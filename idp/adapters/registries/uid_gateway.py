"""The dialect of the U-ID gateway: credentials in the body, a status code in every answer."""

from collections.abc import Mapping
from typing import Any

from idp.adapters.registries import reading
from idp.adapters.registries.http_json import HttpEndpoint, JsonService, NotUnderstood, Understood
from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.domain.people.person import Gender, Person
from idp.domain.persian.jalali import JalaliDate
from idp.domain.registration.identity_match import capabilities_of
from idp.domain.registration.verdict import Found, NotFound, PhoneAnswer, RegistryAnswer

GENDERS = {"GENDER_MALE": Gender.MALE, "GENDER_FEMALE": Gender.FEMALE}
SUCCESS, INVALID_NATIONAL_ID = 0, 3


class UidCivilRegistry:
    """The port ``CivilRegistry`` by ``inquiry/person``."""

    def __init__(self, service: JsonService, not_found_codes: frozenset[str] = frozenset()) -> None:
        """``not_found_codes`` come from the contract with the provider; none is public.

        Without them an unknown person is unavailable: the case waits instead of being refused.
        """
        self._service = service
        self._not_found_codes = not_found_codes

    def lookup(self, national_id: NationalId, birth: JalaliDate) -> RegistryAnswer:
        """Return the person, not found, or unavailable for every other answer."""

        def read(answer: Mapping[str, Any]) -> Understood[RegistryAnswer]:
            reference = _reference(answer)
            code = _status(answer)
            if str(code) in self._not_found_codes:
                return Understood(NotFound(), reference)
            if code != SUCCESS:
                raise NotUnderstood(f"code_{code}")
            person = _person(answer, national_id, birth)
            return Understood(Found(person, capabilities_of(person)), reference)

        question = {
            **_credentials(self._service.endpoint),
            "nationalId": national_id.value,
            "birthDate": birth.isoformat(),
        }
        return self._service.ask(question, read, headers={}, otherwise=reading.UNAVAILABLE)


class UidMobileOwnership:
    """The port ``MobileOwnership`` by ``inquiry/mobile/owner/v2``."""

    def __init__(self, service: JsonService) -> None:
        self._service = service

    def check(self, national_id: NationalId, mobile: Mobile) -> PhoneAnswer:
        """Return the answer; check error codes first: ``isMatched`` is false beside them, too."""

        def read(answer: Mapping[str, Any]) -> Understood[PhoneAnswer]:
            code = _status(answer)
            if code == INVALID_NATIONAL_ID:
                return Understood(PhoneAnswer.NO_ANSWER, _reference(answer))
            if code != SUCCESS:
                raise NotUnderstood(f"code_{code}")
            is_matched = reading.flag(answer, "isMatched")
            meaning = PhoneAnswer.MATCH if is_matched else PhoneAnswer.MISMATCH
            return Understood(meaning, _reference(answer))

        question = {
            **_credentials(self._service.endpoint),
            "nationalId": national_id.value,
            "mobileNumber": mobile.national,
        }
        return self._service.ask(question, read, headers={}, otherwise=PhoneAnswer.UNAVAILABLE)


def _credentials(endpoint: HttpEndpoint) -> dict[str, Any]:
    api = {"businessId": endpoint.user, "businessToken": endpoint.token or endpoint.password}
    return {"requestContext": {"apiInfo": api}}


def _status(answer: Mapping[str, Any]) -> int:
    return int(reading.digits(reading.child(answer, "responseContext", "status"), "code"))


def _reference(answer: Mapping[str, Any]) -> str | None:
    reference = reading.child(answer, "responseContext").get("requestId")
    return reference if isinstance(reference, str) else None


def _person(answer: Mapping[str, Any], national_id: NationalId, birth: JalaliDate) -> Person:
    basic = reading.child(answer, "basicInformation")
    identity = reading.child(answer, "identificationInformation")
    return Person(
        national_id=reading.same_national_id(identity, "nationalId", national_id),
        birth=reading.same_birth(identity, "birthDate", birth),
        given_name=reading.name_text(basic, "firstName"),
        family_name=reading.name_text(basic, "lastName"),
        gender=reading.gender(basic, "gender", GENDERS),
        # The provider's own spelling of this member.
        certificate_number=reading.digits(identity, "shenasnamehNumber"),
        series=reading.series(reading.text(identity, "shenasnameSeri")),
        serial=reading.serial(identity, "shenasnameSerial"),
        alive=_is_alive(reading.child(answer, "registrationStatus")),
    )


def _is_alive(status: Mapping[str, Any]) -> bool:
    said = status.get("deathStatus")
    return not said if isinstance(said, bool) else reading.digits(status, "deathStatus") == "0"
