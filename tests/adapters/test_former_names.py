"""Alarms and events that were renamed are found by their former name for one release."""

import re

import pytest

from idp.adapters.logs import FORMER_NAMES, add_former_name
from tests.architecture.sources import ROOT


@pytest.mark.parametrize(("name", "former"), FORMER_NAMES.items())
def test_a_renamed_event_carries_its_former_name(name, former):
    assert add_former_name(None, "error", {"event": name})["formerly"] == former


@pytest.mark.parametrize(("name", "former"), FORMER_NAMES.items())
def test_a_renamed_alarm_of_any_event_does_too(name, former):
    line = {"event": "worker_waits_for_database", "alarm": name}
    assert add_former_name(None, "error", line)["formerly"] == former


def test_other_lines_stay_as_they_are():
    line = {"event": "audit_head", "number": 7}
    assert add_former_name(None, "info", line) == line


def test_the_document_lists_all_former_names():
    text = (ROOT / "docs" / "operate" / "logs.md").read_text("utf-8")
    section = text.partition("## Former names")[2].partition("\n## ")[0]
    assert dict(re.findall(r"^\| `(\w+)` \| `(\w+)` \|$", section, re.M)) == FORMER_NAMES
