"""An account: exists from activation on, never before (the guide: a request is not a user)."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

from idp.domain.email_address import EmailAddress
from idp.domain.mobile import Mobile
from idp.domain.national_id import NationalId
from idp.domain.person import Person
from idp.domain.places import Residence
from idp.domain.questions import SecurityQuestion


class AccountState(StrEnum):
    """What an account may do; a throttle is not a state."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class IdentityMethod(StrEnum):
    """Who confirmed that the account holder is the person: a registry, or officers of a branch."""

    REGISTRY = "registry"
    BRANCH = "branch"


class MobileMethod(StrEnum):
    """How the mobile was tied to the person."""

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
    """Digests of what only the citizen knows. Both are argon2id strings with pepper."""

    password_hash: str = field(repr=False)
    answer_hash: str = field(repr=False)
    question: SecurityQuestion
    password_changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One insured person's account. Personal values are sealed at rest by the store.

    ``person`` is the registry's record, in the registry's spelling; the citizen cannot edit it.
    ``epoch`` grows whenever every session and token of the account must die.
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

    @property
    def is_active(self) -> bool:
        """True when the account may sign in and keep sessions and tokens."""
        return self.state is AccountState.ACTIVE

    @property
    def phone_number_verified(self) -> bool:
        """True after possession (a code) and ownership (registry or branch) both."""
        return self.phone_proven and self.assurance.mobile is not MobileMethod.NONE

    def with_password(self, password_hash: str, *, at: datetime) -> Self:
        """Return the account with a new password; every earlier session and token dies with it."""
        credentials = replace(self.credentials, password_hash=password_hash, password_changed_at=at)
        return replace(self, credentials=credentials, updated_at=at, epoch=self.epoch + 1)

    def with_state(self, state: AccountState, *, at: datetime) -> Self:
        """Return the account in ``state``; leaving ``active`` ends what hangs on it."""
        return replace(self, state=state, updated_at=at, epoch=self.epoch + 1)
