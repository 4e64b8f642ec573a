"""Servers are measured as an installation has them."""

import os
import subprocess
import sys

import pytest

from tests.architecture.sources import ROOT
from tests.performance.installed import as_installed


@pytest.fixture
def python(tmp_path):
    """Runs a line of Python where developers' packages are hidden; returns what it printed."""
    paths = f"{as_installed(tmp_path / 'hiding')}{os.pathsep}{ROOT}"

    def run(line: str) -> str:
        command = [sys.executable, "-c", line]
        environment = os.environ | {"PYTHONPATH": paths}
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, cwd=tmp_path
        )
        return done.stdout + done.stderr

    return run


@pytest.mark.parametrize("package", ["rich", "pytest", "playwright"])
def test_a_package_of_developers_is_not_found(python, package):
    assert f"No module named '{package}'" in python(f"import {package}")


def test_the_hub_has_all_that_it_needs(python):
    assert python("import idp.app, granian, redis, psycopg; print('well')") == "well\n"
