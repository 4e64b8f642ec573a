"""Jobs and the audit, written beside the facts."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from idp.domain.people.email_address import EmailAddress
from idp.domain.people.mobile import Mobile
from idp.ports.basics import BATCH


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsMessage:
    """A message of the outbox; recipient and text are sealed at rest and wiped when done."""

    to: Mobile = field(repr=False)
    text: str = field(repr=False)
    message_id: str
    expires_at: datetime | None = None


MAIL = "mail"
"""The kind of the jobs that carry a mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailMessage:
    """A mail of the outbox; recipient, subject and text are sealed at rest and wiped when done."""

    to: EmailAddress = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    message_id: str
    expires_at: datetime


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
    mail: MailMessage | None = None
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
    mail: MailMessage | None = None
    reason: str | None = None
    fault: str | None = None
    """Why the row could not be read whole: a broken seal, or one whose key this process lacks."""

    @property
    def was_begun_before(self) -> bool:
        """True when a worker has held the job before: what it began may have happened."""
        return self.fence > 1


class StaleLease(Exception):
    """The lease ran out and another worker has the job; the transaction must not commit."""


class Outbox(Protocol):
    """Jobs beside the facts they act on (D8)."""

    def put(self, job: Job) -> int | None:
        """Write the job.

        Return its fixed integer id (the SMS message id), or None when ``unique`` is there already.
        """

    def finish(self, job: ClaimedJob, now: datetime, *, reason: str | None = None) -> None:
        """Mark done, wipe the sealed message; raises StaleLease when the fence has moved.

        ``reason`` says why nothing had to be done; without it the last failure's stays.
        """

    def retry(self, job: ClaimedJob, *, run_at: datetime, reason: str) -> None:
        """Give back for later; raises StaleLease."""

    def postpone(self, job: ClaimedJob, *, run_at: datetime, reason: str) -> None:
        """Give back for later with all its tries: the job is sound, what it asks is away.

        Raises StaleLease.
        """

    def forget_finished(self, before: datetime, limit: int = BATCH) -> int:
        """Delete jobs that were done or expired before; return how many. Dead ones stay."""

    def forget_dead(self, before: datetime, limit: int = BATCH) -> int:
        """Delete dead letters that were buried before; return how many."""

    def revive(self, kinds: Sequence[str], now: datetime, limit: int = BATCH) -> int:
        """Let dead letters of these kinds, without a message, be tried anew; return how many."""

    def bury(self, job: ClaimedJob, now: datetime, *, reason: str) -> None:
        """Dead letter: keep ids and the reason, wipe the sealed message; raises StaleLease."""

    def claim(
        self, worker: str, now: datetime, *, lease: timedelta, kinds: Sequence[str] | None = None
    ) -> ClaimedJob | None:
        """Take one due job (`FOR UPDATE SKIP LOCKED`, compare-and-set on SQLite).

        Expired messages are wiped and skipped.
        """

    def take(
        self, uniques: Collection[str], worker: str, now: datetime, *, lease: timedelta
    ) -> Sequence[ClaimedJob]:
        """Take those of these jobs that nobody holds; for who has put them in this transaction."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLink:
    """An entry as it stands: whether its digest fits it and the entry before.

    ``missing`` counts the entries between, by their numbers: those have been removed.
    """

    id: int
    entry: AuditEntry
    chain: str
    fits: bool
    missing: int


@dataclass(frozen=True, slots=True)
class AuditHead:
    """How far the audit has been written: number and digest of its newest entry."""

    number: int
    chain: str


class AuditAnchor(Protocol):
    """A place outside of the database that keeps heads, so that a cut end is found."""

    def keep(self, head: AuditHead, at: datetime) -> None:
        """Keep it for good; a failure is an alarm and no error, for the act stands already."""


class Audit(Protocol):
    """The audit; written in the transaction of the act."""

    def add(self, entry: AuditEntry) -> None: ...

    def tail(self, limit: int = 50, *, subject: str | None = None) -> Sequence[AuditEntry]:
        """Return the newest entries, oldest of them first."""

    def page(
        self, subject: str, actions: Collection[str], *, skip: int, limit: int
    ) -> Sequence[AuditEntry]:
        """Return entries about ``subject`` with these actions, the newest first."""

    def links(self) -> Iterator[AuditLink]:
        """Yield every entry with whether it follows the one before, the oldest first."""

    def head(self) -> AuditHead | None:
        """Return how far was written, by the hub's own note of it; None where that is lost.

        Number 0 while nothing has been written.
        """
