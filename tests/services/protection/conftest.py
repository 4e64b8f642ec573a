from collections.abc import Iterator

import pytest

from idp.store.database import Database
from tests.fakes import FixedClock, PlainVault


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def database(migrated_sqlite_url: str) -> Iterator[Database]:
    opened = Database(migrated_sqlite_url, PlainVault())
    yield opened
    opened.close()
