"""Prometheus' programs, and the files of config/deploy that it reads."""

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.architecture.sources import ROOT

FOLDER = ROOT / "config" / "deploy" / "prometheus"
DASHBOARD = ROOT / "config" / "deploy" / "grafana" / "tamin-account.json"
RUNBOOK = (ROOT / "docs" / "operate" / "runbook.md").read_text("utf-8")
UNPACKED = ROOT / ".venv" / "prometheus"
"""By .ci/prometheus."""
ALERT = re.compile(r"^ +- alert: (\w+)$", re.MULTILINE)
RECORDED = re.compile(r"^ +- record: ([\w:]+)$", re.MULTILINE)
METRIC = re.compile(r"\bidp[_:][\w:]+")


def program(name: str) -> str:
    """Return the path of ``promtool`` or ``prometheus``; skip the test without it."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:{UNPACKED}")
    if found is None:
        pytest.skip("Prometheus is not there (Debian, Ubuntu: apt-get install prometheus)")
    return found


def text(name: str) -> str:
    """Return a file of the rules."""
    return (FOLDER / name).read_text("utf-8")


def panels() -> Iterator[Mapping[str, Any]]:
    """Yield the panels of the dashboard that ask something."""
    return (
        panel for panel in json.loads(DASHBOARD.read_text("utf-8"))["panels"] if panel_has(panel)
    )


def panel_has(panel: Mapping[str, Any]) -> bool:
    """Return whether a panel is no heading."""
    return panel["type"] != "row"


def queries() -> list[str]:
    """Return every query of the dashboard."""
    return [target["expr"] for panel in panels() for target in panel["targets"]]
