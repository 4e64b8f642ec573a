"""A queue that serves one place per step: for tickets of a network, or turns at an account."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from idp.domain.protection.rate_limits import EverybodysKey
from idp.ports import Clock, Ephemeral, Vault

PURPOSE = "queue"
FORGOTTEN_AFTER = timedelta(hours=1)
EPOCH = datetime(2025, 1, 1, tzinfo=UTC)
"""Steps are counted from here; steps of one second fit in 31 bits until 2093."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the queue, and when it is served."""

    number: int
    at: datetime


class Places:
    """One queue per key; ``take`` returns its next place.

    A place given back shortens the queue by one, while places behind it keep their times. The next
    place taken may then be served together with the last; on average one is served per step.
    """

    def __init__(
        self, name: str, every: timedelta, ephemeral: Ephemeral, clock: Clock, vault: Vault
    ) -> None:
        """``every``: the time between two places."""
        self._name = name
        self._every = every
        self._ephemeral = ephemeral
        self._clock = clock
        self._vault = vault

    def take(self, key: EverybodysKey | None) -> Place:
        """Take the next place. Without a key (no network), return the first place, not taken."""
        now = self._step()
        if key is None:
            return self._place(now + 1)
        row = self._row(key)
        return self._place(self._ephemeral.line_up(row, now=now, ttl=FORGOTTEN_AFTER))

    def give_back(self, key: EverybodysKey | None, number: int) -> None:
        """Give back a place that is not needed; one that was served already stays taken."""
        if key is not None and number > self._step():
            self._ephemeral.give_back(self._row(key))

    def _step(self) -> int:
        return (self._clock() - EPOCH) // self._every

    def _place(self, number: int) -> Place:
        return Place(number, EPOCH + number * self._every)

    def _row(self, key: EverybodysKey) -> str:
        return f"queue:{self._name}:{self._vault.digest(key.value, purpose=PURPOSE)}"
