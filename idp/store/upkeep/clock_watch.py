"""Clock skew between this machine and PostgreSQL, measured at each connect and minute of use."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError

from idp.ports import Clock, ClockSkew

LOOK_EVERY = timedelta(minutes=1)
FURTHEST_APART = timedelta(seconds=30)

log = structlog.get_logger("idp.clock")


class ClockWatch:
    """Compares the clocks as connections are opened or taken from the pool; it has none of its own.

    Tokens signed under clock skew would be valid too long, or not yet (fault F20).
    """

    def __init__(self, engines: Sequence[Engine], clock: Clock) -> None:
        self._clock = clock
        self._failures = engines[0].dialect.loaded_dbapi.Error
        self._looked_at: datetime | None = None
        self._ahead = timedelta(0)
        for engine in engines:
            event.listen(engine, "connect", self._connected)
            event.listen(engine, "checkout", self._taken)

    def ahead(self) -> timedelta:
        """Return by how much this machine's clock was ahead of the database's; behind: negative."""
        return self._ahead

    def require_agreement(self) -> None:
        """Raise ClockSkew when the clocks were more than 30 s apart at the last comparison."""
        if abs(self._ahead) > FURTHEST_APART:
            raise ClockSkew(_in_words(self._ahead))

    def _connected(self, connection: DBAPIConnection, _record: object) -> None:
        self._look(connection)

    def _taken(self, connection: DBAPIConnection, _record: object, _proxy: object) -> None:
        # ``abs``: a clock that was set back by an hour must not go unnoticed for an hour.
        if self._looked_at and abs(self._clock() - self._looked_at) < LOOK_EVERY:
            return
        try:
            self._look(connection)
        except self._failures as error:
            # A dead connection of the pool: SQLAlchemy opens another one in its place.
            raise DisconnectionError(type(error).__name__) from error

    def _look(self, connection: DBAPIConnection) -> None:
        self._looked_at = before = self._clock()
        at_database = _time_of(connection)
        self._ahead = before + (self._clock() - before) / 2 - at_database
        if abs(self._ahead) > FURTHEST_APART:
            seconds = round(self._ahead.total_seconds())
            log.error("clock_skew", alarm="clock_skew", ahead_seconds=seconds)


def _time_of(connection: DBAPIConnection) -> datetime:
    cursor = connection.cursor()
    try:
        cursor.execute("SELECT clock_timestamp()")
        row: Any = cursor.fetchone()
    finally:
        cursor.close()
        connection.rollback()
    at: datetime = row[0]
    return at


def _in_words(ahead: timedelta) -> str:
    seconds = round(abs(ahead.total_seconds()))
    where = "ahead of" if ahead > timedelta(0) else "behind"
    return f"this machine is {seconds} s {where} the database"
