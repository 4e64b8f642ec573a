"""Marks on what everybody can cause: past them work is asked, and nothing is ever refused.

    by_network = SharedMark("code", mark, VanishingTally(ephemeral), vault)
    by_network.ask(EverybodysKey.of_network(address), visitor.work)   # raises WorkNeeded alone

A mark cannot refuse: this module has no such error (tests/services/protection holds it).
"""

from datetime import timedelta
from typing import Protocol

from idp.domain.errors import DomainError
from idp.domain.protection.rate_limits import NO_WORK, EverybodysKey, Mark, WorkDone
from idp.ports import (
    Clock,
    Ephemeral,
    Vault,
)
from idp.store.unit_of_work import Begin

PURPOSE = "shared_mark"


class WorkNeeded(DomainError):
    """A proof of work comes first; the page holds the form until it is there.

    ``difficulty``: 0 is about a second of a mid-range phone, each one more doubles it.
    ``lane``: the queue in which a ticket waits instead, as long as the work is; None is the
    network's own, where each ticket waits alike.
    """

    code = "work_needed"

    def __init__(self, difficulty: int = 0, *, lane: EverybodysKey | None = None) -> None:
        super().__init__(self.code)
        self.difficulty = difficulty
        self.lane = lane


class Tally(Protocol):
    """Counts by key; ``per`` after the first action a count starts again."""

    def count(self, key: str, per: timedelta) -> int:
        """Count one more and return how many there are."""

    def take_back(self, key: str) -> None:
        """Take back one that did not happen."""


class LastingTally:
    """The port ``Tally`` in rows: no restart and no flush starts them again."""

    def __init__(self, begin: Begin, clock: Clock) -> None:
        self._begin = begin
        self._clock = clock

    def count(self, key: str, per: timedelta) -> int:
        """Count one more and return how many there are."""
        with self._begin() as work:
            return work.counters.take(key, limit=0, per=per, now=self._clock()).count

    def take_back(self, key: str) -> None:
        """Take back one that did not happen."""
        with self._begin() as work:
            work.counters.give_back(key)


class VanishingTally:
    """The port ``Tally`` in what may vanish: for networks."""

    def __init__(self, ephemeral: Ephemeral) -> None:
        self._ephemeral = ephemeral

    def count(self, key: str, per: timedelta) -> int:
        """Count one more and return how many there are."""
        return self._ephemeral.hit(key, window=per)

    def take_back(self, key: str) -> None:
        """Take back one that did not happen."""
        self._ephemeral.give_back(key)


class NoTally:
    """The port ``Tally`` where nothing is counted (``protection.network_limits``)."""

    def count(self, key: str, per: timedelta) -> int:  # noqa: ARG002 (the port's)
        """Return 0."""
        return 0

    def take_back(self, key: str) -> None:
        """Do nothing."""


class SharedMark:
    """Counts one kind of action by a key that is everybody's. Keys are kept as keyed digests."""

    def __init__(
        self, name: str, mark: Mark, tally: Tally, vault: Vault, *, asks_for_work: bool = True
    ) -> None:
        """``asks_for_work``: False counts alone (``protection.proof_of_work``)."""
        self._name = name
        self._mark = mark
        self._tally = tally
        self._vault = vault
        self._asks_for_work = asks_for_work

    def ask(self, key: EverybodysKey | None, done: WorkDone = NO_WORK) -> int:
        """Count one action and return how many there are, this one included.

        None is the key of what has no network (``EverybodysKey.of_network``): 0, uncounted.

        Raises:
            WorkNeeded: more work is asked than was done; the action is then not counted.
        """
        if key is None:
            return 0
        row = self._row(key)
        count = self._tally.count(row, self._mark.per)
        difficulty = self._mark.difficulty_at(count) if self._asks_for_work else None
        if difficulty is not None and not done.is_enough(difficulty):
            self._tally.take_back(row)
            raise WorkNeeded(difficulty)
        return count

    def take_back(self, key: EverybodysKey | None) -> None:
        """Take back an action that does not count after all: a password that was right."""
        if key is not None:
            self._tally.take_back(self._row(key))

    def _row(self, key: EverybodysKey) -> str:
        return f"mark:{self._name}:{self._vault.digest(key.value, purpose=PURPOSE)}"
