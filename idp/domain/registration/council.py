"""The register of the medical council: its answers, and whether they prove a claim."""

from dataclasses import dataclass
from enum import StrEnum

from idp.domain.people.national_id import NationalId
from idp.domain.people.person import Person
from idp.domain.people.physician import CouncilNumber, PhysicianClaim, Profession
from idp.domain.persian.names import NameMatch, compare_names


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CouncilMember:
    """The holder of a number by the council's register; None where it gives no value.

    ``professions`` are all that the register has of the member.
    """

    number: CouncilNumber
    given_name: str
    family_name: str
    national_id: NationalId | None = None
    professions: frozenset[Profession] | None = None


@dataclass(frozen=True, slots=True)
class MemberFound:
    """The register knows who holds the number."""

    member: CouncilMember


@dataclass(frozen=True, slots=True)
class NoSuchMember:
    """The register has no member with this number."""


@dataclass(frozen=True, slots=True)
class CouncilSilent:
    """No answer, or one that cannot be parsed: a failure of ours, never a refusal."""


CouncilAnswer = MemberFound | NoSuchMember | CouncilSilent


class Proof(StrEnum):
    """Whether the register's answer proves a claim."""

    PROVEN = "proven"
    REFUSED = "refused"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Judged:
    """A judged claim; ``reasons`` are the codes of why it is not proven, none when it is."""

    proof: Proof
    reasons: tuple[str, ...] = ()

    @property
    def is_silent(self) -> bool:
        """True while the register must be asked again."""
        return self.proof is Proof.SILENT


def judge_claim(claim: PhysicianClaim, person: Person, answer: CouncilAnswer) -> Judged:
    """Return whether the register proves that ``person`` has the claimed number and profession.

    ``person`` is the civil registry's. Names must match by the rules of ``compare_names`` (a near
    name does not). National ID and profession are compared where the register has them. An answer
    about another number counts as silence.
    """
    match answer:
        case NoSuchMember():
            return Judged(Proof.REFUSED, ("council_not_found",))
        case MemberFound(member) if member.number.key == claim.number.key:
            reasons = tuple(f"council_{name}" for name in _differences(claim, person, member))
            return Judged(Proof.REFUSED if reasons else Proof.PROVEN, reasons)
        case _:
            return Judged(Proof.SILENT, ("council_unavailable",))


def _differences(claim: PhysicianClaim, person: Person, member: CouncilMember) -> list[str]:
    family = compare_names(person.family_name, member.family_name, "family")
    given = compare_names(person.given_name, member.given_name, "given")
    same = {
        "family_name": family is NameMatch.MATCH,
        "given_name": given is NameMatch.MATCH,
        "national_id": member.national_id in {None, person.national_id},
        "profession": member.professions is None or claim.profession in member.professions,
    }
    return [name for name, is_same in same.items() if not is_same]
