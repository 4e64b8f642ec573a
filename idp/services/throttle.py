"""Limits by network, phone and account; an answer past a limit is alike for known and unknown."""

from idp.domain.limits import (
    CODE_TRIES_PER_PHONE,
    NETWORK_LIMITS,
    WORK_FROM,
    NetworkAction,
)
from idp.domain.rate_limits import network_of
from idp.ports import Begin, Clock, Ephemeral
from idp.services.owners_counters import TooMany
from idp.services.shared_marks import WorkNeeded

__all__ = ["Throttle", "TooMany", "WorkNeeded"]


class Throttle:
    """Counts actions. Network counters may vanish; phone and account counters are rows."""

    def __init__(
        self,
        begin: Begin,
        ephemeral: Ephemeral,
        clock: Clock,
        *,
        by_network: bool,
        asks_for_work: bool = False,
    ) -> None:
        self._begin = begin
        self._ephemeral = ephemeral
        self._clock = clock
        self._by_network = by_network
        self._asks_for_work = asks_for_work

    def network(self, action: NetworkAction, address: str, *, has_worked: bool = False) -> None:
        """Count ``action`` for the network of ``address``, unless it was when work was asked.

        Raises:
            TooMany: past the limit of the action.
            WorkNeeded: a proof of work comes first.
        """
        if not has_worked and self.is_crowded(action, address):
            raise WorkNeeded

    def is_crowded(self, action: NetworkAction, address: str) -> bool:
        """Count ``action``, and tell whether it needs a proof of work. Raises TooMany.

        Where work is asked from the limit on, it replaces the refusal.
        """
        network = network_of(address)
        if not self._by_network or network is None:
            return False
        limit = NETWORK_LIMITS[action]
        count = self._ephemeral.hit(f"net:{action}:{network}", window=limit.per)
        work_from = WORK_FROM.get(action) if self._asks_for_work else None
        if count > limit.count and work_from != limit.count:
            raise TooMany(limit.per)
        return work_from is not None and count > work_from

    def code_try_of(self, phone_key: str) -> None:
        """Count one try at a code of the phone over all purposes. Raises TooMany past 20 a day."""
        with self._begin() as work:
            taken = work.counters.take(
                f"code_try:{phone_key}",
                limit=CODE_TRIES_PER_PHONE.count,
                per=CODE_TRIES_PER_PHONE.per,
                now=self._clock(),
            )
        if not taken.allowed:
            raise TooMany(taken.retry_after)
