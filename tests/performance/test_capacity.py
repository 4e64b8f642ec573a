"""The model of a pay day: in step with the recorded costs, and reproduced by playing the hour."""

import random
from itertools import takewhile

import pytest

from tests.performance.capacity import (
    TABLE,
    document,
    model,
    recorded_weights,
    simulate,
    steady_wait,
)
from tests.performance.payday import Queue, arrivals, erlang_c, mean_wait, play, profile

SEED = 20260321
PLAYED = "## The hour, played"


@pytest.fixture(scope="module")
def planned():
    return model(recorded_weights())


def test_the_table_is_that_of_the_recorded_costs(planned):
    def before_the_hour(lines):
        return list(takewhile(lambda line: line != PLAYED, lines))

    written = before_the_hour(TABLE.read_text("utf-8").splitlines())
    assert written == before_the_hour(document(planned)), "outdated: make capacity"


@pytest.mark.parametrize(
    ("rate", "servers", "share"), [(0.5, 1, 0.5), (1.0, 2, 1 / 3), (2.0, 2, 1.0)]
)
def test_the_share_that_waits_is_erlangs(rate, servers, share):
    assert erlang_c(rate, 1.0, servers) == pytest.approx(share)


@pytest.mark.parametrize("load", [0.6, 0.8])
def test_playing_a_steady_rate_gives_the_wait_of_the_formula(load):
    servers, service = 8, 0.07
    chance, rate = random.Random(SEED), load * servers / service
    moments = arrivals(rate, 600, chance, steady=True)
    day = play(moments, Queue(servers), lambda one: one.expovariate(1 / service), chance)
    assert day.mean == pytest.approx(mean_wait(rate, service, servers), rel=0.15)


def test_the_hours_profile_keeps_its_mean():
    steps = [profile(number / 1000) for number in range(1000)]
    assert sum(steps) / 1000 == pytest.approx(1.0, abs=0.02)


def test_the_planned_nodes_refuse_nobody_and_nobody_waits_long(planned):
    day = simulate(planned, planned.nodes, 600)
    assert day.refused == 0
    assert day.quantile(0.99) < 0.5


def test_with_one_node_away_nobody_is_refused(planned):
    assert simulate(planned, planned.nodes - 1, 600).refused == 0


def test_half_of_the_nodes_refuse_some_in_the_burst(planned):
    assert simulate(planned, planned.nodes // 2, 600).refused > 0


def test_the_formula_and_the_hour_agree_that_the_planned_nodes_are_enough(planned):
    assert steady_wait(planned, planned.nodes) < 0.1


def test_what_breaks_first_stands_first(planned):
    rates = [rate for _, rate, _ in planned.limits()]
    assert rates == sorted(rates)
