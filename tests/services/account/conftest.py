"""A signed-in citizen over a real store, and everything that the account page can do."""

from collections.abc import Iterator

import pytest

from tests.services.account.own_house import OwnHouse


@pytest.fixture
def house(sqlite_url: str) -> Iterator[OwnHouse]:
    built = OwnHouse(sqlite_url)
    built.add_account()
    yield built
    built.database.close()


@pytest.fixture
def any_house(migrated_url: str) -> Iterator[OwnHouse]:
    """On SQLite, then on PostgreSQL."""
    built = OwnHouse(migrated_url)
    built.add_account()
    yield built
    built.database.close()
