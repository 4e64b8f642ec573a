"""Transactions on one engine; ``DatabaseUnavailable`` where the database is unavailable."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Lock

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolEmpty

from idp.ports import DatabaseUnavailable
from idp.store.sql.engines import BUSY_TIMEOUT, POOL_WAIT, READING, build_engines
from idp.store.sql.extension import session_scope
from idp.telemetry.catalogue import DATABASE_REFUSED

_SQLITE_ERROR = 1  # wrong SQL, a missing table
_SQLITE_READONLY = 8
_POSTGRESQL_READ_ONLY = "25006"


class Transactions:
    """Opens transactions: commit at the end of the block, roll back on an exception."""

    def __init__(self, writing: Engine, reading: Engine) -> None:
        self._writing = writing
        self._turn = Lock()
        self._reading = reading

    @contextmanager
    def begin(self, *, read_only: bool = False, alone: bool = False) -> Iterator[Connection]:
        """Yield a connection in a transaction.

        ``read_only``: a connection that cannot write, without a transaction around the block: each
        statement sees what is committed when it begins, as in a transaction at READ COMMITTED.
        ``alone``: the block is one statement that writes; PostgreSQL commits it by itself.

        Raises:
            DatabaseUnavailable: no connection, a lost one, a lock or statement that took too long,
                a full disk, or a database that became read-only.
        """
        try:
            with self._opened(read_only=read_only, alone=alone) as connection:
                yield connection
        except PoolEmpty as error:
            DATABASE_REFUSED.add("no_connection_free")
            raise DatabaseUnavailable("no connection is free") from error
        except DBAPIError as error:
            if _is_read_only(error) and not read_only:
                # The server became another's standby: new connections look for the one that writes.
                self._writing.dispose()
            if is_away(error, read_only=read_only):
                DATABASE_REFUSED.add("unavailable")
                raise DatabaseUnavailable(type(error.orig).__name__) from error
            raise

    def close(self) -> None:
        """Close the idle connections."""
        self._writing.dispose()
        self._reading.dispose()

    def forget_connections(self) -> None:
        """Drop the parent's connections unclosed; for the child process, right after a fork."""
        self._turn = Lock()
        self._writing.dispose(close=False)
        self._reading.dispose(close=False)

    def _opened(self, *, read_only: bool, alone: bool) -> AbstractContextManager[Connection]:
        if read_only:
            return self._reading.connect()
        if alone and self._writing.name == "postgresql":
            return self._writing.connect().execution_options(isolation_level="AUTOCOMMIT")
        return self._write()

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        with self._in_turn(), session_scope() as session, session.begin():
            yield session.connection({"bind": self._writing})

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """Queue writing threads for SQLite, whose own waiting is unordered and lasts seconds."""
        if self._writing.name != "sqlite":
            yield
            return
        turn = self._turn
        if not turn.acquire(timeout=BUSY_TIMEOUT.total_seconds()):
            raise DatabaseUnavailable("another transaction writes")
        try:
            yield
        finally:
            turn.release()


@contextmanager
def opened(url: str, *, patient: bool = False) -> Iterator[Transactions]:
    """Yield transactions on the database at ``url``, by one connection of each kind; close them.

    ``patient``: statements may take as long as they need.
    """
    engines = build_engines(url, pool_size=1, pool_wait=POOL_WAIT, patient=patient)
    transactions = Transactions(engines[None], engines[READING])
    try:
        yield transactions
    finally:
        transactions.close()


def is_away(error: DBAPIError, *, read_only: bool) -> bool:
    """Return whether the database is unavailable, or may not be written to by who would write."""
    if error.connection_invalidated:
        return True
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF != _SQLITE_ERROR and not _is_our_write(code & 0xFF, read_only)
    if _is_read_only(error):
        return not read_only
    return isinstance(error, OperationalError)


def _is_read_only(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) == _POSTGRESQL_READ_ONLY


def _is_our_write(code: int, read_only: bool) -> bool:  # noqa: FBT001
    return read_only and code == _SQLITE_READONLY
