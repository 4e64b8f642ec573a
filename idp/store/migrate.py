"""Migrations (Alembic), a step of their own: ``create_all`` at a start kills the second worker."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, make_url, text

from idp.store.database import POOL_WAIT
from idp.store.sql.engines import READING, build_engines
from idp.store.sql.transactions import Transactions

CONNECTION = "connection"
_LOCK = 0x7A_6D_69_67  # an advisory lock of the migrations alone; any number does
_PATIENCE = "SET LOCAL lock_timeout = '200ms'; SET LOCAL statement_timeout = 0"


def upgrade(url: str, revision: str = "head") -> str | None:
    """Migrate the database to ``revision`` in one transaction; return its revision then.

    A database newer than this version stays unchanged. Concurrent upgrades wait for each other. On
    PostgreSQL the migration waits at most 200 ms for a table lock, so that it never blocks a
    running hub (fault F27). Raises DatabaseUnavailable.
    """
    _make_folder(url)
    with _transaction(url) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            connection.exec_driver_sql(_PATIENCE)
        at = _current(connection)
        if at is None or at in revisions():
            command.upgrade(_config(connection), revision)
        return _current(connection)


def current(url: str) -> str | None:
    """Return the database's revision, None when it is empty. Raises DatabaseUnavailable."""
    with _transaction(url) as connection:
        return _current(connection)


def heads() -> tuple[str, ...]:
    """Return the newest revisions; a sound package has one."""
    return tuple(ScriptDirectory.from_config(_config()).get_heads())


def revisions() -> tuple[str, ...]:
    """Return every revision, oldest first."""
    scripts = ScriptDirectory.from_config(_config())
    return tuple(script.revision for script in scripts.walk_revisions())[::-1]


def is_behind(url: str) -> bool:
    """Return whether the database lacks a revision of this version. Raises DatabaseUnavailable.

    A newer database is not behind: during an upgrade the version before keeps running on it.
    """
    at = current(url)
    return at is None or at in revisions()[:-1]


@contextmanager
def _transaction(url: str) -> Iterator[Connection]:
    engines = build_engines(url, pool_size=1, pool_wait=POOL_WAIT)
    transactions = Transactions(engines[None], engines[READING])
    try:
        with transactions.begin() as connection:
            yield connection
    finally:
        transactions.close()


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config(connection: Connection | None = None) -> Config:
    config = Config(attributes={CONNECTION: connection})
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _make_folder(url: str) -> None:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
