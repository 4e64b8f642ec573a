"""Migrations (Alembic), a step of their own: ``create_all`` at a start kills the second worker.

Alembic is loaded to migrate alone: each start reads the revision, and loads nothing for it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, inspect, make_url, text

from idp.store.database import POOL_WAIT
from idp.store.sql.engines import READING, build_engines
from idp.store.sql.transactions import Transactions

CONNECTION = "connection"
MIGRATIONS = Path(__file__).parent / "migrations"
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
        at = revision_of(connection)
        if at is None or at in revisions():
            _upgrade(connection, revision)
        return revision_of(connection)


def current(url: str) -> str | None:
    """Return the database's revision, None when it is empty. Raises DatabaseUnavailable."""
    with _transaction(url, read_only=True) as connection:
        return revision_of(connection)


def heads() -> tuple[str, ...]:
    """Return the newest revision; a tuple, for Alembic knows several."""
    return revisions()[-1:]


def revisions() -> tuple[str, ...]:
    """Return every revision, oldest first: the numbers before the names of the scripts."""
    scripts = (MIGRATIONS / "versions").glob("[0-9]*_*.py")
    return tuple(sorted(script.name.partition("_")[0] for script in scripts))


def is_behind(url: str) -> bool:
    """Return whether the database lacks a revision of this version. Raises DatabaseUnavailable."""
    return is_older(current(url))


def is_older(revision: str | None) -> bool:
    """Return whether a database at this revision lacks one of this version.

    A newer one does not: during an upgrade the version before keeps running on it.
    """
    return revision is None or revision in revisions()[:-1]


@contextmanager
def _transaction(url: str, *, read_only: bool = False) -> Iterator[Connection]:
    # A migration may take its time; a hub that starts may not.
    engines = build_engines(url, pool_size=1, pool_wait=POOL_WAIT, patient=not read_only)
    transactions = Transactions(engines[None], engines[READING])
    try:
        with transactions.begin(read_only=read_only) as connection:
            yield connection
    finally:
        transactions.close()


def revision_of(connection: Connection) -> str | None:
    """Return the database's revision, None when it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _upgrade(connection: Connection, revision: str) -> None:
    from alembic import command  # noqa: PLC0415 (see above)
    from alembic.config import Config  # noqa: PLC0415

    config = Config(attributes={CONNECTION: connection})
    config.set_main_option("script_location", str(MIGRATIONS))
    command.upgrade(config, revision)


def _make_folder(url: str) -> None:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
