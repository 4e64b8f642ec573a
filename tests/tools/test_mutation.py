"""What ``make mutation`` says of a run: survivors by function, the share of the dead."""

import os
import subprocess
import sys
from configparser import ConfigParser

from tests.mutation import ENVIRONMENT, ROOT, report

OF_A_RUN = "    idp.domain.messages.sms.x_parts__mutmut_{}: {}\n"


def listed(*fates):
    return "".join(OF_A_RUN.format(number, fate) for number, fate in enumerate(fates))


def test_enough_dead_is_a_success(capsys):
    assert report(listed(*["killed"] * 17, *["survived"] * 3)) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "17 of 20 mutants killed: 85.0 %"


def test_too_few_dead_is_a_failure():
    assert report(listed(*["killed"] * 16, *["survived"] * 4)) == 1


def test_a_mutant_that_never_ends_is_dead():
    assert report(listed("timeout", "segfault")) == 0


def test_a_mutant_that_no_test_reaches_is_alive():
    assert report(listed("no tests", "not checked", "suspicious")) == 1


def test_no_mutants_at_all_are_no_success():
    assert report("") == 1


def test_the_living_are_counted_by_function(capsys):
    report(listed("survived", "survived", "no tests"))

    assert capsys.readouterr().out.splitlines()[:2] == [
        "   1 no tests     idp.domain.messages.sms.x_parts",
        "   2 survived     idp.domain.messages.sms.x_parts",
    ]


WRITES_IDS = """
def pytest_collection_finish(session):
    for item in session.items:
        item.nodeid.encode()
"""


def test_the_id_of_each_test_of_the_rules_can_be_written_down(tmp_path):
    """The run leaves ids unescaped and keeps them in UTF-8: bytes or half a character end it."""
    (tmp_path / "writes_ids.py").write_text(WRITES_IDS)
    settings = ConfigParser()
    settings.read(ROOT / "setup.cfg", "utf-8")
    given = settings["mutmut"]
    collecting = [sys.executable, "-m", "pytest", "--collect-only", "-p", "writes_ids"]
    arguments = f"{given['pytest_add_cli_args']} {given['pytest_add_cli_args_test_selection']}"
    environment = os.environ | ENVIRONMENT | {"PYTHONPATH": str(tmp_path)}

    done = subprocess.run(
        [*collecting, *arguments.split()],
        check=False,
        cwd=ROOT,
        env=environment,
        capture_output=True,
    )

    assert done.returncode == 0, done.stdout[-500:]
