"""An account: exists from activation on, never before (the guide: a request is not a user)."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

from idp.domain.people.email_address import EmailAddress
from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.domain.people.person import Person
from idp.domain.people.physician import PHYSICIAN, DatedClaim, PhysicianClaim
from idp.domain.people.places import Residence
from idp.domain.people.questions import SecurityQuestion
from idp.domain.sign_in.session import ACR_PASSWORD_OTP


class AccountState(StrEnum):
    """The state of an account; a rate limit is not a state."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class IdentityMethod(StrEnum):
    """Who confirmed that the account holder is the person: a registry, or officers of a branch."""

    REGISTRY = "registry"
    BRANCH = "branch"


class MobileMethod(StrEnum):
    """What confirmed that the mobile is the person's."""

    OWNERSHIP = "ownership"
    BRANCH = "branch"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Assurance:
    """The ``identity_assurance`` claim: what was verified, by whom, when."""

    method: IdentityMethod
    mobile: MobileMethod
    at: datetime


@dataclass(frozen=True, slots=True)
class Credentials:
    """Hashes of password and answer, both argon2id strings with a pepper."""

    password_hash: str = field(repr=False)
    answer_hash: str = field(repr=False)
    question: SecurityQuestion
    password_changed_at: datetime


@dataclass(frozen=True, slots=True)
class AccountStanding:
    """What decides whether sessions and grants of an account live; none of it is personal."""

    state: AccountState
    epoch: int
    roles: tuple[str, ...]

    @property
    def is_active(self) -> bool:
        """True when the account may sign in and keep sessions and tokens."""
        return self.state is AccountState.ACTIVE

    def lets_live(self, epoch: int) -> bool:
        """Return whether sessions and grants of this epoch may still be used (attack SE08)."""
        return self.is_active and self.epoch == epoch

    def is_enough(self, acr: str) -> bool:
        """Return what ``Account.is_enough`` does: a physician's account has the role."""
        return PHYSICIAN not in self.roles or acr == ACR_PASSWORD_OTP


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A citizen's account. The store seals its personal values.

    ``person`` is the registry's record, in the registry's spelling; the citizen cannot edit it.
    ``epoch`` grows whenever every session and token of the account must die. ``physician`` is the
    profession that the council's register has proven, ``claim`` one that it is still asked about.
    """

    id: str
    state: AccountState
    national_id: NationalId
    mobile: Mobile
    phone_proven: bool
    person: Person
    residence: Residence | None
    email: EmailAddress | None
    credentials: Credentials
    roles: tuple[str, ...]
    assurance: Assurance
    created_at: datetime
    updated_at: datetime
    epoch: int = 0
    physician: DatedClaim | None = None
    claim: DatedClaim | None = None
    email_confirmed_at: datetime | None = None
    recovery_held_until: datetime | None = None

    @property
    def is_active(self) -> bool:
        """True when the account may sign in and keep sessions and tokens."""
        return self.state is AccountState.ACTIVE

    @property
    def phone_number_verified(self) -> bool:
        """True when possession (by a code) and ownership (registry or branch) are both proven."""
        return self.phone_proven and self.assurance.mobile is not MobileMethod.NONE

    def is_enough(self, acr: str) -> bool:
        """Return whether a session of this ``acr`` may use the account.

        A physician's account is never open to a password alone: prescriptions depend on it.
        """
        return self.physician is None or acr == ACR_PASSWORD_OTP

    def with_roles(self, of_the_file: tuple[str, ...], *, at: datetime) -> Self:
        """Return the account with the roles of the insurance file.

        The file neither gives nor takes the role ``physician``: that is the medical council's.
        """
        roles = _roles(of_the_file, is_physician=self.physician is not None)
        return replace(self, roles=roles, updated_at=at)

    def claiming(self, claim: PhysicianClaim, *, at: datetime) -> Self:
        """Return the account with a claimed profession, which the council is to prove."""
        return replace(self, claim=DatedClaim(claim, at), updated_at=at)

    def with_profession(self, claim: PhysicianClaim, *, at: datetime) -> Self:
        """Return the account with a proven profession and its role; sessions and tokens die.

        They began under weaker requirements than a physician's.
        """
        roles = _roles(self.roles, is_physician=True)
        proven = replace(self, physician=DatedClaim(claim, at), claim=None, roles=roles)
        return proven.with_state(self.state, at=at)

    def resting_profession(self, *, until: datetime) -> Self:
        """Return the account with its proven profession as a claim, to be proven from ``until`` on.

        It is unchanged when no profession is proven. The profession is claimed anew because the
        account's holder may be another person by now. Its council number stays taken.
        """
        if self.physician is None:
            return self
        roles = _roles(self.roles, is_physician=False)
        claim = DatedClaim(self.physician.claim, until)
        return replace(self, physician=None, claim=claim, roles=roles)

    def without_claim(self, *, at: datetime) -> Self:
        """Return the account without the unproven claim; a proven profession stays."""
        return replace(self, claim=None, updated_at=at)

    def without_profession(self, *, at: datetime) -> Self:
        """Return the account without profession, claim and role; sessions and tokens die."""
        roles = _roles(self.roles, is_physician=False)
        return replace(self, physician=None, claim=None, roles=roles).with_state(self.state, at=at)

    def with_password(self, password_hash: str, *, at: datetime) -> Self:
        """Return the account with a new password; every earlier session and token dies with it."""
        credentials = replace(self.credentials, password_hash=password_hash, password_changed_at=at)
        return replace(self, credentials=credentials, updated_at=at, epoch=self.epoch + 1)

    def with_renewed_answer(self, seen: "Account", answer_hash: str) -> Self:
        """Return the account with a newer hash of the answer that ``seen`` has.

        The account is unchanged when another answer was set since.
        """
        if self.credentials.answer_hash != seen.credentials.answer_hash:
            return self
        credentials = replace(self.credentials, answer_hash=answer_hash)
        return replace(self, credentials=credentials)

    def with_answer(
        self,
        question: SecurityQuestion,
        answer_hash: str,
        *,
        at: datetime,
        recovery_held_until: datetime | None = None,
    ) -> Self:
        """Return the account with another question and answer; a running hold is never shortened.

        ``recovery_held_until``: until when the owner has time to notice the change.
        """
        credentials = replace(self.credentials, question=question, answer_hash=answer_hash)
        held = recovery_held_until or self.recovery_held_until
        return replace(self, credentials=credentials, updated_at=at, recovery_held_until=held)

    def with_residence(self, residence: Residence, *, at: datetime) -> Self:
        """Return the account with another residence, which is contact data and never compared."""
        return replace(self, residence=residence, updated_at=at)

    def is_recovery_held(self, now: datetime) -> bool:
        """Return whether a recent change of mobile or answer still blocks recovery by a code."""
        return self.recovery_held_until is not None and now < self.recovery_held_until

    def with_mobile(
        self,
        mobile: Mobile,
        method: MobileMethod,
        *,
        at: datetime,
        recovery_held_until: datetime | None = None,
    ) -> Self:
        """Return the account with a new mobile, its possession and ownership proven."""
        assurance = replace(self.assurance, mobile=method, at=at)
        return replace(
            self,
            mobile=mobile,
            phone_proven=True,
            assurance=assurance,
            updated_at=at,
            recovery_held_until=recovery_held_until,
        )

    def closed(self, *, at: datetime) -> Self:
        """Return the account closed for good: no hashes, residence, e-mail, roles or profession."""
        credentials = replace(self.credentials, password_hash="", answer_hash="")
        bare = replace(
            self,
            credentials=credentials,
            residence=None,
            email=None,
            email_confirmed_at=None,
            roles=(),
            physician=None,
            claim=None,
        )
        return bare.with_state(AccountState.CLOSED, at=at)

    def with_email(self, email: EmailAddress, *, at: datetime) -> Self:
        """Return the account with this address, not confirmed yet."""
        return replace(self, email=email, email_confirmed_at=None, updated_at=at)

    def with_state(self, state: AccountState, *, at: datetime) -> Self:
        """Return the account in ``state`` with the next epoch: its sessions and tokens die."""
        return replace(self, state=state, updated_at=at, epoch=self.epoch + 1)


def _roles(others: tuple[str, ...], *, is_physician: bool) -> tuple[str, ...]:
    kept = tuple(role for role in others if role != PHYSICIAN)
    return (*kept, PHYSICIAN) if is_physician else kept
