"""How many requests wait for a hash (D02)."""

from pathlib import Path

import pytest

from idp import resources
from idp.adapters.host_semaphore import HostSemaphore
from idp.settings import (
    Settings,
    hash_slots,
    load,
    places_kept_from_strangers,
    waiting_for_a_hash,
)
from idp.web.server import options
from tests.adapters.test_host_semaphore import LONG, Crowd
from tests.settings.test_settings import SECRETS


@pytest.fixture
def settings_with(tmp_path: Path):
    own = tmp_path / "own.toml"
    own.write_text(SECRETS, "utf-8")

    def read(**changes: object) -> Settings:
        two_cores = {"server__processes": 2, "server__threads": 8, "hashing__slots": 1}
        variables = {
            f"IDP__{key.upper()}": str(value) for key, value in (two_cores | changes).items()
        }
        return load([resources.settings_file("development"), own], variables)

    return read


@pytest.mark.parametrize(
    ("changes", "places"),
    [
        ({}, 40),
        ({"server__processes": 1, "hashing__queue_seconds": 1.0}, 40),
        ({"server__processes": 3}, 27),
        ({"hashing__queue_seconds": 0.01}, 1),
        ({"hashing__slots": 15}, 64),
        ({"hashing__queue": 3}, 3),
    ],
)
def test_the_queue_holds_what_is_answered_in_time(settings_with, changes, places):
    assert waiting_for_a_hash(settings_with(**changes)) == places


def test_slots_that_are_not_set_are_those_of_the_machine(settings_with):
    assert hash_slots(settings_with(hashing__slots=0)) >= 1


def test_who_waits_has_threads_beside_those_that_serve(settings_with):
    assert options(settings_with())["threads"] == 48


def test_half_of_the_serving_threads_never_wait_for_a_hash(settings_with):
    settings = settings_with()
    most = waiting_for_a_hash(settings) + 2 * places_kept_from_strangers(settings)
    assert options(settings)["threads"] - most == settings.server.threads / 2


def test_eight_strangers_at_one_process_are_all_served_by_one_slot(settings_with, tmp_path):
    queue = waiting_for_a_hash(settings_with())
    slots = HostSemaphore(folder=tmp_path / "slots", count=1, queue=queue, wait=LONG)
    crowd = Crowd(slots)
    with slots.one():
        for name in "abcdefgh":
            crowd.come(name)
    crowd.end()
    assert (crowd.served, crowd.refused) == (list("abcdefgh"), [])
