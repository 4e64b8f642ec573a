"""Garbage slows garbage (law 4)."""

from datetime import timedelta

import pytest

from idp.domain.protection.rate_limits import Limit
from idp.services.protection.garbage import Garbage
from idp.services.protection.owners_counters import TooMany
from tests.fakes import PlainVault

MINUTE = timedelta(minutes=1)


@pytest.fixture
def garbage(database, clock) -> Garbage:
    return Garbage(Limit(2, MINUTE), database.ephemeral(clock), PlainVault())


def test_the_garbage_of_a_network_is_told_to_wait_past_its_limit(garbage):
    garbage.throw_away("5.1.1.1")
    garbage.throw_away("5.1.1.1")
    with pytest.raises(TooMany) as refusal:
        garbage.throw_away("5.1.1.1")
    assert refusal.value.retry_after == MINUTE


def test_another_networks_garbage_is_another_bucket(garbage):
    for _ in range(2):
        garbage.throw_away("5.1.1.1")
    garbage.throw_away("5.1.1.2")


def test_what_is_no_address_has_no_bucket(garbage):
    for _ in range(9):
        garbage.throw_away("")


def test_switched_off_nothing_is_counted(database, clock):
    off = Garbage(None, database.ephemeral(clock), PlainVault())
    for _ in range(9):
        off.throw_away("5.1.1.1")
