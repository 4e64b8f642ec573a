"""Rows about people: accounts, cases, and what is under way for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from idp.domain.people.account import Account
from idp.domain.people.mobile import Mobile
from idp.domain.people.mobile_change import MobileChange
from idp.domain.people.national_id import NationalId
from idp.domain.people.physician import CouncilNumber
from idp.domain.registration.case import Case, StepOne
from idp.domain.sign_in.one_time_code import CodePurpose, CodeTry, OneTimeCode
from idp.ports.basics import BATCH


class Accounts(Protocol):
    """Accounts; at most one that is not closed per national ID."""

    def add(self, account: Account) -> bool:
        """Insert; False when the national ID has an account already (nothing is written)."""

    def save(self, account: Account) -> None:
        """Write the whole account; raises KeyError when it does not exist."""

    def find(self, account_id: str) -> Account | None:
        """Return the account, or None."""

    def lock(self, account_id: str) -> Account | None:
        """Return the account, held against other transactions until this one ends.

        Read it so before ``save``.
        """

    def find_by_national_id(self, national_id: NationalId) -> Account | None:
        """Return the account that is not closed, or None."""

    def take_council_number(self, account_id: str, number: CouncilNumber) -> bool:
        """Let the account hold this number and no other, until it is closed.

        False when another account holds it; of any number at once one wins.
        """

    def free_council_number(self, account_id: str) -> None:
        """Let the account hold no number of the medical council."""


class Cases(Protocol):
    """Cases; at most one open case per (national ID, mobile)."""

    def add(self, case: Case) -> bool:
        """Insert.

        False when an open case of the same national ID and mobile exists (nothing is written).
        """

    def save(self, case: Case) -> None:
        """Write the whole case.

        The keyed hashes of ID and phone stay when the application is erased.
        """

    def find(self, case_id: str) -> Case | None:
        """Return the case, or None."""

    def lock(self, case_id: str) -> Case | None:
        """Return the case, held against other transactions until this one ends (row lock)."""

    def find_open(self, national_id: NationalId, mobile: Mobile) -> Case | None:
        """Return the open case of the pair, or None."""

    def has_open(self, national_id: NationalId) -> bool:
        """Tell whether any open case exists for the national ID, whatever the phone."""

    def find_by_tracking_number(self, number: str) -> Case | None:
        """Return the case the citizen names at the desk."""

    def list(
        self, *, state: str | None = None, overdue: bool | None = None, limit: int = 100
    ) -> Sequence[Case]:
        """Return cases, oldest first."""

    def erase_expired(self, now: datetime, limit: int = BATCH) -> Sequence[str]:
        """Expire and erase ``branch`` cases of 90 days; return the ids of the expired."""

    def forget_remnants(self, now: datetime, limit: int = BATCH) -> int:
        """Delete what is left of cases that were erased 90 days ago; return how many."""


class StepOnes(Protocol):
    """Step-one records: server side, two hours."""

    def put(self, record: StepOne) -> None:
        """Write the whole record; the earlier one of its id is replaced."""

    def find(self, record_id: str) -> StepOne | None: ...

    def lock(self, record_id: str) -> StepOne | None:
        """Return the record, held until the transaction ends (double clicks wait here)."""

    def forget_expired(self, now: datetime, limit: int = BATCH) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """A recovery under way; bound to a browser.

    ``account_id`` is None for IDs without an account.
    """

    id: str
    browser: str = field(repr=False)
    national_id: NationalId
    account_id: str | None
    question_id: str
    expires_at: datetime
    proven_at: datetime | None = None
    used_at: datetime | None = None


class Recoveries(Protocol):
    """Recoveries: rows, half an hour."""

    def put(self, recovery: Recovery) -> None:
        """Write the whole recovery; the same browser's and ID's earlier one is replaced."""

    def find(self, recovery_id: str) -> Recovery | None: ...

    def lock(self, recovery_id: str) -> Recovery | None:
        """Return it as ``find`` does, held until the transaction ends (two starts at once)."""

    def forget_expired(self, now: datetime, limit: int = BATCH) -> int: ...

    def take(self, recovery_id: str, now: datetime) -> Recovery | None:
        """Mark a proven, unused, unexpired recovery used and return it.

        One winner of any number at once.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingSignIn:
    """A right password on a new device: waits for the SMS code; bound to a browser; ten minutes."""

    id: str
    browser: str = field(repr=False)
    account_id: str
    epoch: int
    password_at: datetime
    expires_at: datetime


class PendingSignIns(Protocol):
    """Sign-ins between password and code."""

    def put(self, pending: PendingSignIn) -> None:
        """Write it; the same browser's and account's earlier one is replaced."""

    def find(self, pending_id: str) -> PendingSignIn | None: ...

    def forget_expired(self, now: datetime, limit: int = BATCH) -> int: ...

    def take(self, pending_id: str, now: datetime) -> PendingSignIn | None:
        """Remove and return it unless expired: one winner."""


class MobileChanges(Protocol):
    """Changes of mobiles; at most one of an account waits."""

    def add(self, change: MobileChange) -> bool:
        """Insert; False while another change of the account waits (nothing is written)."""

    def save(self, change: MobileChange) -> None: ...

    def find(self, change_id: str) -> MobileChange | None: ...

    def lock(self, change_id: str) -> MobileChange | None:
        """Return the change, held until the transaction ends; lock its account before it."""

    def latest(self, account_id: str) -> MobileChange | None: ...

    def forget_decided(self, now: datetime, limit: int = BATCH) -> int:
        """Delete changes that were decided 90 days ago; return how many."""


class Codes(Protocol):
    """One-time codes; one live code per flow and purpose."""

    def put(self, code: OneTimeCode, *, is_sent: bool) -> None:
        """Write that a code was asked for; sent, an earlier one of the flow and purpose dies.

        Where none was sent, one that nobody has tried stays good.
        """

    def find(self, flow_id: str, purpose: CodePurpose) -> OneTimeCode | None: ...

    def forget_expired(self, now: datetime, limit: int = BATCH) -> int: ...

    def attempt(self, flow_id: str, purpose: CodePurpose, digest: str, now: datetime) -> CodeTry:
        """Count one try and tell how it ended, in one statement each.

        Of 16 right tries at once one is right.
        """


@dataclass(frozen=True, slots=True)
class Taken:
    """Whether a limited action may go on, and if not, when to come back.

    ``count`` is how many happened, this one included; 0 for one that was not counted.
    """

    allowed: bool
    retry_after: timedelta = timedelta(0)
    count: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Backoff:
    """``free`` tries at once, then waits that double from ``first`` to ``longest``.

    Forgotten after ``memory``.
    """

    free: int
    first: timedelta
    longest: timedelta
    memory: timedelta


class Counters(Protocol):
    """Counters that guard an account or a phone: rows, so that no restart or flush resets them."""

    def take(self, key: str, *, limit: int, per: timedelta, now: datetime) -> Taken:
        """Count one action and allow it while at most ``limit`` happened within the window."""

    def counts(self, keys: Sequence[str], now: datetime) -> Mapping[str, int]:
        """Return how many actions were counted, without counting; a key without any is missing."""

    def full_until(self, key: str, limit: int, now: datetime) -> datetime | None:
        """Return when the window of a key that reached ``limit`` ends; None below it."""

    def give_back(self, key: str) -> None:
        """Take back one action that was counted and did not happen."""

    def take_try(self, key: str, backoff: Backoff, now: datetime) -> Taken:
        """Count one try before its result is known (SE10); allow it unless a wait is running."""

    def clear(self, key: str) -> None:
        """Forget the key (the try was right)."""

    def forget_expired(self, now: datetime, limit: int = BATCH) -> int: ...
