"""The embedded reference registries, for the demo and small installations: rows of the hub."""

from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.domain.people.physician import CouncilNumber, Profession
from idp.domain.persian.jalali import JalaliDate
from idp.domain.registration.council import (
    CouncilAnswer,
    CouncilMember,
    CouncilSilent,
    MemberFound,
    NoSuchMember,
)
from idp.domain.registration.identity_match import ALL_CAPABILITIES
from idp.domain.registration.verdict import (
    Found,
    NotFound,
    PhoneAnswer,
    RegistryAnswer,
    Unavailable,
)
from idp.ports import RegistryPeople

INSURED = "insured"


class EmbeddedCivilRegistry:
    """The port ``CivilRegistry`` over the people of the embedded registry."""

    def __init__(self, people: RegistryPeople) -> None:
        self._people = people

    def lookup(self, national_id: NationalId, birth: JalaliDate) -> RegistryAnswer:
        """Return the answer of the record.

        National ID and birth date are the key, as in the civil registry: another birth date is not
        found.
        """
        record = self._people.find(national_id)
        if record is None:
            return NotFound()
        if record.civil == "unavailable":
            return Unavailable()
        if record.civil == "not_found" or record.person is None:
            return NotFound()
        if not record.person.birth.is_same_as(birth):
            return NotFound()
        return Found(record.person, ALL_CAPABILITIES)


class EmbeddedMobileOwnership:
    """The port ``MobileOwnership`` over the people of the embedded registry."""

    def __init__(self, people: RegistryPeople) -> None:
        self._people = people

    def check(self, national_id: NationalId, mobile: Mobile) -> PhoneAnswer:
        """Return the record's answer; a match becomes a mismatch for any other number."""
        record = self._people.find(national_id)
        if record is None or record.mobile is None:
            return PhoneAnswer.NO_ANSWER
        answer = PhoneAnswer(record.phone)
        if answer is PhoneAnswer.MATCH and mobile != record.mobile:
            return PhoneAnswer.MISMATCH
        return answer


class EmbeddedMedicalCouncil:
    """The port ``MedicalCouncil`` over the people of the embedded registry."""

    def __init__(self, people: RegistryPeople) -> None:
        self._people = people

    def lookup(
        self,
        number: CouncilNumber,
        profession: Profession,  # noqa: ARG002 (the number alone is the key)
    ) -> CouncilAnswer:
        """Return the member with the number, their national ID and their recorded profession."""
        record = self._people.find_by_council_number(number)
        if record is None or record.physician is None or record.person is None:
            return NoSuchMember()
        if record.council == "unavailable":
            return CouncilSilent()
        return MemberFound(
            CouncilMember(
                number=record.physician.number,
                given_name=record.person.given_name,
                family_name=record.person.family_name,
                national_id=record.person.national_id,
                professions=frozenset({record.physician.profession}),
            )
        )


class EmbeddedInsuranceFile:
    """The port ``InsuranceFile`` over the people of the embedded registry."""

    def __init__(self, people: RegistryPeople) -> None:
        self._people = people

    def roles(self, national_id: NationalId) -> tuple[str, ...] | None:
        """Return the record's roles, ``insured`` first where it applies; () without a record."""
        record = self._people.find(national_id)
        if record is None:
            return ()
        others = tuple(role for role in record.roles if role != INSURED)
        return (INSURED, *others) if record.insured else others
