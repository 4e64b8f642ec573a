"""Jobs and the audit, written beside the facts."""

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
