"""Owner's counters: only their owner can raise them, so they alone may refuse.

tries = OwnersTries("password", backoff, clock, vault)
tries.take(work, OwnersKey.of_device(device))            # raises TooMany(until when)

codes = OwnersCounter("code", (Limit(10, HOUR), Limit(30, DAY)), clock, vault)
taken = codes.take(work, OwnersKey.of_account(account))  # taken.allowed, taken.retry_after
codes.require(work, OwnersKey.of_account(account))       # the same, raising TooMany
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from idp.domain.errors import DomainError
from idp.domain.protection.rate_limits import Limit, OwnersKey
from idp.ports import (
    Backoff,
    Clock,
    Settlement,
    Taken,
    Vault,
)
from idp.store.unit_of_work import UnitOfWork

PURPOSE = "owners_counter"


class TooMany(DomainError):
    """The owner's limit is reached; the response is 429 with Retry-After."""

    code = "too_many"

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__(self.code)
        self.retry_after = retry_after


class OwnersCounter:
    """Counts one kind of action by owner, in database rows: no restart or flush resets them."""

    def __init__(self, name: str, limits: Sequence[Limit], clock: Clock, vault: Vault) -> None:
        self._name = name
        self._limits = tuple(limits)
        self._clock = clock
        self._vault = vault

    def take(self, work: UnitOfWork, key: OwnersKey) -> Taken:
        """Count one action within ``work``; past a limit, refuse it and return the wait.

        Of several limits the longest wait is returned. A refused action is not counted.
        """
        taken = [self._take(work, key, limit) for limit in self._limits]
        refused = [one for one in taken if not one.allowed]
        if not refused:
            return taken[0]
        self.give_back(work, key)
        return max(refused, key=lambda one: one.retry_after)

    def require(self, work: UnitOfWork, key: OwnersKey) -> None:
        """Count one action within ``work``. Raises TooMany past a limit, without counting."""
        taken = self.take(work, key)
        if not taken.allowed:
            raise TooMany(taken.retry_after)

    def full_until(self, work: UnitOfWork, key: OwnersKey) -> datetime | None:
        """Return when the next action is allowed; None when it is allowed now."""
        now = self._clock()
        ends = (
            work.counters.full_until(self._row(key, limit), limit.count, now)
            for limit in self._limits
        )
        return max((end for end in ends if end is not None), default=None)

    def is_used(self, work: UnitOfWork, key: OwnersKey) -> bool:
        """Return whether an action is counted still: one within the time of a limit."""
        now = self._clock()
        rows = (self._row(key, limit) for limit in self._limits)
        return any(work.counters.full_until(row, 1, now) is not None for row in rows)

    def give_back(self, work: UnitOfWork, key: OwnersKey) -> None:
        """Uncount one action that did not happen."""
        for limit in self._limits:
            work.counters.give_back(self._row(key, limit))

    def _take(self, work: UnitOfWork, key: OwnersKey, limit: Limit) -> Taken:
        row = self._row(key, limit)
        return work.counters.take(row, limit=limit.count, per=limit.per, now=self._clock())

    def _row(self, key: OwnersKey, limit: Limit) -> str:
        seconds = int(limit.per.total_seconds())
        return f"own:{self._name}:{seconds}:{self._vault.digest(key.value, purpose=PURPOSE)}"


class OwnersTries:
    """Counts tries at a secret by owner: some are free, then a backoff doubles."""

    def __init__(self, name: str, backoff: Backoff, clock: Clock, vault: Vault) -> None:
        self._name = name
        self._backoff = backoff
        self._clock = clock
        self._vault = vault

    def take(self, work: UnitOfWork, key: OwnersKey) -> None:
        """Count one try within ``work``, before its result is known (attack SE10).

        Raises:
            TooMany: the backoff is running; the try is not counted.
        """
        taken = work.counters.take_try(self._row(key), self._backoff, self._clock())
        if not taken.allowed:
            raise TooMany(taken.retry_after)

    def give_back(self, work: UnitOfWork, key: OwnersKey) -> None:
        """Uncount, within ``work``, a try that was not verified. A running backoff continues."""
        work.counters.give_back(self._row(key))

    def settlement(self, key: OwnersKey) -> Settlement:
        """Return what forgets the tries: the last one was right."""
        return Settlement(cleared=self._row(key))

    def _row(self, key: OwnersKey) -> str:
        return f"tries:{self._name}:{self._vault.digest(key.value, purpose=PURPOSE)}"
