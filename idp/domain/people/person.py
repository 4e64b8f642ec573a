"""A person by the civil registry, and the application that a citizen submits."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Self

from idp.domain.errors import Invalid
from idp.domain.people.certificate import CertificateNumber, Serial, Series
from idp.domain.people.email_address import EmailAddress
from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.domain.people.physician import PhysicianClaim
from idp.domain.people.places import Residence
from idp.domain.people.questions import SecurityQuestion
from idp.domain.persian.jalali import JalaliDate
from idp.domain.persian.names import PersonName


class InvalidGender(Invalid):
    """A choice that is not in the list."""

    codes = ("empty", "unknown")


class Gender(StrEnum):
    """As on the national card: مرد or زن."""

    MALE = "male"
    FEMALE = "female"

    @property
    def label(self) -> str:
        """The Persian word of the list."""
        return "مرد" if self is Gender.MALE else "زن"

    @classmethod
    def parse(cls, text: str) -> "Gender":
        """Return the gender with this value; raises InvalidGender."""
        if not text:
            raise InvalidGender("empty")
        if text not in set(cls):
            raise InvalidGender("unknown")
        return cls(text)


@dataclass(frozen=True, slots=True, repr=False)
class RegistryBirth:
    """A registry's birth date; ``month`` and ``day`` are 0 where very old records lack them."""

    year: int
    month: int
    day: int

    def is_same_as(self, claimed: JalaliDate) -> bool:
        """Return whether the claimed date has every part that the registry knows."""
        return (
            self.year == claimed.year
            and self.month in {0, claimed.month}
            and self.day in {0, claimed.day}
        )


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Person:
    """A person by the civil registry, in its spelling; None where it gave no value."""

    national_id: NationalId
    given_name: str
    family_name: str
    birth: RegistryBirth
    gender: Gender | None = None
    certificate_number: str | None = None
    series: Series | None = None
    serial: str | None = None
    alive: bool = True

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON types; ``from_json`` reads them back."""
        return {
            "national_id": self.national_id.value,
            "given_name": self.given_name,
            "family_name": self.family_name,
            "birth": [self.birth.year, self.birth.month, self.birth.day],
            "gender": self.gender,
            "certificate_number": self.certificate_number,
            "series": self.series and [self.series.letter, self.series.number],
            "serial": self.serial,
            "alive": self.alive,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Return the person of ``to_json``; raises KeyError for anything else."""
        return cls(
            national_id=NationalId(stored["national_id"]),
            given_name=stored["given_name"],
            family_name=stored["family_name"],
            birth=RegistryBirth(*stored["birth"]),
            gender=stored["gender"] and Gender(stored["gender"]),
            certificate_number=stored["certificate_number"],
            series=stored["series"] and Series(*stored["series"]),
            serial=stored["serial"],
            alive=stored["alive"],
        )


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Details:
    """The fields of step two, without password and answer (those are hashed at once).

    ``physician`` is set on the physicians' page only.
    """

    given_name: PersonName
    family_name: PersonName
    certificate_number: CertificateNumber
    serial: Serial
    series: Series
    birth: JalaliDate
    gender: Gender
    residence: Residence
    email: EmailAddress | None
    question: SecurityQuestion
    physician: PhysicianClaim | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Application(Details):
    """What the citizen submitted: the details, and what step one asks for."""

    national_id: NationalId
    mobile: Mobile
    operator: str

    @classmethod
    def of(
        cls, details: Details, *, national_id: NationalId, mobile: Mobile, operator: str
    ) -> Self:
        """Return the application made of the details and the fields of step one."""
        known: dict[str, Any] = {one.name: getattr(details, one.name) for one in fields(Details)}
        return cls(national_id=national_id, mobile=mobile, operator=operator, **known)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON types; ``from_json`` reads them back."""
        return {
            "national_id": self.national_id.value,
            "mobile": self.mobile.e164,
            "operator": self.operator,
            "given_name": self.given_name.value,
            "family_name": self.family_name.value,
            "certificate_number": self.certificate_number.value,
            "serial": self.serial.value,
            "series": [self.series.letter, self.series.number],
            "birth": self.birth.isoformat(),
            "gender": self.gender.value,
            "residence": [self.residence.country, self.residence.city],
            "email": self.email and self.email.value,
            "question": self.question.id,
            "physician": self.physician and self.physician.to_json(),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Return the application of ``to_json``; raises KeyError for anything else."""
        return cls(
            national_id=NationalId(stored["national_id"]),
            mobile=Mobile(stored["mobile"]),
            operator=stored["operator"],
            given_name=PersonName(stored["given_name"]),
            family_name=PersonName(stored["family_name"]),
            certificate_number=CertificateNumber(stored["certificate_number"]),
            serial=Serial(stored["serial"]),
            series=Series(*stored["series"]),
            birth=JalaliDate.parse(stored["birth"]),
            gender=Gender(stored["gender"]),
            residence=Residence(*stored["residence"]),
            email=stored["email"] and EmailAddress(stored["email"]),
            question=SecurityQuestion.parse(stored["question"]),
            physician=stored["physician"] and PhysicianClaim.from_json(stored["physician"]),
        )
