"""Which tests are measured for the coverage: those that together run all that any test runs.

Measuring makes a test half as long again and more. So rooms whose tests try the same lines as
attackers, browsers or other processes are not measured, and neither are the tests of
``unmeasured.txt``: they add nothing to what the others run. A test that the list does not know is
measured; ``make unmeasured`` writes the list anew.
"""

from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIST = Path(__file__).with_name("unmeasured.txt")
ROOMS = (
    *("domain/", "services/", "store/", "settings/", "tools/", "adapters/", "cli/", "protocol/"),
    *("telemetry/", "tester/"),
    *("web/account/", "web/registration/", "web/sign_in/", "web/recovery/", "web/sign_out/"),
    # Some rules are decided in a race, by an attacker or between two officers only.
    *("attack/test_outbound.py", "attack/operators/test_two_officers.py"),
    *("fault/test_worker_faults.py", "fault/test_worker_leases.py"),
)
NOT_OF_THEM = ("protocol/certification/", "protocol/test_races.py")
ONLY, OTHERS = "only", "others"
CHOICES = (ONLY, OTHERS)


def function_of(nodeid: str) -> str:
    """Return the test's id without its parameters."""
    return nodeid.partition("[")[0]


def unmeasured() -> frozenset[str]:
    """Return the tests of measured rooms that add nothing, without their parameters."""
    return frozenset(LIST.read_text("utf-8").split())


@cache
def is_measured(file: Path) -> bool:
    """Return whether the tests of a file are measured, but for those that add nothing."""
    place = file.relative_to(ROOT / "tests").as_posix()
    return place.startswith(ROOMS) and not place.startswith(NOT_OF_THEM)


def chosen(nodeid: str, choice: str, added_nothing: frozenset[str]) -> bool:
    """Return whether a test runs under this choice; each runs under one of the two."""
    file = ROOT / nodeid.partition("::")[0]
    adds = is_measured(file) and function_of(nodeid) not in added_nothing
    return adds is (choice == ONLY)
