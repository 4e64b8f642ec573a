from collections.abc import Iterator

import pytest

from tests.services.cases.laboratory import Laboratory


@pytest.fixture
def lab(migrated_url: str) -> Iterator[Laboratory]:
    """On SQLite, then on PostgreSQL."""
    laboratory = Laboratory(migrated_url)
    yield laboratory
    laboratory.close()
