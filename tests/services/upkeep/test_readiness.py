"""Readiness: what decides, and what is only told."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from idp.adapters.maintenance_file import MaintenanceFile
from idp.ports import (
    ClockSkew,
    DatabaseHealth,
    DatabaseUnavailable,
    KeyStoreError,
    Maintenance,
)
from idp.services.upkeep.readiness import Readiness, Ready
from tests.fakes import NOON, FixedClock


@dataclass
class Parts:
    """Parts that can be broken."""

    sign: MaintenanceFile
    broken: dict[str, Exception] = field(default_factory=dict)
    redis: bool | None = None
    health: DatabaseHealth = field(
        default_factory=lambda: DatabaseHealth(
            revision="0004", is_current=True, oldest_case=None, oldest_job=None
        )
    )

    def _answer(self, part: str, answer: object = None) -> object:
        if part in self.broken:
            raise self.broken[part]
        return answer

    def look(self) -> Ready:
        return Readiness(
            clock=FixedClock(),
            database=lambda: self._answer("database", self.health),
            keys=lambda: self._answer("keys"),
            maintenance=self.sign,
            redis=None if self.redis is None else lambda: self.redis,
        ).look()


@pytest.fixture
def parts(tmp_path) -> Parts:
    return Parts(MaintenanceFile(tmp_path))


def test_a_process_whose_parts_are_well_is_ready(parts):
    assert parts.look().is_ready


@pytest.mark.parametrize(
    ("part", "error"),
    [
        ("database", DatabaseUnavailable()),
        ("keys", KeyStoreError("no key")),
        ("keys", ClockSkew()),
        ("keys", DatabaseUnavailable()),
    ],
    ids=lambda one: type(one).__name__ if isinstance(one, Exception) else one,
)
def test_a_process_that_cannot_read_or_sign_is_not_ready(parts, part, error):
    parts.broken[part] = error
    assert not parts.look().is_ready


def test_a_process_with_old_tables_is_not_ready(parts):
    parts.health = DatabaseHealth(
        revision="0001", is_current=False, oldest_case=None, oldest_job=None
    )
    assert not parts.look().is_ready


def test_a_process_without_its_redis_is_ready(parts):
    parts.redis = False
    assert parts.look().is_ready


def test_a_process_in_maintenance_is_ready_for_it_has_a_page_to_show(parts):
    parts.sign.hang_out(Maintenance(None))
    assert parts.look().is_ready


def test_the_details_name_each_part(parts):
    parts.redis = False
    parts.health = DatabaseHealth(
        revision="0004",
        is_current=True,
        oldest_case=NOON - timedelta(hours=2),
        oldest_job=NOON - timedelta(seconds=90),
    )
    assert parts.look().details() == {
        "checks": {"database": "ok", "migrations": "ok", "keys": "ok", "redis": "failed"},
        "maintenance": False,
        "revision": "0004",
        "oldest_undecided_case_seconds": 7200,
        "oldest_due_job_seconds": 90,
    }


def test_without_a_redis_the_details_name_none(parts):
    assert "redis" not in parts.look().details()["checks"]
