"""Connections to PostgreSQL: to which server, for how long, and which are lost (faults F09 to F12).

Loaded only for an address of PostgreSQL: its driver is an extra of the package.
"""

import select
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from threading import Lock
from time import monotonic
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus
from sqlalchemy import Dialect, Engine, event
from sqlalchemy.exc import DisconnectionError

CONNECT_TIMEOUT = timedelta(seconds=2)
"""For each host of the address; libpq's least."""
ANSWER_TIMEOUT = timedelta(seconds=4)
"""After this long without an answer, a connection is given up: PostgreSQL itself ends a statement
after 2.5 s (``statement_timeout``), so its machine or the network is gone."""
SHORTEST_REST, REST = timedelta(seconds=0.02), timedelta(seconds=0.5)
"""For how long nobody tries after a failure: as long as the failed try took, within these bounds.
A server that starts refuses within a millisecond; what has ended must not be told for longer."""
NETWORK = {
    "connect_timeout": int(CONNECT_TIMEOUT.total_seconds()),
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": int(ANSWER_TIMEOUT.total_seconds() * 1000),
}
_POLL = 0.1
T = TypeVar("T")


def network(query: Mapping[str, object], *, only_reads: bool) -> dict[str, Any]:
    """Return libpq's parameters of the network; what the address itself says counts first.

    Of several hosts the one that takes writes is used, so that a failover needs no other address,
    and no statement goes to a server that follows another (fault F10).
    """
    found: dict[str, Any] = {name: value for name, value in NETWORK.items() if name not in query}
    wanted = query.get("target_session_attrs", "read-write")
    # A session that may only read is never `read-write`, whatever its server is.
    found["target_session_attrs"] = "primary" if only_reads and wanted == "read-write" else wanted
    return found


def watch(engines: Mapping[str | None, Engine], *, patient: bool) -> None:
    """Let the engines connect by one ``Gate``, and use no connection that the server has closed.

    ``patient``: statements may take as long as they need (migrations).
    """
    gate = Gate(monotonic)
    kind = psycopg.Connection if patient else ImpatientConnection

    def connect(
        _dialect: Dialect, _record: object, arguments: list[Any], parameters: dict[str, Any]
    ) -> "psycopg.Connection[Any]":
        return gate.connect(lambda: kind.connect(*arguments, **parameters))

    for engine in engines.values():
        event.listen(engine, "do_connect", connect)
        event.listen(engine, "checkout", _refuse_lost)


class Gate:
    """Lets one thread at a time find out whether an unreachable server is back.

    A machine that is gone answers nothing, and each try to connect waits for its time-out. Without
    the gate, all threads of a process would wait so, and none would answer the requests that need
    no database.
    """

    def __init__(self, seconds: Callable[[], float]) -> None:
        """``seconds`` is a clock that never goes back (``time.monotonic``)."""
        self._seconds = seconds
        self._lock = Lock()
        self._is_shut = False
        self._opens_at = 0.0
        self._successes = 0

    def connect(self, connect: Callable[[], T]) -> T:
        """Return what ``connect`` returns. Raises psycopg.OperationalError, at once while shut."""
        with self._turn():
            return connect()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        began_after, began_at = self._enter(), self._seconds()
        try:
            yield
        except psycopg.OperationalError:
            self._shut(began_after, began_at)
            raise
        with self._lock:
            self._successes += 1
            self._is_shut = False

    def _enter(self) -> int:
        """Return how many tries have succeeded. Raises psycopg.OperationalError while shut."""
        with self._lock:
            now = self._seconds()
            if self._is_shut and now < self._opens_at:
                raise psycopg.OperationalError("the server could not be reached a moment ago")
            # The others wait no longer than this thread's own try may take.
            self._opens_at = now + 2 * CONNECT_TIMEOUT.total_seconds()
            return self._successes

    def _shut(self, began_after: int, began_at: float) -> None:
        """Shut, unless another try has succeeded since: the outage that this one met is over."""
        now = self._seconds()
        rest = min(max(now - began_at, SHORTEST_REST.total_seconds()), REST.total_seconds())
        with self._lock:
            if self._successes == began_after:
                self._is_shut, self._opens_at = True, now + rest


class ImpatientConnection(psycopg.Connection[Any]):
    """A connection that is closed when an answer does not come within ``ANSWER_TIMEOUT``.

    Else a thread would wait for a machine that is gone as long as TCP does, which is minutes.
    """

    def wait(self, gen: PQGen[T], interval: float = _POLL, timeout: float | None = None) -> T:
        """Return the driver's answer. Raises psycopg.OperationalError when there is none."""
        try:
            return super().wait(gen, interval, timeout or ANSWER_TIMEOUT.total_seconds())
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                # What came later would be taken for the answer to the next statement.
                self.pgconn.finish()
            raise


def _refuse_lost(connection: Any, _record: object, _proxy: object) -> None:  # noqa: ANN401
    """Raise DisconnectionError for an idle connection on which something arrived: the server's end.

    The pool then opens another in its place, so that no request fails after a restart. The look
    costs no round trip, and nothing was sent, so that no statement can run twice.
    """
    line = select.poll()
    line.register(connection.fileno(), select.POLLIN)
    if line.poll(0):
        raise DisconnectionError("the server closed the connection")
