"""Places in a queue that serves one a minute."""

from datetime import timedelta

import pytest

from idp.domain.protection.rate_limits import EverybodysKey
from idp.services.protection.places import Places
from tests.fakes import PlainVault

MINUTE = timedelta(minutes=1)
HERE = EverybodysKey.of_network("192.0.2.1")


@pytest.fixture
def places(database, clock) -> Places:
    return Places("test", MINUTE, database.ephemeral(clock), clock, PlainVault())


def test_each_place_is_a_step_after_the_one_before(places):
    first, second = places.take(HERE), places.take(HERE)
    assert second.at - first.at == MINUTE


def test_a_place_that_is_given_back_goes_to_who_comes_next(places):
    place = places.take(HERE)
    places.give_back(HERE, place.number)
    assert places.take(HERE) == place


def test_a_place_that_was_served_stays_taken(places, clock):
    served = places.take(HERE)
    clock.move(2 * MINUTE)
    waiting = places.take(HERE)
    places.give_back(HERE, served.number)
    assert places.take(HERE).at - waiting.at == MINUTE


def test_who_has_no_network_is_next_and_gives_nothing_back(places):
    place = places.take(None)
    places.give_back(None, place.number)
    assert places.take(None) == place
