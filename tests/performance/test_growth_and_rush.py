"""`make growth`, `make rush` and `make footprint` drive the hub's own server."""

from contextlib import ExitStack
from dataclasses import replace

import psycopg
import pytest

from tests.migrated import DRIVER
from tests.performance import bench, footprint, growth, hub, rush
from tests.performance.growth import Size
from tests.performance.machines import VARIANTS, Machine, targets
from tests.performance.scenarios import SCENARIOS
from tests.performance.stores import fresh_place

pytestmark = pytest.mark.slow
PLAN = bench.Plan(
    [SCENARIOS["single_sign_on"]], [VARIANTS["gunicorn"]], rounds=1, seconds=0.3, users=2
)
SMALL, LARGE = Size("small", 10, 3), Size("large", 30, 4)


@pytest.fixture(scope="module")
def machine():
    with fresh_place() as place, hub.furnished(place, people=4) as house:
        yield Machine(place, house)


def test_hubs_of_two_sizes_are_measured_side_by_side():
    with fresh_place() as place, ExitStack() as stack:
        running = [
            stack.enter_context(growth.serving(place, size, number, people=2))
            for number, size in enumerate((SMALL, LARGE))
        ]
        ms, busy = growth.measure(PLAN, running)

    assert "| operation | 10 accounts, 3 clients | 30 accounts, 4 clients | large ÷ small |" in (
        growth.document(PLAN, SMALL, LARGE, ms, busy)
    )


def test_a_hub_is_filled_up_to_its_size(machine: Machine):
    growth.fill(machine.place, machine.house, LARGE)

    with psycopg.connect(machine.place.database.replace(DRIVER, "")) as connection:
        counted = connection.execute(
            "SELECT (SELECT count(*) FROM accounts), (SELECT count(*) FROM clients)"
        )
        assert counted.fetchone() == (30, 4)


def test_growth_is_the_middle_ratio_of_neighbouring_windows():
    assert growth.ratio([1.0, 2.0, 4.0], [1.1, 2.0, 40.0]) == 1.1


def test_refreshes_and_sign_ins_are_counted_side_by_side(machine: Machine):
    with targets(machine, PLAN.variants, node=False) as running:
        seen = rush.window(running[0], PLAN.users, seconds=2.0)

    assert (seen.refreshes > 0, seen.sign_ins > 0, seen.refused) == (True, True, 0)


def test_memory_is_measured_in_each_web_process(machine: Machine):
    with targets(machine, PLAN.variants, node=False) as running:
        found = footprint.loaded(PLAN, running[0])

    assert [memory.resident > memory.proportional for memory in found] == [True, True]


def test_a_start_takes_time_of_the_clock_and_of_the_processor(machine: Machine):
    starts = footprint.cold_starts(replace(PLAN, rounds=1), machine)

    assert [start.cpu > 0 for start in starts["gunicorn"]] == [True]
