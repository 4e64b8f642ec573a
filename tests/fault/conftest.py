from collections.abc import Iterator

import pytest

from tests.services.cases.laboratory import Laboratory


@pytest.fixture
def lab(database_url: str) -> Iterator[Laboratory]:
    """On SQLite, then on PostgreSQL."""
    laboratory = Laboratory(database_url)
    yield laboratory
    laboratory.close()
