"""Stand-ins for the ports: no keys, no clock, no randomness."""

import base64
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from idp.adapters.fetch_bulkhead import FetchBulkhead
from idp.domain.clients.client import Client
from idp.domain.registration.tracking_number import check_digit, is_of_person
from idp.ports import BrokenSeal, Clock, Fetch, HashingBusy, HashLane
from idp.services.kernel import Kernel
from idp.store.unit_of_work import Begin

NOON = datetime(2026, 3, 21, 12, 0, tzinfo=UTC)


class PlainVault:
    """Seals nothing but its own label: reversible by anybody, unreadable at a glance."""

    def seal(self, plain: bytes, *, purpose: str, bound_to: str = "") -> str:
        return base64.urlsafe_b64encode(_label(purpose, bound_to) + plain).decode()

    def open(self, sealed: str, *, purpose: str, bound_to: str = "") -> bytes:
        try:
            plain = base64.urlsafe_b64decode(sealed)
        except ValueError:
            raise BrokenSeal("not base64") from None
        label = _label(purpose, bound_to)
        if not plain.startswith(label):
            raise BrokenSeal("made for something else")
        return plain[len(label) :]

    def digest(self, value: str, *, purpose: str) -> str:
        return sha256(f"{purpose}|{value}".encode()).hexdigest()

    def lookups(self, value: str, *, purpose: str) -> list[str]:
        return [self.digest(value, purpose=purpose)]

    def is_newest(self, sealed: str) -> bool:
        return True


class CountingVault(PlainVault):
    """Notes the size of everything that is opened."""

    def __init__(self) -> None:
        self.opened: list[int] = []

    def open(self, sealed: str, *, purpose: str, bound_to: str = "") -> bytes:
        self.opened.append(len(sealed))
        return super().open(sealed, purpose=purpose, bound_to=bound_to)


def _label(purpose: str, bound_to: str) -> bytes:
    return f"{purpose}|{bound_to}|".encode()


@dataclass
class FixedClock:
    """A clock that stands until it is moved."""

    now: datetime = field(default=NOON)

    def __call__(self) -> datetime:
        return self.now

    def move(self, span: timedelta) -> None:
        self.now += span


class CountingRandomness:
    """Values that differ from each other and are the same in every run."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def token(self) -> str:
        return f"token-{next(self._numbers):037}"

    def code(self) -> str:
        return f"{next(self._numbers):06}"

    def identifier(self) -> str:
        return f"00000000-0000-4000-8000-{next(self._numbers):012}"

    def tracking_number(self) -> str:
        while True:
            nine = f"{100_000_000 + next(self._numbers)}"
            number = nine + check_digit(nine)
            if not is_of_person(number):
                return number


def bulkhead(fetch: Fetch, **changes: Any) -> FetchBulkhead:
    """Return the fetcher behind its bulkhead; no failure is remembered, unless ``changes`` say."""
    usual = {"places": 4, "longest_wait": timedelta(seconds=1), "remember": timedelta(0)}
    return FetchBulkhead(fetch, **{**usual, **changes})


class PlainHashing:
    """Compares in the clear and counts; a pepper's new version makes old hashes due."""

    def __init__(self) -> None:
        self.verified: list[str | None] = []
        self.lanes: list[HashLane] = []
        self.version = 1
        self.busy = False
        self.busy_to_hash = False
        self.meanwhile: Callable[[], object] = lambda: None  # elsewhere, while a hash is computed

    def hash(self, text: str, *, lane: HashLane = HashLane.OWNER) -> str:
        if self.busy or self.busy_to_hash:
            raise HashingBusy
        return f"{self.version}:{text}"

    def verify(self, text: str, hashed: str | None, *, lane: HashLane = HashLane.REST) -> bool:
        self.lanes.append(lane)
        if self.busy:
            raise HashingBusy
        self.verified.append(hashed)
        self.meanwhile()
        return hashed is not None and hashed.partition(":")[2] == text

    def verify_answer(self, text: str, hashed: str | None, *, lane: HashLane) -> bool:
        return self.verify(text, hashed, lane=lane)

    def needs_rehash(self, hashed: str) -> bool:
        return hashed.partition(":")[0] != str(self.version)


class NoHashing:
    """Where nothing is hashed; whatever asks for a hash fails."""


class ReadClients:
    """Clients that are read each time, where no cache is tested."""

    def __init__(self, begin: Begin) -> None:
        self._begin = begin

    def find(self, client_id: str) -> Client | None:
        with self._begin(read_only=True) as work:
            return work.clients.find(client_id)

    def all(self) -> Sequence[Client]:
        with self._begin(read_only=True) as work:
            return work.clients.list()


def kernel(begin: Begin, clock: Clock, **others: Any) -> Kernel:
    """Return a kernel on ``begin`` and ``clock``; ``others`` take the place of the fakes."""
    usual: dict[str, Any] = {
        "randomness": CountingRandomness(),
        "vault": PlainVault(),
        "hashing": NoHashing(),
        "issuer": "https://account.tamin.ir",
        "clients": ReadClients(begin),
    }
    return Kernel(begin=begin, clock=clock, **{**usual, **others})


def kernel_of(house: Any) -> Kernel:
    """Return a kernel on the begin, clock, randomness and vault that ``house`` has."""
    return kernel(house.begin, house.clock, randomness=house.randomness, vault=house.vault)
