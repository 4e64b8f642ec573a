"""Comparing a citizen's application with the civil registry's person."""

from dataclasses import dataclass

from idp.domain.people.certificate import CertificateNumber
from idp.domain.people.person import Application, Person
from idp.domain.persian.names import NameMatch, compare_names

GENDER = "gender"
CERTIFICATE_NUMBER = "certificate_number"
SERIAL = "serial"
SERIES = "series"

NEAR = "_near"
"""The suffix of a name's reason code when the two names are one letter apart."""

ALL_CAPABILITIES = frozenset({GENDER, CERTIFICATE_NUMBER, SERIAL, SERIES})
"""Fields that a registry may return beyond national ID, birth date, names and being alive."""


def capabilities_of(person: Person) -> frozenset[str]:
    """Return the fields that a registry has filled for this person."""
    known = {
        GENDER: person.gender,
        CERTIFICATE_NUMBER: person.certificate_number,
        SERIAL: person.serial,
        SERIES: person.series,
    }
    return frozenset(name for name, value in known.items() if value is not None)


@dataclass(frozen=True, slots=True)
class IdentityMatch:
    """``reasons`` are the codes of what differs, the names first; none means a match."""

    matched: bool
    reasons: tuple[str, ...]

    @property
    def is_near(self) -> bool:
        """True when names differ by one letter each at most, and nothing else does."""
        return not self.matched and all(reason.endswith(NEAR) for reason in self.reasons)


def compare_identity(
    application: Application, person: Person, capabilities: frozenset[str]
) -> IdentityMatch:
    """Return whether the citizen entered what the registry returns, and which fields differ.

    Names must match by the rules of ``compare_names``; a near name is no match, its reason ends in
    ``_near``. Fields outside ``capabilities`` are not compared; national ID, birth date, both names
    and being alive always are. A field in ``capabilities`` without a value counts as a difference.
    """
    checks = {
        "deceased": person.alive,
        "national_id": application.national_id == person.national_id,
        "birth": person.birth.is_same_as(application.birth),
        GENDER: GENDER not in capabilities or application.gender == person.gender,
        CERTIFICATE_NUMBER: CERTIFICATE_NUMBER not in capabilities
        or _same_certificate_number(application, person),
        SERIAL: SERIAL not in capabilities or _same_serial(application, person),
        SERIES: SERIES not in capabilities or _same_series(application, person),
    }
    reasons = (
        *_name_reasons(application, person),
        *(field for field, is_same in checks.items() if not is_same),
    )
    return IdentityMatch(matched=not reasons, reasons=reasons)


def _name_reasons(application: Application, person: Person) -> list[str]:
    results = {
        "family_name": compare_names(application.family_name.value, person.family_name, "family"),
        "given_name": compare_names(application.given_name.value, person.given_name, "given"),
    }
    suffix = {NameMatch.NEAR: NEAR, NameMatch.MISMATCH: ""}
    return [name + suffix[result] for name, result in results.items() if result in suffix]


def _same_certificate_number(application: Application, person: Person) -> bool:
    known = _ascii_number(person.certificate_number)
    return known is not None and application.certificate_number == CertificateNumber.of_registry(
        known, person.national_id
    )


def _same_serial(application: Application, person: Person) -> bool:
    known = _ascii_number(person.serial)
    return known is not None and int(known) == int(application.serial.value)


def _same_series(application: Application, person: Person) -> bool:
    return person.series is not None and application.series.is_same_as(person.series)


def _ascii_number(text: str | None) -> str | None:
    return text if text is not None and text.isascii() and text.isdecimal() else None
