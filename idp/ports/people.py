"""Recoveries and sign-ins under way, entrances, and the results of counters."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from idp.domain.people.national_id import NationalId
from idp.domain.sign_in.known_device import KnownDevice
from idp.domain.sign_in.session import Session


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


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingSignIn:
    """A sign-in between the right password and the code by SMS: ten minutes, in one browser."""

    id: str
    browser: str = field(repr=False)
    account_id: str
    epoch: int
    password_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """Whether a limited action is allowed, and if not, when to try again.

    ``count`` is how many were counted, this one included; 0 when this one was not counted.
    """

    allowed: bool
    retry_after: timedelta = timedelta(0)
    count: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a right try leaves in the counters: a key with one count less, or one that is gone.

    An empty key is none.
    """

    given_back: str = ""
    cleared: str = ""


@dataclass(frozen=True, slots=True)
class Entrance:
    """What a sign-in writes: a new session, the device it came from, and its counters.

    ``token`` is the cookie's. A device that is not new and was forgotten meanwhile stays forgotten.
    """

    session: Session
    token: str = field(repr=False)
    device: KnownDevice
    is_new_device: bool
    settlement: Settlement


@dataclass(frozen=True, slots=True)
class Backoff:
    """``free`` tries at once, then waits that double from ``first`` to ``longest``.

    Forgotten after ``memory``.
    """

    free: int
    first: timedelta
    longest: timedelta
    memory: timedelta
