"""`make bench` drives the hub's own server; what it measures is held by nobody."""

import pytest

from tests.performance import bench, hub, report
from tests.performance.limits import Prices
from tests.performance.machines import VARIANTS, Machine
from tests.performance.report import Result
from tests.performance.scenarios import SCENARIOS
from tests.performance.stores import fresh_place

pytestmark = pytest.mark.slow
PLAN = bench.Plan(
    [*SCENARIOS.values()], [VARIANTS["gunicorn"]], rounds=1, seconds=0.01, users=2, node=False
)


def result(**changes) -> Result:
    usual = {
        "ms": {"gunicorn": {"refresh": 6.0}, "node": {"refresh": 3.0}},
        "yardstick_ms": 500.0,
        "prices": Prices(request=0.5, signature=0.25, commit=0.5, hash=20.0),
        "machine": "2 cores",
        "others": 0.0,
        "plan": "3 rounds",
    }
    return Result(**{**usual, **changes})


def test_every_scenario_is_driven_over_sockets():
    with fresh_place() as place, hub.furnished(place, people=2) as house:
        measured = bench.measure(PLAN, Machine(place, house))

    assert set(measured.ms["gunicorn"]) == set(SCENARIOS)


def test_a_machine_half_as_fast_changes_no_ratio():
    slow = result(ms={"gunicorn": {"refresh": 12.0}}, yardstick_ms=1000.0)

    assert slow.change("refresh", "gunicorn", result()) == 1.0


def test_the_share_of_the_limit_is_written_down():
    assert "| refresh | 1.500 | 6.000 | 25% |" in list(report.document(result()))


def test_the_ratio_to_node_is_written_down():
    assert "| refresh | 6.000 | 3.000 | 2.00 |" in list(report.document(result()))
