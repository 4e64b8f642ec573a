"""Migrations (Alembic), a step of their own: ``create_all`` at a start kills the second worker.

Alembic is loaded to migrate alone: each start reads the revision, and loads nothing for it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    String,
    Table,
    delete,
    insert,
    inspect,
    make_url,
    text,
)

from idp.ports import DatabaseUnavailable
from idp.store.sql.transactions import opened

CONNECTION, APPLIED = "connection", "applied"
MIGRATIONS = Path(__file__).parent / "migrations"
_VERSIONS = Table("alembic_version", MetaData(), Column("version_num", String(32)))
_LOCK = 0x7A_6D_69_67  # an advisory lock of the migrations alone; any number does
_PATIENCE = "SET LOCAL lock_timeout = '200ms'; SET LOCAL statement_timeout = 0"


def upgrade(
    url: str, revision: str = "head", *, applied: Callable[[str], None] = lambda _: None
) -> str | None:
    """Migrate the database to ``revision`` in one transaction; return its revision then.

    A database newer than this version stays unchanged. Concurrent upgrades wait for each other. On
    PostgreSQL the migration waits at most 200 ms for a table lock, so that it never blocks a
    running hub (fault F27). ``applied`` gets the revision of each migration that has run.

    Raises DatabaseUnavailable: also when the database was restored only in part.
    """
    _make_folder(url)
    with _transaction(url) as connection:
        _take_turn(connection)
        at = revision_of(connection)
        if at is None and inspect(connection).has_table(_VERSIONS.name):
            raise DatabaseUnavailable("it was restored only in part: restore it with --replace")
        if at is None or at in revisions():
            _upgrade(connection, revision, applied)
        return revision_of(connection)


def upgrade_restored(url: str, revision: str, applied: Callable[[str], None]) -> None:
    """Migrate a restored database from ``revision`` to the newest, and leave its revision out.

    No hub starts on it before ``mark_restored``. Raises DatabaseUnavailable.
    """
    with _transaction(url) as connection:
        connection.execute(insert(_VERSIONS).values(version_num=revision))
        _upgrade(connection, "head", applied)
        connection.execute(delete(_VERSIONS))


def mark_restored(url: str) -> None:
    """Write the newest revision: the restored database may be used. Raises DatabaseUnavailable."""
    with _transaction(url) as connection:
        connection.execute(insert(_VERSIONS).values(version_num=heads()[0]))


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
    with (
        opened(url, patient=not read_only) as transactions,
        transactions.begin(read_only=read_only) as connection,
    ):
        yield connection


def revision_of(connection: Connection) -> str | None:
    """Return the database's revision, None when it is empty or was not restored to the end."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _take_turn(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        connection.exec_driver_sql(_PATIENCE)


def _upgrade(connection: Connection, revision: str, applied: Callable[[str], None]) -> None:
    from alembic import command  # noqa: PLC0415 (see above)
    from alembic.config import Config  # noqa: PLC0415

    config = Config(attributes={CONNECTION: connection, APPLIED: applied})
    config.set_main_option("script_location", str(MIGRATIONS))
    command.upgrade(config, revision)


def _make_folder(url: str) -> None:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
