"""Jobs and audit entries, written in the transaction of the facts that they are about."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from idp.domain.people.email_address import EmailAddress
from idp.domain.people.mobile import Mobile


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
    """A job for the outbox: its kind, and ids only.

    A second job with the same ``unique`` is not written.
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
    """A job leased to this worker until ``lease_until``; ``fence`` is the lease's fencing token."""

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
        """True when a worker has held the job before: its effects may have happened."""
        return self.fence > 1


class StaleLease(Exception):
    """The lease ran out and another worker has the job; the transaction must not commit."""


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
    """An entry and its check: ``fits`` when its digest matches and follows the entry before.

    ``missing`` counts the numbers that are absent between the two: entries that were removed.
    """

    id: int
    entry: AuditEntry
    chain: str
    fits: bool
    missing: int


@dataclass(frozen=True, slots=True)
class AuditHead:
    """The head of the audit: number and digest of its newest entry."""

    number: int
    chain: str


class BrokenChain(Exception):
    """An entry of the audit does not follow the one before."""


class AuditAnchor(Protocol):
    """A place outside of the database that keeps heads, so that truncation is detected."""

    def keep(self, head: AuditHead, at: datetime) -> None:
        """Store the head for good; failures are alarms, no errors: the act is committed already."""
