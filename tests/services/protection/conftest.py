from collections.abc import Iterator

import pytest

from idp.store.database import Database
from tests.fakes import FixedClock, PlainVault
from tests.migrated import migrated


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    opened = Database(migrated(sqlite_url), PlainVault())
    yield opened
    opened.close()
