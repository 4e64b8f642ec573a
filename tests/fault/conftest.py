import os
from collections.abc import Iterator

import pytest

from tests.services.laboratory import Laboratory

EVERY_DATABASE = "IDP_TEST_KILLS" in os.environ
"""Workers are killed on PostgreSQL; ``make races`` kills them on SQLite too."""


@pytest.fixture
def lab(migrated_url: str) -> Iterator[Laboratory]:
    """On SQLite, then on PostgreSQL."""
    laboratory = Laboratory(migrated_url)
    yield laboratory
    laboratory.close()


@pytest.fixture(params=["sqlite", "postgres"] if EVERY_DATABASE else ["postgres"])
def deadly_url(request: pytest.FixtureRequest) -> str:
    """The URL of a database with the newest tables, on which workers are killed."""
    url: str = request.getfixturevalue(f"migrated_{request.param}_url")
    return url
