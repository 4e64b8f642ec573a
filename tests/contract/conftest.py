"""Migrated databases of both kinds, cheap: a test gets a copy of one that was migrated once."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from idp.store import migrate
from idp.store.database import Database
from tests.fakes import FixedClock, PlainVault


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "migrated.sqlite3"
    migrate.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str, worker_id: str) -> str:
    name = f"migrated_{worker_id}"
    with psycopg.connect(_plain(postgres_server.format("postgres")), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}"')
        connection.execute(f'CREATE DATABASE "{name}"')
    migrate.upgrade(postgres_server.format(name))
    return name


@pytest.fixture(params=["sqlite", "postgres"])
def migrated_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty, migrated database; the test runs once on SQLite, once on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    if request.param == "sqlite":
        path = make_url(url).database
        assert path
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        return url
    return _copied(url, request.getfixturevalue("migrated_postgres"))


@pytest.fixture
def database(migrated_url: str) -> Iterator[Database]:
    opened = Database(migrated_url, PlainVault())
    yield opened
    opened.close()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


def _copied(url: str, template: str) -> str:
    name = make_url(url).database
    maintenance = _plain(make_url(url).set(database="postgres").render_as_string(False))
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}"')
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return url


def _plain(url: str) -> str:
    return url.replace("+psycopg", "")
