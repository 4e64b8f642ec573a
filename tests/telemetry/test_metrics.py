"""Metrics without a sink cost nothing, and none can be counted under what it is not."""

import re
from pathlib import Path

import pytest

from idp.adapters.state_families import STATE_GAUGES
from idp.telemetry import metrics
from idp.telemetry.catalogue import ALARM_NAMES, CATALOGUE
from idp.telemetry.metrics import Counter, Gauge, Histogram
from tests.counted import counting

DOORS = Counter("doors_total", "Doors that were opened.", ("colour",))
NAME = re.compile(r"idp_[a-z]+(_[a-z]+)*")
MONITORING = (Path(__file__).parents[2] / "docs" / "operate" / "monitoring.md").read_text("utf-8")
NAMES = sorted([*STATE_GAUGES, *(metric.name for metric in CATALOGUE)])
PERSONAL = {"account", "national_id", "mobile", "ip", "address", "path", "user", "session", "case"}


def test_nothing_is_counted_without_a_sink():
    with counting() as counted:
        pass
    DOORS.add("red")
    assert counted.of(DOORS) == {}


def test_a_sink_gets_what_is_counted():
    with counting() as counted:
        DOORS.add("red")
        DOORS.add("red", by=2)
    assert counted.of(DOORS) == {("red",): 3}


def test_a_process_sends_to_one_sink_until_it_is_told_otherwise():
    with counting() as first, counting() as second:
        DOORS.add("red")
    assert (first.of(DOORS), second.of(DOORS)) == ({}, {("red",): 1})


def test_a_sink_can_be_taken_away():
    with counting() as counted:
        metrics.send_to(None)
        DOORS.add("red")
    assert counted.of(DOORS) == {}


def test_names_are_prometheus_names():
    assert [name for name in NAMES if not NAME.fullmatch(name)] == []


def test_no_name_is_given_twice():
    assert len(set(NAMES)) == len(NAMES)


def test_units_and_totals_stand_in_the_name():
    wrong = [
        metric.name
        for metric in CATALOGUE
        if metric.name.endswith("_total") is not isinstance(metric, Counter)
        or (isinstance(metric, Histogram) and not metric.name.endswith("_seconds"))
    ]
    assert wrong == []


def test_no_label_is_about_people():
    assert {label for metric in CATALOGUE for label in metric.labels} & PERSONAL == set()


@pytest.mark.parametrize("name", NAMES)
def test_the_documentation_lists_the_metric(name):
    assert f"`{name}`" in MONITORING


def test_the_documentation_lists_no_other():
    named = set(re.findall(r"^\| `(idp_\w+)`", MONITORING, re.MULTILINE))
    assert named - set(NAMES) == set()


def test_every_alarm_is_counted_from_zero():
    logs = (Path(__file__).parents[2] / "docs" / "operate" / "logs.md").read_text("utf-8")
    table = logs.partition("## Alarms")[2].partition("## Events")[0]
    rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    assert sorted(re.findall(r"`(\w+)`", "".join(rows))) == sorted(ALARM_NAMES)


def test_a_gauge_is_set():
    people = Gauge("people", "Who is in.")
    with counting() as counted:
        people.set(3)
    assert counted.gauges == {(people, ()): 3}
