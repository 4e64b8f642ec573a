"""Physicians and the other professions of the medical council, and a citizen's claim of one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from string import ascii_lowercase, ascii_uppercase
from typing import Any, Self

from idp.domain.errors import Invalid
from idp.domain.persian.characters import BLANKS, HYPHENS, SAME_LETTER, ZWNJ, drop_invisible
from idp.domain.persian.digits import to_ascii

PHYSICIAN = "physician"
"""The role that only a membership proven by the council's register gives."""

LONGEST_NUMBER = 20
MIDWIFE = "م"
_PERSIAN = "آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیئ"
_PERMITTED = re.compile(rf"[0-9A-Z{_PERSIAN}-]+")
_BLANKS = re.compile(rf"[{BLANKS}{ZWNJ}]")
_HYPHENS = re.compile(rf"[{HYPHENS}\u2212]+")
_CAPITALS = str.maketrans(ascii_lowercase, ascii_uppercase)
_OF_A_MIDWIFE = re.compile(rf"({MIDWIFE}-?)?([0-9-]+?)-?([{MIDWIFE}*])?")


class InvalidProfession(Invalid):
    """A choice that is not in the list."""

    codes = ("empty", "unknown")


class InvalidCouncilNumber(Invalid):
    """Typed text that is no number of the medical council."""

    codes = ("empty", "characters", "digit", "length")


class Profession(StrEnum):
    """The professions of the council's members: the licensed medical ones, nursing excepted.

    Source: Medical Council Act (1383), article 4; the list is that of the glossary.
    """

    GENERAL_PRACTITIONER = "general_practitioner"
    SPECIALIST = "specialist"
    SUBSPECIALIST = "subspecialist"
    DENTIST = "dentist"
    DENTAL_SPECIALIST = "dental_specialist"
    PHARMACIST = "pharmacist"
    LABORATORY_DOCTOR = "laboratory_doctor"
    MIDWIFE = "midwife"
    PHYSIOTHERAPIST = "physiotherapist"
    NUTRITIONIST = "nutritionist"
    OPTOMETRIST = "optometrist"
    AUDIOLOGIST = "audiologist"
    SPEECH_THERAPIST = "speech_therapist"
    OCCUPATIONAL_THERAPIST = "occupational_therapist"

    @property
    def label(self) -> str:
        """The Persian words of the list."""
        return _LABELS[self]

    @classmethod
    def parse(cls, text: str) -> "Profession":
        """Return the profession with this code; raises InvalidProfession."""
        if not text:
            raise InvalidProfession("empty")
        if text not in set(cls):
            raise InvalidProfession("unknown")
        return cls(text)


_LABELS = {
    Profession.GENERAL_PRACTITIONER: "پزشک عمومی",
    Profession.SPECIALIST: "پزشک متخصص",
    Profession.SUBSPECIALIST: "پزشک فوق تخصص",
    Profession.DENTIST: "دندانپزشک",
    Profession.DENTAL_SPECIALIST: "دندانپزشک متخصص",
    Profession.PHARMACIST: "داروساز",
    Profession.LABORATORY_DOCTOR: "دکتر علوم آزمایشگاهی",
    Profession.MIDWIFE: "ماما",
    Profession.PHYSIOTHERAPIST: "فیزیوتراپیست",
    Profession.NUTRITIONIST: "کارشناس تغذیه",
    Profession.OPTOMETRIST: "بینایی‌سنج",
    Profession.AUDIOLOGIST: "شنوایی‌شناس",
    Profession.SPEECH_THERAPIST: "گفتاردرمانگر",
    Profession.OCCUPATIONAL_THERAPIST: "کاردرمانگر",
}


@dataclass(frozen=True, slots=True, repr=False)
class CouncilNumber:
    """A number of the medical council: a text in which leading zeros and letters are significant.

    ASCII digits, capital Latin and Persian letters, single hyphens. A midwife's «م», which portals
    also write as a final ``*``, stands at the end.
    """

    value: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the number in ``text``: digits of any script, blanks and invisible marks dropped.

        «م-1234», «1234م» and ``1234*`` are one number; 1234 is another one, of another person.

        Raises:
            InvalidCouncilNumber: with one of its codes, the first that applies.
        """
        bare = _BLANKS.sub("", drop_invisible(to_ascii(text)))
        plain = bare.translate(_CAPITALS).translate(SAME_LETTER)
        cleaned = _midwife_last(_HYPHENS.sub("-", plain).strip("-"))
        if not cleaned:
            raise InvalidCouncilNumber("empty")
        if not _PERMITTED.fullmatch(cleaned):
            raise InvalidCouncilNumber("characters")
        if not re.search(r"[0-9]", cleaned):
            raise InvalidCouncilNumber("digit")
        if len(cleaned) > LONGEST_NUMBER:
            raise InvalidCouncilNumber("length")
        return cls(cleaned)

    @property
    def key(self) -> str:
        """The comparison key that the spellings of one number share: all but the hyphens."""
        return self.value.replace("-", "")

    def masked(self) -> str:
        """Return the number for support pages: only the last two characters are legible."""
        return "*" * max(len(self.value) - 2, 1) + self.value[-2:]

    def __repr__(self) -> str:
        """Return the masked form, so that no log or traceback holds the number."""
        return f"CouncilNumber({self.masked()})"


def _midwife_last(number: str) -> str:
    """Return the number with a midwife's letter at its end, however it was written."""
    parts = _OF_A_MIDWIFE.fullmatch(number)
    if parts is None or not (parts[1] or parts[3]):
        return number
    return parts[2].strip("-") + MIDWIFE


@dataclass(frozen=True, slots=True)
class PhysicianClaim:
    """A citizen's claim of a profession; nothing follows from it until the register proves it."""

    number: CouncilNumber
    profession: Profession

    def to_json(self) -> dict[str, str]:
        """Return plain JSON types; ``from_json`` reads them back."""
        return {"number": self.number.value, "profession": self.profession.value}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Return the claim of ``to_json``; raises KeyError for anything else."""
        return cls(CouncilNumber(stored["number"]), Profession(stored["profession"]))


@dataclass(frozen=True, slots=True)
class DatedClaim:
    """A claim with the time when it was made or proven, or from which it may be proven anew."""

    claim: PhysicianClaim
    at: datetime

    def to_json(self) -> dict[str, str]:
        """Return plain JSON types; ``from_json`` reads them back."""
        return {**self.claim.to_json(), "at": self.at.isoformat()}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Return the dated claim of ``to_json``; raises KeyError for anything else."""
        return cls(PhysicianClaim.from_json(stored), datetime.fromisoformat(stored["at"]))
