"""The variables of the Makefile's commands."""

import re

import pytest

from tests.architecture.sources import ROOT

MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
OF_ALL = {"PYTHON"}
DEFAULTS = sorted(set(re.findall(r"^(\w+) \?= ", MAKEFILE, re.MULTILINE)) - OF_ALL)


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_default_is_that_of_one_command(name):
    """A second command would get it in place of its own."""
    rules = re.split(r"^(?=[\w./-]+:)", MAKEFILE, flags=re.MULTILINE)

    assert sum(f"$({name})" in rule for rule in rules) == 1
