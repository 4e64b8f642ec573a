"""Ports of every use case: clock, randomness, vault, password hashing; and the thread pool."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Protocol

Clock = Callable[[], datetime]
"""Returns the time, aware, UTC."""

BATCH = 1000
"""Rows that a sweep deletes in one transaction, so that it never holds locks for long (D05)."""


class ClockSkew(Exception):
    """This machine's clock and the database's are too far apart to sign: 503 with Retry-After."""

    retry_after = timedelta(minutes=1)


class Randomness(Protocol):
    """Unpredictable values; in tests a fixed sequence."""

    def token(self) -> str:
        """Return 256 random bits, base64url unpadded (43 characters of ``[A-Za-z0-9_-]``)."""

    def code(self) -> str:
        """Return six random decimal digits."""

    def identifier(self) -> str:
        """Return a random UUID as text."""

    def tracking_number(self) -> str:
        """Return ten random decimal digits, the first not zero; citizens read it aloud."""


@dataclass(frozen=True, slots=True)
class Operator:
    """The operator by the operating system: the user who logged in, and the machine."""

    user: str
    host: str

    def __str__(self) -> str:
        """Return ``user@host``, as the audit keeps it."""
        return f"{self.user}@{self.host}"


class ThreadPool(Protocol):
    """Runs calls in parallel threads while the caller waits for a bounded time."""

    def run(self, calls: Sequence[Callable[[], None]], within: timedelta) -> None:
        """Run the calls; return when all have ended, at the latest after ``within``.

        Calls that still run then continue. When no thread is free, a call may be left out.
        """


class Vault(Protocol):
    """Keyed encryption and digests. Keys have ids: the newest seals, the others open (D13)."""

    def seal(self, plain: bytes, *, purpose: str, bound_to: str = "") -> str:
        """Return ``plain`` encrypted with AES-256-GCM, as base64url text after the key's id.

        ``purpose`` and ``bound_to`` are authenticated.
        """

    def open(self, sealed: str, *, purpose: str, bound_to: str = "") -> bytes:
        """Return what was sealed.

        Raises:
            BrokenSeal: the key is unknown, purpose or binding differ, or the text was changed.
        """

    def digest(self, value: str, *, purpose: str) -> str:
        """Return the keyed HMAC-SHA-256 of ``value`` in hex, equal for equal values."""

    def lookups(self, value: str, *, purpose: str) -> Sequence[str]:
        """Return the digests that a personal value may be kept under, by the newest key first.

        Rows are written with the first; while keys are rotated, older rows have another.
        """

    def is_newest(self, sealed: str) -> bool:
        """Return whether the newest key sealed the text."""


class BrokenSeal(Exception):
    """A sealed text of an unknown key, for another purpose or binding, or changed."""


class HashLane(IntEnum):
    """The lane in which a request waits for its hash: lower ones go first; each fills by itself."""

    OWNER = 0
    """A known device, a live session, a flow that has shown a right code."""
    WORKED = 1
    """A form with a proof of work."""
    REST = 2


class PasswordHashing(Protocol):
    """Memory-hard hashing of passwords and answers, bounded over all processes of the machine."""

    def hash(self, text: str, *, lane: HashLane = HashLane.OWNER) -> str:
        """Return an argon2id string; the default lane is for what is set after a right code.

        Raises:
            HashingBusy: the lane is full, or no slot came free in time: 503 with Retry-After.
        """

    def verify(self, text: str, hashed: str | None, *, lane: HashLane = HashLane.REST) -> bool:
        """Return whether ``text`` is the password that was hashed; False for None (no account).

        It takes the same time for every account and for none, whatever hashes cost (attack E11).

        Raises HashingBusy.
        """

    def verify_answer(
        self, text: str, hashed: str | None, *, lane: HashLane = HashLane.REST
    ) -> bool:
        """Do as ``verify`` does, for the answer to a security question."""

    def needs_rehash(self, hashed: str) -> bool:
        """Return whether the hash has an older pepper, or costs less than the settings ask for."""


@dataclass(frozen=True, slots=True)
class HashCosts:
    """The costs that stored hashes have, each as argon2 writes it: ``m=19456,t=2,p=1``."""

    of_passwords: frozenset[str] = frozenset()
    of_answers: frozenset[str] = frozenset()


class HashingBusy(Exception):
    """More hashes are requested than the machine may compute at once."""

    retry_after = timedelta(seconds=2)
