"""Migrations (Alembic), a step of their own: ``create_all`` at a start kills the second worker.

Alembic is loaded to migrate alone: each start reads the revision, and loads nothing for it.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import timedelta
from pathlib import Path
from time import sleep

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, make_url, text
from sqlalchemy.exc import DBAPIError

from idp.ports import DatabaseUnavailable
from idp.store.sql.engines import POOL_WAIT, build_engines
from idp.store.sql.transactions import is_away, opened

CONNECTION, TELL = "connection", "tell"
MIGRATIONS = Path(__file__).parent / "migrations"
_RESTORE = MetaData()
_VERSIONS = Table("alembic_version", _RESTORE, Column("version_num", String(32)))
_UNFINISHED = Table("restore_unfinished", _RESTORE, Column("revision", String(32)))
"""There while a restored database may not be used."""
LOCK = 0x7A_6D_69_67  # an advisory lock of the migrations alone; any number does
_LOCKED = frozenset({"55P03", "40P01"})
"""PostgreSQL's states for a lock that was not free in time, and for a deadlock."""
POSTGRESQL = "postgresql"
LOCK_WAIT_MS = 200
LOCK_TRIES = 60
LOCK_PAUSE = timedelta(seconds=1)


class TableLocked(DatabaseUnavailable):
    """Other transactions keep a table that a migration must change."""


def upgrade(
    url: str,
    revision: str = "head",
    *,
    tell: Callable[[str], None] = lambda _: None,
    pause: Callable[[float], None] = sleep,
) -> str | None:
    """Migrate the database to ``revision``, each revision in a transaction; return where it is.

    A database newer than this version stays unchanged. Concurrent upgrades wait for each other.
    ``tell`` gets a line for each step and each wait.

    On PostgreSQL a migration waits at most 200 ms for a lock, so that it never blocks a running hub
    (fault F27). Then it is tried again, for a minute.

    Raises DatabaseUnavailable: also when the database was restored only in part.
    """
    _make_folder(url)
    for tries in range(1, LOCK_TRIES + 1):
        try:
            return _upgraded(url, revision, tell, pause)
        except TableLocked:
            if tries == LOCK_TRIES:
                raise
            tell(f"a table is in use; try {tries + 1} of {LOCK_TRIES}")
            pause(LOCK_PAUSE.total_seconds())
    raise AssertionError("unreachable")


def upgrade_restored(url: str, revision: str, tell: Callable[[str], None]) -> None:
    """Migrate a restored database, whose revision is left out, from ``revision`` to the newest.

    No hub starts on it before ``mark_restored``. Raises DatabaseUnavailable.
    """
    with _connection(url) as connection, _alone(connection, tell, sleep):
        with _begun(connection):
            _UNFINISHED.create(connection)
            connection.execute(_VERSIONS.insert().values(version_num=revision))
        _upgrade(connection, "head", tell)


def mark_restored(url: str) -> None:
    """Let the restored database be used. Raises DatabaseUnavailable."""
    with _connection(url) as connection, connection.begin():
        _UNFINISHED.drop(connection)


def current(url: str) -> str | None:
    """Return the database's revision, None when it is empty. Raises DatabaseUnavailable."""
    with opened(url) as database, database.begin(read_only=True) as connection:
        return revision_of(connection)


def heads() -> tuple[str, ...]:
    """Return the newest revision; a tuple, for Alembic knows several."""
    return revisions()[-1:]


def revisions() -> tuple[str, ...]:
    """Return every revision, oldest first: the numbers before the names of the scripts."""
    scripts = (MIGRATIONS / "versions").glob("[0-9]*_*.py")
    return tuple(sorted(script.name.partition("_")[0] for script in scripts))


def script(revision: str) -> Path:
    """Return the file of a revision of this version."""
    (found,) = (MIGRATIONS / "versions").glob(f"{revision}_*.py")
    return found


def is_behind(url: str) -> bool:
    """Return whether the database lacks a revision of this version. Raises DatabaseUnavailable."""
    return is_older(current(url))


def is_older(revision: str | None) -> bool:
    """Return whether a database at this revision lacks one of this version.

    A newer one does not: during an upgrade the version before keeps running on it.
    """
    return revision is None or revision in revisions()[:-1]


def _upgraded(
    url: str, revision: str, tell: Callable[[str], None], pause: Callable[[float], None]
) -> str | None:
    with _connection(url) as connection, _alone(connection, tell, pause):
        with _begun(connection):
            at = revision_of(connection)
            if at is None and inspect(connection).has_table(_VERSIONS.name):
                raise DatabaseUnavailable("it was restored only in part: restore it with --replace")
        if at is None or at in revisions():
            _upgrade(connection, revision, tell)
        with _begun(connection):
            return revision_of(connection)


@contextmanager
def _connection(url: str) -> Iterator[Connection]:
    """Yield a connection whose statements may take their time, but not to wait for a lock."""
    engines = build_engines(url, pool_size=1, pool_wait=POOL_WAIT, patient=True)
    try:
        with engines[None].connect() as connection:
            if connection.dialect.name == POSTGRESQL:
                with connection.begin():
                    connection.exec_driver_sql(f"SET lock_timeout = '{LOCK_WAIT_MS}ms'")
            yield connection
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) in _LOCKED:
            raise TableLocked("a table stays in use: `idp upgrade check` says by whom") from error
        if is_away(error, read_only=False):
            raise DatabaseUnavailable(type(error.orig).__name__) from error
        raise
    finally:
        for engine in engines.values():
            engine.dispose()


@contextmanager
def _alone(
    connection: Connection, tell: Callable[[str], None], pause: Callable[[float], None]
) -> Iterator[None]:
    """Hold the lock of the migrations, which ends with the connection at the latest.

    Asked for again and again, not waited for: a statement that waits would itself keep
    ``CREATE INDEX CONCURRENTLY`` waiting.
    """
    if connection.dialect.name != POSTGRESQL:
        # One transaction: it waits for nobody but another upgrade.
        with connection.begin():
            yield
        return
    while not _ask(connection, "pg_try_advisory_lock"):
        tell("another upgrade is under way")
        pause(LOCK_PAUSE.total_seconds())
    yield
    connection.rollback()  # what Alembic looks at without a revision to run stays begun
    _ask(connection, "pg_advisory_unlock")


def _ask(connection: Connection, function: str) -> bool:
    with connection.begin():
        return bool(connection.scalar(text(f"SELECT {function}(:lock)"), {"lock": LOCK}))


def _begun(connection: Connection) -> AbstractContextManager[object]:
    """Return a transaction of its own; on SQLite the whole upgrade is one already."""
    return nullcontext() if connection.in_transaction() else connection.begin()


def revision_of(connection: Connection) -> str | None:
    """Return the database's revision, None when it is empty or was not restored to the end."""
    tables = inspect(connection)
    if not tables.has_table(_VERSIONS.name) or tables.has_table(_UNFINISHED.name):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _upgrade(connection: Connection, revision: str, tell: Callable[[str], None]) -> None:
    from alembic import command  # noqa: PLC0415 (see above)
    from alembic.config import Config  # noqa: PLC0415

    config = Config(attributes={CONNECTION: connection, TELL: tell})
    config.set_main_option("script_location", str(MIGRATIONS))
    command.upgrade(config, revision)


def _make_folder(url: str) -> None:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
