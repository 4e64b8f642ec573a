"""Clients in memory, read anew when any client has changed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from idp.domain.clients.client import Client
from idp.store.clients.clients import Clients
from idp.store.sql.transactions import Transactions
from idp.telemetry.catalogue import CACHE_LOOKUPS

LOOK_EVERY = timedelta(seconds=1)
"""How late a process may see another's change of a client, a suspension say."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """The clients that were read since the ``changes`` number was ``number``."""

    number: int | None = None
    by_id: dict[str, Client] = field(default_factory=dict)
    every: list[Sequence[Client]] = field(default_factory=list)
    """Empty, or all clients."""


class ClientCache:
    """Registered clients, each read and parsed once until one of them changes.

    A change by this process counts at once, by another one after ``LOOK_EVERY``. Unknown ids are
    looked up each time: there are more of them than memory.
    """

    def __init__(self, transactions: Transactions, seconds: Callable[[], float]) -> None:
        """``seconds`` is a clock that never goes back (``time.monotonic``)."""
        self._transactions = transactions
        self._seconds = seconds
        self._seen = _Seen()
        self._looked_at: float | None = None

    def find(self, client_id: str) -> Client | None:
        """Return the client, or None. Raises DatabaseUnavailable."""
        seen = self._current()
        client = seen.by_id.get(client_id)
        CACHE_LOOKUPS.add("clients", "hit" if client else "miss")
        if client is None:
            with self._transactions.begin(read_only=True) as connection:
                client = Clients(connection).find(client_id)
            if client is not None:
                # Into what was seen before the look: a change meanwhile has replaced that.
                seen.by_id[client_id] = client
        return client

    def all(self) -> Sequence[Client]:
        """Return every client, by id. Raises DatabaseUnavailable."""
        seen = self._current()
        if not seen.every:
            with self._transactions.begin(read_only=True) as connection:
                seen.every.append(Clients(connection).list())
        return seen.every[0]

    def forget(self) -> None:
        """Read clients anew from now on: this process has changed one."""
        self._seen = _Seen()
        self._looked_at = None

    def _current(self) -> _Seen:
        now = self._seconds()
        if self._looked_at is None or now - self._looked_at >= LOOK_EVERY.total_seconds():
            with self._transactions.begin(read_only=True) as connection:
                number = Clients(connection).changes()
            if number != self._seen.number:
                self._seen = _Seen(number)
            self._looked_at = now
        return self._seen
