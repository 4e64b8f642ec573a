"""Databases of both kinds, with a vault that seals nothing."""

from collections.abc import Iterator

import pytest

from idp.store.database import Database
from tests.fakes import FixedClock, PlainVault


@pytest.fixture
def migrated_postgres_url(emptied_postgres_url: str) -> str:
    """The URL of a PostgreSQL database, where a plain vault may leave things in clear."""
    return emptied_postgres_url


@pytest.fixture
def database(migrated_url: str) -> Iterator[Database]:
    opened = Database(migrated_url, PlainVault())
    yield opened
    opened.close()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()
