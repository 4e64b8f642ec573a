"""Limits by network, phone and account; an answer past a limit is alike for known and unknown."""

from datetime import timedelta

from idp.domain.errors import DomainError
from idp.domain.limits import (
    CODE_TRIES_PER_PHONE,
    NETWORK_LIMITS,
    NetworkAction,
    network_of,
)
from idp.ports import Begin, Clock, Ephemeral


class TooMany(DomainError):
    """A limit is reached; the page says so with 429 and Retry-After."""

    code = "too_many"

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__(self.code)
        self.retry_after = retry_after


class Throttle:
    """Counts actions. Network counters may vanish; phone and account counters are rows."""

    def __init__(
        self, begin: Begin, ephemeral: Ephemeral, clock: Clock, *, by_network: bool
    ) -> None:
        self._begin = begin
        self._ephemeral = ephemeral
        self._clock = clock
        self._by_network = by_network

    def network(self, action: NetworkAction, address: str) -> None:
        """Count ``action`` for the network of ``address``. Raises TooMany past its limit."""
        if not self._by_network:
            return
        limit = NETWORK_LIMITS[action]
        count = self._ephemeral.hit(f"net:{action}:{network_of(address)}", window=limit.per)
        if count > limit.count:
            raise TooMany(limit.per)

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
