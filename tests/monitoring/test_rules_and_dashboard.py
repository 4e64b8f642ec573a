"""Rules and dashboard name metrics that exist, and each alert leads to its part of the runbook."""

import re
import subprocess

import pytest

from idp.adapters.state_families import STATE_GAUGES
from idp.telemetry.catalogue import ALARM_NAMES, CATALOGUE
from idp.telemetry.metrics import Histogram, Metric
from tests.monitoring.monitoring import (
    ALERT,
    FOLDER,
    METRIC,
    RECORDED,
    RUNBOOK,
    panels,
    program,
    queries,
    text,
)

ALERTS = ALERT.findall(text("alerts.yml"))
HEADINGS = re.findall(r"^## (\w+)$", RUNBOOK, re.MULTILINE)


def names_of(metric: Metric) -> set[str]:
    """Return the names of a metric's series."""
    if isinstance(metric, Histogram):
        return {f"{metric.name}_{end}" for end in ("bucket", "sum", "count")}
    return {metric.name}


SERIES = {name for metric in CATALOGUE for name in names_of(metric)} | set(STATE_GAUGES)


@pytest.mark.parametrize("command", ["config prometheus.yml", "rules recording.yml alerts.yml"])
def test_promtool_finds_nothing_wrong(command):
    done = subprocess.run(
        [program("promtool"), "check", *command.split()],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_fires_when_it_should_and_at_no_other_time():
    done = subprocess.run(
        [program("promtool"), "test", "rules", "alerts.test.yml"],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_has_such_a_test():
    tested = re.findall(r"^  - name: (\w+)$", text("alerts.test.yml"), re.MULTILINE)
    assert tested == ALERTS


@pytest.mark.parametrize("name", ["recording.yml", "alerts.yml", "the dashboard"])
def test_every_metric_is_one_that_the_hub_has(name):
    asked = " ".join(queries()) if name == "the dashboard" else text(name)
    named = set(METRIC.findall(asked)) - set(RECORDED.findall(text("recording.yml")))
    assert named - SERIES == set()


def test_every_alarm_that_an_alert_names_is_one_of_the_log():
    named = [
        one
        for group in re.findall(r'alarm=~"([\w|]+)"', text("alerts.yml"))
        for one in group.split("|")
    ]
    assert set(named) - set(ALARM_NAMES) == set()


def test_the_runbook_has_a_part_for_each_alert_and_no_other():
    assert HEADINGS == ALERTS


def test_each_alert_names_its_part():
    named = re.findall(r"runbook: docs/operate/runbook\.md#(\w+)", text("alerts.yml"))
    assert named == [name.lower() for name in ALERTS]


def test_each_alert_says_how_urgent_it_is():
    severities = re.findall(r"severity: (\w+)", text("alerts.yml"))
    assert len(severities) == len(ALERTS)
    assert set(severities) == {"critical", "warning"}


def test_the_dashboard_shows_every_metric():
    recorded = text("recording.yml")
    asked = " ".join(queries())
    for name in RECORDED.findall(asked):
        assert name in recorded
    unseen = [
        metric
        for metric in (*(one.name for one in CATALOGUE), *STATE_GAUGES)
        if metric not in asked and metric not in recorded
    ]
    assert unseen == []


def test_panels_have_their_own_number_and_a_place_beside_each_other():
    found = list(panels())
    assert len({panel["id"] for panel in found}) == len(found)
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in found]
    assert len(set(places)) == len(places)
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in found)
