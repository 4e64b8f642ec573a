"""Shared marks: past one, what everybody can cause requires a proof of work. A mark never refuses.

    by_network = SharedMark("code", mark, VanishingTally(ephemeral), vault)
    by_network.ask(EverybodysKey.of_network(address), visitor.work)   # raises WorkNeeded alone

This module has no error that refuses (tests/services/protection checks it).
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
    """A proof of work is required; the page holds the form until it is done.

    ``difficulty``: 0 is about a second of a mid-range phone; each step doubles it.
    ``lane``: the queue of the ticket without scripts, which matures as slowly as the work computes;
    None is the network's queue, at the same rate for every difficulty.
    """

    code = "work_needed"

    def __init__(self, difficulty: int = 0, *, lane: EverybodysKey | None = None) -> None:
        super().__init__(self.code)
        self.difficulty = difficulty
        self.lane = lane


class Tally(Protocol):
    """Counts by key, in a window of ``per`` that opens with the first action."""

    def count(self, key: str, per: timedelta) -> int:
        """Count one action, and return the count."""

    def take_back(self, key: str) -> None:
        """Uncount one action that did not happen."""


class LastingTally:
    """The port ``Tally`` as database rows: no restart or flush resets them."""

    def __init__(self, begin: Begin, clock: Clock) -> None:
        self._begin = begin
        self._clock = clock

    def count(self, key: str, per: timedelta) -> int:
        """Count one action, and return the count."""
        with self._begin() as work:
            return work.counters.take(key, limit=0, per=per, now=self._clock()).count

    def take_back(self, key: str) -> None:
        """Uncount one action that did not happen."""
        with self._begin() as work:
            work.counters.give_back(key)


class VanishingTally:
    """The port ``Tally`` in the ephemeral store: for networks."""

    def __init__(self, ephemeral: Ephemeral) -> None:
        self._ephemeral = ephemeral

    def count(self, key: str, per: timedelta) -> int:
        """Count one action, and return the count."""
        return self._ephemeral.hit(key, window=per)

    def take_back(self, key: str) -> None:
        """Uncount one action that did not happen."""
        self._ephemeral.give_back(key)


class NoTally:
    """The port ``Tally`` where nothing is counted (``protection.network_limits``)."""

    def count(self, key: str, per: timedelta) -> int:  # noqa: ARG002 (the port's)
        """Return 0."""
        return 0

    def take_back(self, key: str) -> None:
        """Do nothing."""


class SharedMark:
    """Counts one kind of action by an ``EverybodysKey``, which is stored as a keyed digest."""

    def __init__(
        self, name: str, mark: Mark, tally: Tally, vault: Vault, *, asks_for_work: bool = True
    ) -> None:
        """``asks_for_work``: False only counts (``protection.proof_of_work``)."""
        self._name = name
        self._mark = mark
        self._tally = tally
        self._vault = vault
        self._asks_for_work = asks_for_work

    def ask(self, key: EverybodysKey | None, done: WorkDone = NO_WORK) -> int:
        """Count one action, and return the count with this one.

        Without a key (no network, see ``EverybodysKey.of_network``), return 0 and count nothing.

        Raises:
            WorkNeeded: more work is required than was done; the action is not counted.
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
        """Uncount an action, such as a try whose password was right."""
        if key is not None:
            self._tally.take_back(self._row(key))

    def _row(self, key: EverybodysKey) -> str:
        return f"mark:{self._name}:{self._vault.digest(key.value, purpose=PURPOSE)}"
