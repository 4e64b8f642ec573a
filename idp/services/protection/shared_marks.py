"""Shared marks: past one, what everybody can cause requires a proof of work. A mark never refuses.

    by_network = SharedMark("code", mark, VanishingTally(ephemeral), vault)
    by_network.ask(EverybodysKey.of_network(address), visitor.work)   # raises WorkNeeded alone

This module has no error that refuses (tests/services/protection checks it).
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from idp.domain.errors import DomainError
from idp.domain.protection.rate_limits import NO_WORK, EverybodysKey, Mark, WorkDone
from idp.ports import (
    Clock,
    Ephemeral,
    GiveBack,
    Hit,
    Settlement,
    Step,
    Vault,
)
from idp.store.unit_of_work import Begin, UnitOfWork

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


class StepTally(Tally, Protocol):
    """A tally in the ephemeral store, or none: its steps travel with others in one round trip."""

    def steps(self, key: str, per: timedelta) -> Sequence[Step]:
        """Return the step that counts one action; none where nothing is counted."""

    def steps_back(self, key: str) -> Sequence[Step]:
        """Return the step that uncounts one action; none where nothing is counted."""


class LastingTally:
    """The port ``Tally`` as database rows: no restart or flush resets them."""

    def __init__(self, begin: Begin, clock: Clock) -> None:
        self._begin = begin
        self._clock = clock

    def count(self, key: str, per: timedelta) -> int:
        """Count one action, and return the count."""
        with self._begin(alone=True) as work:
            return work.counters.take(key, limit=0, per=per, now=self._clock()).count

    def take_back(self, key: str) -> None:
        """Uncount one action that did not happen."""
        with self._begin(alone=True) as work:
            work.counters.give_back(key)


class VanishingTally:
    """The port ``StepTally`` in the ephemeral store: for networks."""

    def __init__(self, ephemeral: Ephemeral) -> None:
        self._ephemeral = ephemeral

    def count(self, key: str, per: timedelta) -> int:
        """Count one action, and return the count."""
        return self._ephemeral.hit(key, window=per)

    def take_back(self, key: str) -> None:
        """Uncount one action that did not happen."""
        self._ephemeral.give_back(key)

    def steps(self, key: str, per: timedelta) -> Sequence[Step]:
        """Return the step that counts one action."""
        return [Hit(key, per)]

    def steps_back(self, key: str) -> Sequence[Step]:
        """Return the step that uncounts one action."""
        return [GiveBack(key)]


class NoTally:
    """The port ``StepTally`` where nothing is counted (``protection.network_limits``)."""

    def count(self, key: str, per: timedelta) -> int:  # noqa: ARG002 (the port's)
        """Return 0."""
        return 0

    def take_back(self, key: str) -> None:
        """Do nothing."""

    def steps(self, key: str, per: timedelta) -> Sequence[Step]:  # noqa: ARG002 (the port's)
        """Return no step."""
        return []

    def steps_back(self, key: str) -> Sequence[Step]:  # noqa: ARG002 (the port's)
        """Return no step."""
        return []


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
        count = self.count(key)
        difficulty = self.asks(count, done)
        if difficulty is not None:
            self.take_back(key)
            raise WorkNeeded(difficulty)
        return count

    def count(self, key: EverybodysKey | None) -> int:
        """Count one action, whatever it needs, and return the count; 0 without a key."""
        return self._tally.count(self._row(key), self._mark.per) if key is not None else 0

    def asks(self, count: int, done: WorkDone) -> int | None:
        """Return the difficulty that the ``count``-th action needs; None when enough is done."""
        difficulty = self._mark.difficulty_at(count) if self._asks_for_work else None
        return None if difficulty is None or done.is_enough(difficulty) else difficulty

    def take_back(self, key: EverybodysKey | None) -> None:
        """Uncount an action, such as a try whose password was right."""
        if key is not None:
            self._tally.take_back(self._row(key))

    def _row(self, key: EverybodysKey) -> str:
        return f"mark:{self._name}:{self._vault.digest(key.value, purpose=PURPOSE)}"


class LastingMark(SharedMark):
    """A mark in database rows."""

    def take_back_within(self, work: UnitOfWork, key: EverybodysKey) -> None:
        """Uncount an action within ``work``."""
        work.counters.settle(self.settlement(key))

    def settlement(self, key: EverybodysKey) -> Settlement:
        """Return what uncounts an action."""
        return Settlement(given_back=self._row(key))


class VanishingMark(SharedMark):
    """A mark in the ephemeral store."""

    def __init__(
        self, name: str, mark: Mark, tally: StepTally, vault: Vault, *, asks_for_work: bool = True
    ) -> None:
        super().__init__(name, mark, tally, vault, asks_for_work=asks_for_work)
        self._steps = tally

    def steps(self, key: EverybodysKey | None) -> Sequence[Step]:
        """Return the step that counts one action; none without a key."""
        return self._steps.steps(self._row(key), self._mark.per) if key is not None else []

    def steps_back(self, key: EverybodysKey | None) -> Sequence[Step]:
        """Return the step that uncounts one action; none without a key."""
        return self._steps.steps_back(self._row(key)) if key is not None else []
