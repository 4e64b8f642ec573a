"""Migrated, empty databases of both kinds, migrated once a process."""

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, text

from idp.store.database import Database
from idp.store.sql.tables import metadata
from tests.fakes import FixedClock, PlainVault
from tests.migrated import migrated


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str, worker_id: str) -> str:
    name = f"migrated_{worker_id}"
    engine = create_engine(postgres_server.format("postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}"'))
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return migrated(postgres_server.format(name))


@pytest.fixture
def migrated_sqlite_url(sqlite_url: str) -> str:
    return migrated(sqlite_url)


@pytest.fixture
def migrated_postgres_url(migrated_postgres: str) -> str:
    # Emptied, not made anew: CREATE DATABASE takes a second on a busy machine.
    names = ", ".join(table.name for table in metadata.sorted_tables)
    engine = create_engine(migrated_postgres)
    with engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY"))
    engine.dispose()
    return migrated_postgres


@pytest.fixture(params=["sqlite", "postgres"])
def migrated_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty, migrated database; the test runs once on SQLite, once on PostgreSQL."""
    url: str = request.getfixturevalue(f"migrated_{request.param}_url")
    return url


@pytest.fixture
def database(migrated_url: str) -> Iterator[Database]:
    opened = Database(migrated_url, PlainVault())
    yield opened
    opened.close()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()
