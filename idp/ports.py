"""What use cases and the protocol need from outside. Adapters and the store implement these."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from idp.domain.account import Account
from idp.domain.case import Case, StepOne
from idp.domain.client import Client
from idp.domain.grant import Consent, Grant, RefreshToken
from idp.domain.jalali import JalaliDate
from idp.domain.mobile import Mobile
from idp.domain.national_id import NationalId
from idp.domain.one_time_code import CodePurpose, CodeTry, OneTimeCode
from idp.domain.person import Person
from idp.domain.session import Session
from idp.domain.verdict import PhoneAnswer, RegistryAnswer

Clock = Callable[[], datetime]
"""The time, aware, UTC."""


class Chance(Protocol):
    """Unpredictable values; in tests a fixed sequence."""

    def token(self) -> str:
        """Return 256 random bits, base64url unpadded (43 characters of ``[A-Za-z0-9_-]``)."""

    def code(self) -> str:
        """Return six random decimal digits."""

    def identifier(self) -> str:
        """Return a random UUID as text."""

    def tracking_number(self) -> str:
        """Return ten random decimal digits, the first not zero; citizens read it aloud."""


class Vault(Protocol):
    """Keyed secrecy. Keys have ids; old keys open, the newest seals (D13)."""

    def seal(self, plain: bytes, *, purpose: str, bound_to: str = "") -> str:
        """Return ``plain`` under AES-256-GCM, base64url text.

        ``purpose`` and ``bound_to`` are authenticated.
        """

    def open(self, sealed: str, *, purpose: str, bound_to: str = "") -> bytes:
        """Return what was sealed.

        Raises:
            BrokenSeal: not ours, another purpose, another binding, or changed.
        """

    def digest(self, value: str, *, purpose: str) -> str:
        """Return the keyed HMAC-SHA-256 of ``value`` in hex, equal for equal values (look-ups)."""


class BrokenSeal(Exception):
    """A sealed text that is not ours, was changed, or was made for something else."""


class PasswordHashing(Protocol):
    """Memory-hard hashing of what people choose, bounded over all processes of the machine."""

    def hash(self, text: str) -> str:
        """Return an argon2id string.

        Raises:
            HashingBusy: the short queue is full; the answer is 503 with Retry-After.
        """

    def verify(self, text: str, hashed: str | None) -> bool:
        """Tell whether ``text`` is what was hashed; None costs the same time and is False.

        Raises HashingBusy.
        """

    def needs_rehash(self, hashed: str) -> bool:
        """Tell whether the parameters or the pepper's version have moved on."""


class HashingBusy(Exception):
    """More hashes are wanted than the machine may compute at once."""

    retry_after = timedelta(seconds=2)


class CivilRegistry(Protocol):
    """Sabt-e Ahval: who is this person?"""

    def lookup(self, national_id: NationalId, birth: JalaliDate) -> RegistryAnswer:
        """Return found, not found or unavailable; an answer about another person is unavailable."""


class MobileOwnership(Protocol):
    """Shahkar: does this SIM belong to this national ID?"""

    def check(self, national_id: NationalId, mobile: Mobile) -> PhoneAnswer:
        """Return match, mismatch, no answer or unavailable; a failure never becomes a mismatch."""


class InsuranceFile(Protocol):
    """The organisation's own file; it fills roles and never decides."""

    def roles(self, national_id: NationalId) -> tuple[str, ...] | None:
        """Return the roles (``insured``, …), or None when the file has no answer now."""


class SmsResult(StrEnum):
    """How a gateway took a message.

    ``unknown``: the line was cut; ask or send again with the same id.
    """

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    TRANSIENT = "transient"


@dataclass(frozen=True, slots=True)
class SmsReceipt:
    """A gateway's answer; ``reference`` is its id, ``reason`` a code for the log."""

    result: SmsResult
    reference: str | None = None
    reason: str | None = None


class SmsGateway(Protocol):
    """Delivers one message; the same ``uid`` twice is one message to the gateway."""

    def send(self, uid: int, to: Mobile, text: str) -> SmsReceipt:
        """Hand the message over within the adapter's time-out; never raises for the network."""


class Ephemeral(Protocol):
    """What may vanish: counters by network, stamps, caches, change notices (D2).

    A flush lets nobody in.
    """

    def hit(self, key: str, *, window: timedelta) -> int:
        """Count one more for ``key`` and return the count.

        It starts again ``window`` after the first.
        """

    def add(self, key: str, *, ttl: timedelta) -> bool:
        """Put ``key`` there; False when it is there already."""

    def put(self, key: str, value: str, *, ttl: timedelta) -> None:
        """Keep ``value`` for at most ``ttl``."""

    def find(self, key: str) -> str | None:
        """Return what is kept, or None."""

    def forget(self, key: str) -> None:
        """Remove ``key``; nothing happens when it is not there."""


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

    def erase_expired(self, now: datetime) -> Sequence[str]:
        """Expire ``branch`` cases of 90 days and delete remnants of 90 days.

        Return the ids of the expired.
        """


class StepOnes(Protocol):
    """Step-one records: server side, two hours."""

    def add(self, record: StepOne) -> None: ...

    def save(self, record: StepOne) -> None: ...

    def find(self, record_id: str) -> StepOne | None: ...

    def lock(self, record_id: str) -> StepOne | None:
        """Return the record, held until the transaction ends (double clicks wait here)."""

    def forget_expired(self, now: datetime) -> int: ...


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

    def add(self, recovery: Recovery) -> None: ...

    def save(self, recovery: Recovery) -> None: ...

    def find(self, recovery_id: str) -> Recovery | None: ...

    def forget_expired(self, now: datetime) -> int: ...

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

    def add(self, pending: PendingSignIn) -> None: ...

    def find(self, pending_id: str) -> PendingSignIn | None: ...

    def forget_expired(self, now: datetime) -> int: ...

    def take(self, pending_id: str, now: datetime) -> PendingSignIn | None:
        """Remove and return it unless expired: one winner."""


class Codes(Protocol):
    """One-time codes; one live code per flow and purpose."""

    def put(self, code: OneTimeCode) -> None:
        """Write the code; an earlier one of the same flow and purpose dies."""

    def forget_expired(self, now: datetime) -> int: ...

    def attempt(self, flow_id: str, purpose: CodePurpose, digest: str, now: datetime) -> CodeTry:
        """Count one try and tell how it ended, in one statement each.

        Of 16 right tries at once one is right.
        """


@dataclass(frozen=True, slots=True)
class Taken:
    """Whether a limited action may go on, and if not, when to come back."""

    allowed: bool
    retry_after: timedelta = timedelta(0)


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

    def take_try(self, key: str, backoff: Backoff, now: datetime) -> Taken:
        """Count one try before its result is known (SE10); allow it unless a wait is running."""

    def clear(self, key: str) -> None:
        """Forget the key (the try was right)."""

    def forget_expired(self, now: datetime) -> int: ...


class Sessions(Protocol):
    """Hub sessions. The cookie's token is looked up by its digest."""

    def add(self, session: Session, token: str) -> None: ...

    def find_by_token(self, token: str) -> Session | None:
        """Return the session, ended ones too, or None; ended ones are for the caller to refuse."""

    def find(self, session_id: str) -> Session | None: ...

    def touch(self, session_id: str, now: datetime) -> None:
        """Move ``last_seen_at``; callers do it at most once a minute."""

    def step_up(self, session: Session, token: str) -> None:
        """Write new ``auth_time``/``acr``/``amr`` and replace the token.

        The old cookie is dead (SE01).
        """

    def end(self, session_id: str, now: datetime) -> bool:
        """End one session; False when it had ended before."""

    def end_all(self, account_id: str, now: datetime) -> Sequence[str]:
        """End every session of the account; return the ids of those that lived."""

    def of_account(self, account_id: str) -> Sequence[Session]: ...

    def visit(self, session_id: str, client_id: str, now: datetime) -> None:
        """Note that the client got tokens in this session (whom to tell at logout)."""

    def visited(self, session_id: str) -> Sequence[str]:
        """Return the client ids that learnt of the session."""


class RefreshOutcome(StrEnum):
    """``taken``: first use. ``repeated``: again within the grace. ``reused``: a replay.

    ``unknown``: never ours or expired.
    """

    TAKEN = "taken"
    REPEATED = "repeated"
    REUSED = "reused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RefreshTake:
    """What became of presenting a refresh token.

    ``successor`` is the sealed one of a repeated use.
    """

    outcome: RefreshOutcome
    token: RefreshToken | None = None
    successor: str | None = field(default=None, repr=False)


class Grants(Protocol):
    """Grants and their refresh families."""

    def add(self, grant: Grant) -> None: ...

    def find(self, grant_id: str) -> Grant | None: ...

    def revoke(self, grant_id: str, now: datetime) -> bool:
        """Revoke the family; False when it was dead or unknown."""

    def revoke_of_account(self, account_id: str, now: datetime) -> int: ...

    def revoke_of_session(
        self, session_id: str, now: datetime, *, keep_offline: bool = False
    ) -> int: ...

    def revoke_of_client(
        self, client_id: str, now: datetime, account_id: str | None = None
    ) -> int: ...

    def add_refresh(self, token: RefreshToken) -> None: ...

    def find_refresh(self, digest: str) -> RefreshToken | None: ...

    def take_refresh(self, digest: str, *, sealed_successor: str, now: datetime) -> RefreshTake:
        """Use a refresh token, in one statement; of any number at once exactly one is ``taken``.

        The winner's ``sealed_successor`` is stored with the used token; the others, and repeats
        within ``REFRESH_GRACE``, get it back (``repeated``). Later uses are ``reused``.
        """


class Once(Protocol):
    """Rights that are given once: code ids, assertion ids, handles (D2, D6)."""

    def take(self, kind: str, value: str, *, expires_at: datetime) -> bool:
        """Insert; False when it was taken before.

        Part of the transaction that writes what it gave.
        """

    def forget_expired(self, now: datetime) -> int: ...


class Contexts(Protocol):
    """One-time rows for sealed contexts over 4 KiB."""

    def put(self, handle: str, sealed: str, expires_at: datetime) -> None: ...

    def find(self, handle: str, now: datetime) -> str | None: ...

    def forget_expired(self, now: datetime) -> int: ...


class Consents(Protocol):
    """What citizens allowed third-party portals."""

    def find(self, account_id: str, client_id: str) -> Consent | None: ...

    def save(self, consent: Consent) -> None: ...

    def of_account(self, account_id: str) -> Sequence[Consent]: ...

    def revoke(self, account_id: str, client_id: str, now: datetime) -> bool: ...


class Clients(Protocol):
    """Registered clients."""

    def find(self, client_id: str) -> Client | None: ...

    def save(self, client: Client) -> None:
        """Insert or replace."""

    def remove(self, client_id: str) -> bool: ...

    def list(self) -> Sequence[Client]: ...

    def changes(self) -> int:
        """Return a number that grows with every change of any client (for caches)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsMessage:
    """A message of the outbox; recipient and text are sealed at rest and wiped when done."""

    to: Mobile = field(repr=False)
    text: str = field(repr=False)
    message_id: str
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job to put: ``kind`` and ids only.

    ``unique`` stops the same event from being written twice.
    """

    kind: str
    subject: str
    unique: str
    run_at: datetime
    sms: SmsMessage | None = None
    payload: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedJob:
    """A job that this worker holds until ``lease_until``; ``fence`` proves it is still ours."""

    id: int
    kind: str
    subject: str
    payload: Mapping[str, str]
    tries: int
    fence: int
    created_at: datetime
    lease_until: datetime
    sms: SmsMessage | None = None
    reason: str | None = None


class StaleLease(Exception):
    """The lease ran out and another worker has the job; the transaction must not commit."""


class Outbox(Protocol):
    """Jobs beside the facts they act on (D8)."""

    def put(self, job: Job) -> int | None:
        """Write the job.

        Return its fixed integer id (the SMS message id), or None when ``unique`` is there already.
        """

    def finish(self, job: ClaimedJob, now: datetime) -> None:
        """Mark done, wipe the sealed message; raises StaleLease when the fence has moved."""

    def retry(self, job: ClaimedJob, *, run_at: datetime, reason: str) -> None:
        """Give back for later; raises StaleLease."""

    def postpone(self, job: ClaimedJob, *, run_at: datetime, reason: str) -> None:
        """Give back for later and count no try: the job is sound, what it asks is away.

        Raises StaleLease.
        """

    def forget_finished(self, before: datetime) -> int:
        """Delete jobs that were done before ``before``; return how many. Dead ones stay."""

    def bury(self, job: ClaimedJob, now: datetime, *, reason: str) -> None:
        """Dead letter: keep ids and the reason, wipe the sealed message; raises StaleLease."""

    def claim(
        self, worker: str, now: datetime, *, lease: timedelta, kinds: Sequence[str] | None = None
    ) -> ClaimedJob | None:
        """Take one due job (`FOR UPDATE SKIP LOCKED`, compare-and-set on SQLite).

        Expired messages are wiped and skipped.
        """

    def waiting(self, kind: str | None = None) -> int:
        """Count jobs neither done nor dead."""

    def dead(self, limit: int = 100) -> Sequence[ClaimedJob]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """Who did what to whom: ids only, no personal value."""

    at: datetime
    actor: str
    action: str
    subject: str
    details: Mapping[str, str] = field(default_factory=dict)


class Audit(Protocol):
    """The audit; written in the transaction of the act."""

    def add(self, entry: AuditEntry) -> None: ...

    def tail(self, limit: int = 50, *, subject: str | None = None) -> Sequence[AuditEntry]:
        """Return the newest entries, oldest of them first."""


class Work(Protocol):
    """One transaction. Commits when the block ends well, rolls back on an exception."""

    @property
    def accounts(self) -> Accounts: ...
    @property
    def cases(self) -> Cases: ...
    @property
    def step_ones(self) -> StepOnes: ...
    @property
    def recoveries(self) -> Recoveries: ...
    @property
    def pending_sign_ins(self) -> PendingSignIns: ...
    @property
    def codes(self) -> Codes: ...
    @property
    def counters(self) -> Counters: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def grants(self) -> Grants: ...
    @property
    def once(self) -> Once: ...
    @property
    def contexts(self) -> Contexts: ...
    @property
    def consents(self) -> Consents: ...
    @property
    def clients(self) -> Clients: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def audit(self) -> Audit: ...


class Begin(Protocol):
    """Opens a transaction."""

    def __call__(self, *, read_only: bool = False) -> AbstractContextManager[Work]:
        """Return one transaction; ``read_only`` ones take no write lock on SQLite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryRecord:
    """A row of the embedded registry: what the civil registry, Shahkar and the insurance file say.

    ``civil`` is ``found``, ``not_found`` or ``unavailable``, ``phone`` the answer for ``mobile``.
    """

    person: Person | None
    mobile: Mobile | None
    civil: str
    phone: str
    insured: bool
    roles: tuple[str, ...] = ()


class RegistryPeople(Protocol):
    """The people of the embedded registry; every call is a transaction of its own."""

    def load(self, people: Mapping[NationalId, RegistryRecord]) -> int:
        """Insert or replace; return how many."""

    def find(self, national_id: NationalId) -> RegistryRecord | None:
        """Return the person's record, or None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxMessage:
    """A message that the development gateway delivered."""

    uid: int
    to: Mobile
    text: str = field(repr=False)
    at: datetime


class SmsInboxReader(Protocol):
    """What the inbox page of the development gateway shows."""

    def list(self, limit: int = 50) -> Sequence[InboxMessage]:
        """Return the messages, newest first."""


class SmsInbox(SmsInboxReader, Protocol):
    """The development gateway's messages; every call is a transaction of its own."""

    def add(self, message: InboxMessage) -> None:
        """Keep the message; the same ``uid`` twice is one message."""


class ClockShift(Protocol):
    """By how much the demo's clock is ahead; seconds, 0 when nobody moved it."""

    def seconds(self) -> int: ...

    def move_to(self, seconds: int) -> None: ...


class DatabaseAway(Exception):
    """The database cannot be reached or has no connection to give: 503 with Retry-After."""

    retry_after = timedelta(seconds=5)


class Fetch(Protocol):
    """The one SSRF-safe fetcher for addresses that a client names."""

    def get(self, url: str, *, media_types: frozenset[str]) -> bytes:
        """Return at most 256 KiB within 5 s; https, public addresses, no redirects.

        Raises FetchRefused.
        """

    def post_form(self, url: str, form: Mapping[str, str]) -> int:
        """Post a form (back-channel logout) and return the status code. Raises FetchRefused."""


class FetchRefused(Exception):
    """The address may not be fetched, or the answer broke a bound."""


@dataclass(frozen=True, slots=True)
class SigningKeyFile:
    """A signing key as the key store keeps it: private JWK text, state and times."""

    kid: str
    alg: str
    state: str
    created_at: datetime
    promoted_at: datetime | None
    retired_at: datetime | None
    jwk: Mapping[str, Any] = field(repr=False)


class KeyStore(Protocol):
    """Signing keys at rest (D12).

    One file a key, JWE under a key-encryption key, plain only in development.
    """

    def load(self) -> Sequence[SigningKeyFile]:
        """Return all keys. Raises KeysBroken with what is wrong and what to do."""

    def write(self, key: SigningKeyFile) -> None:
        """Write one key atomically, mode 0600."""

    def version(self) -> str:
        """Return a text that changes whenever a key file changes (cheap: no decryption)."""


class KeysBroken(Exception):
    """The key folder cannot be used; the message says which file and what to do."""
