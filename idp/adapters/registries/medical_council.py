"""The medical council's register on the government's service bus: members by council number."""

from collections.abc import Mapping
from typing import Any

from idp.adapters.registries import bus_reading, reading
from idp.adapters.registries.government_bus import BUS_NOT_FOUND
from idp.adapters.registries.http_json import JsonService, NotUnderstood, Understood
from idp.domain.people.national_id import InvalidNationalId, NationalId
from idp.domain.people.physician import CouncilNumber, InvalidCouncilNumber, Profession
from idp.domain.registration.council import (
    CouncilAnswer,
    CouncilMember,
    CouncilSilent,
    MemberFound,
    NoSuchMember,
)

OPERATION = "getMedicalCouncilMember"
SILENT: CouncilAnswer = CouncilSilent()


class BusMedicalCouncil:
    """The port ``MedicalCouncil`` by number; names come as base64, as everywhere on the bus."""

    def __init__(
        self,
        service: JsonService,
        not_found_codes: frozenset[str],
        professions: Mapping[str, Profession],
    ) -> None:
        """``not_found_codes`` mean no member; if empty, the bus's own apply.

        ``professions`` map the register's speciality codes. If empty, the register's professions
        are not read, and names (with the national ID, if it is in the answer) decide.
        """
        self._service = service
        self._not_found_codes = not_found_codes or BUS_NOT_FOUND
        self._professions = professions

    def lookup(self, number: CouncilNumber, profession: Profession) -> CouncilAnswer:
        """Return the member, that there is none, or silence for every other answer."""

        def read(answer: Mapping[str, Any]) -> Understood[CouncilAnswer]:
            found = bus_reading.returned(answer, OPERATION)
            if self._not_found_codes.isdisjoint(bus_reading.messages(found)):
                return Understood(MemberFound(self._member(found, number, profession)))
            if found.get("lastName"):
                raise NotUnderstood("found_and_not_found")
            return Understood(NoSuchMember())

        return self._service.ask(
            {"mcCode": number.value},
            read,
            headers=self._service.endpoint.authorization(),
            otherwise=SILENT,
        )

    def _member(
        self, found: Mapping[str, Any], number: CouncilNumber, profession: Profession
    ) -> CouncilMember:
        if found.get("exceptionMessage"):
            raise NotUnderstood("exception")
        _refuse_other_number(found, number)
        return CouncilMember(
            number=number,
            given_name=reading.checked_name(bus_reading.decoded(found, "firstName"), "firstName"),
            family_name=reading.checked_name(bus_reading.decoded(found, "lastName"), "lastName"),
            national_id=_national_id(found),
            professions=self._known(found, profession) if self._professions else None,
        )

    def _known(self, found: Mapping[str, Any], claimed: Profession) -> frozenset[Profession]:
        """Return the professions of the codes.

        Raises NotUnderstood when a code that the settings lack may be the claimed profession.
        """
        listed = found.get("specialityCodes")
        if not isinstance(listed, list):
            raise NotUnderstood("no_specialityCodes")
        codes = {str(code) for code in listed}
        known = frozenset(self._professions[code] for code in codes & set(self._professions))
        if claimed not in known and codes - set(self._professions):
            raise NotUnderstood("unknown_speciality")
        return known


def _refuse_other_number(found: Mapping[str, Any], asked: CouncilNumber) -> None:
    """Raise NotUnderstood unless the answer names the number; JSON numbers lose leading zeros."""
    echoed = found.get("mcCode")
    if isinstance(echoed, int) and not isinstance(echoed, bool):
        is_same = str(echoed) == asked.key.lstrip("0")
    else:
        is_same = _key(reading.text(found, "mcCode")) == asked.key
    if not is_same:
        raise NotUnderstood("another_number")


def _key(text: str) -> str | None:
    try:
        return CouncilNumber.parse(text).key
    except InvalidCouncilNumber:
        return None


def _national_id(found: Mapping[str, Any]) -> NationalId | None:
    """Return the member's national ID if the answer has it; numbers lose leading zeros."""
    if not found.get("nationalCode"):
        return None
    try:
        return NationalId.parse(reading.digits(found, "nationalCode").zfill(10))
    except InvalidNationalId:
        raise NotUnderstood("odd_nationalCode") from None
