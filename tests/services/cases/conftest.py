from collections.abc import Iterator

import pytest

from tests.services.cases.laboratory import Laboratory, persona_of


@pytest.fixture
def lab(sqlite_url: str) -> Iterator[Laboratory]:
    laboratory = Laboratory(sqlite_url)
    yield laboratory
    laboratory.close()


@pytest.fixture
def any_lab(database_url: str) -> Iterator[Laboratory]:
    """On SQLite, then on PostgreSQL."""
    laboratory = Laboratory(database_url)
    yield laboratory
    laboratory.close()


@pytest.fixture
def person(lab: Laboratory):
    """A citizen whom the civil registry knows, and what that citizen submits."""
    application, known = persona_of("ok_male")
    lab.registries.people[application.national_id.value] = known
    return application


@pytest.fixture
def person_of_any_lab():
    """What a citizen submits."""
    return persona_of("ok_male")[0]
