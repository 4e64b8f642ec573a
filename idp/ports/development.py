"""What the demo and a developer need: the embedded registry, the SMS inbox, the movable clock."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from idp.domain.people.email_address import EmailAddress
from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.domain.people.person import Person
from idp.domain.people.physician import CouncilNumber, PhysicianClaim
from idp.ports.basics import BATCH


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryRecord:
    """A row of the embedded registry: what the civil registry, Shahkar and the insurance file say.

    ``civil`` is ``found``, ``not_found`` or ``unavailable``, ``phone`` the answer for ``mobile``.
    ``physician`` is the person's membership of the medical council, ``council`` how that answers:
    ``found`` or ``unavailable``.
    """

    person: Person | None
    mobile: Mobile | None
    civil: str
    phone: str
    insured: bool
    roles: tuple[str, ...] = ()
    physician: PhysicianClaim | None = None
    council: str = "found"


class RegistryPeople(Protocol):
    """The people of the embedded registry; every call is a transaction of its own."""

    def load(
        self,
        people: Mapping[NationalId, RegistryRecord],
        advance: Callable[[int], None] = ...,
    ) -> int:
        """Insert or replace; return how many. ``advance`` is told of each one."""

    def find(self, national_id: NationalId) -> RegistryRecord | None:
        """Return the person's record, or None."""

    def find_by_council_number(self, number: CouncilNumber) -> RegistryRecord | None:
        """Return the record of the holder of the number, or None."""


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
        """Insert the message, unless one with the same ``uid`` exists."""

    def forget(self, before: datetime, limit: int = BATCH) -> int:
        """Delete at most ``limit`` messages from before ``before``; return how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxMail:
    """A mail that the development mail server delivered."""

    uid: int
    to: EmailAddress
    subject: str = field(repr=False)
    text: str = field(repr=False)
    at: datetime


class MailInbox(Protocol):
    """The development mail server's mails; every call is a transaction of its own."""

    def add(self, mail: InboxMail) -> None:
        """Insert the mail, unless one with the same ``uid`` exists."""

    def list(self, limit: int = 50) -> Sequence[InboxMail]:
        """Return the mails, newest first."""

    def forget(self, before: datetime, limit: int = BATCH) -> int:
        """Delete at most ``limit`` mails from before ``before``; return how many."""


class ClockShift(Protocol):
    """By how many seconds the demo's clock is ahead; 0 when it was never moved."""

    def seconds(self) -> int: ...

    def move_to(self, seconds: int) -> None: ...
