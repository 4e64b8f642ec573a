from collections.abc import Iterator

import pytest

from tests.unit.services.signin.house import House


@pytest.fixture
def house(sqlite_url: str) -> Iterator[House]:
    built = House(sqlite_url)
    built.add_account()
    yield built
    built.database.close()


@pytest.fixture
def guide_house(sqlite_url: str) -> Iterator[House]:
    """As the guide has it: no codes."""
    built = House(sqlite_url, codes_on=False)
    built.add_account()
    yield built
    built.database.close()


@pytest.fixture
def any_house(migrated_url: str) -> Iterator[House]:
    """On SQLite, then on PostgreSQL."""
    built = House(migrated_url)
    built.add_account()
    yield built
    built.database.close()
