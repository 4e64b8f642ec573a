"""Runs the checks and the tests, all of them even after a failure, and counts.

``python -m tests.run check`` is the fast part; ``python -m tests.run test`` is everything. The last
line is ``N passed, N failed``: every tool counts as one, every test as one. The exit code is 1 when
anything failed.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from tests.measured import ONLY, OTHERS, ROOT, is_measured, unmeasured

BIN = Path(sys.executable).parent
# More processes than cores, for much of a test is waiting for a browser, a server or a clock.
# A file's tests stay together: what it starts for them starts once. The order is that of `spread`.
PROCESSES = str((os.cpu_count() or 1) * 3 // 2)
SIDE_BY_SIDE = ("-n", PROCESSES, "--dist", "loadfile", "--no-loadscope-reorder")
SLOW, SLOW_UNTIL = "mark.slow", 0.85
# Minutes in one process: they begin first, or the others wait for them at the end.
LONGEST = {"test_every_page.py", "test_pages_stay_true.py"}

TOOLS = {
    # The longest first, for they run side by side.
    # A cache of a half-written tree has hidden modules that were there.
    "types": ["mypy", "--no-incremental"],
    "format": ["ruff", "format", "--check", "."],
    "lint": ["ruff", "check", "."],
    "imports": ["lint-imports", "--no-logo"],
    "templates": ["djlint", "--lint", "--check", "templates"],
    "dead code": ["vulture"],
    "spelling": ["codespell", "idp", "docs", "tests", "config", "README.md", "CHANGELOG.md"],
}
# Compiles every test beside the types; else each of the processes that share a run would do it.
COLLECTION = {"collection": ["python", "-m", "pytest", "--collect-only", "-qq", "-n0"]}
SLOWEST = "--durations=20"
COVERED = {
    "coverage of the rules and use cases": ("100", "--include=idp/domain/*,idp/services/*"),
    "coverage of the whole": ("95",),
}
FAST = ("architecture", "domain", "settings", "tools")
FAST_TESTS = [*(f"tests/{room}" for room in FAST), "-m", "not slow"]


class Count(NamedTuple):
    """What passed and what failed."""

    passed: int
    failed: int


def main(extent: str) -> int:
    """Run everything of ``extent`` (``check`` or ``test``) and return the exit code."""
    keep_what_is_compiled()
    if extent == "check":
        counts = [*run_tools(TOOLS), run_pytest(FAST_TESTS)]
    else:
        counts = [
            *run_tools(COLLECTION | TOOLS),
            run_pytest([*files(ONLY), SLOWEST, f"--measured={ONLY}", "--cov=idp", "--cov-report="]),
            run_pytest([*files(OTHERS), SLOWEST, f"--measured={OTHERS}"]),
        ]
        counts += [
            run_tool(name, ["coverage", "report", f"--fail-under={least}", *of])
            for name, (least, *of) in COVERED.items()
        ]
    passed = sum(count.passed for count in counts)
    failed = sum(count.failed for count in counts)
    print(f"{passed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


def keep_what_is_compiled() -> None:
    """Let Python write what it compiled, also where the machine's default is not to.

    The tests start some hundred processes; each would compile the package and its tests anew.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def files(choice: str) -> list[str]:
    """Return the files that hold tests of this choice; some hold tests of both."""
    split = {ROOT / one.partition("::")[0] for one in unmeasured()}
    wanted = (
        file
        for file in (ROOT / "tests").rglob("test_*.py")
        if is_measured(file) is (choice == ONLY) or (choice == OTHERS and file in split)
    )
    return [str(file) for file in spread(wanted)]


def spread(files: Iterable[Path]) -> list[Path]:
    """Return the longest files first, then the slow ones evenly among the others, none at the end.

    The slow ones wait for browsers and servers, while others compute beside them.
    """
    found = sorted(files, key=lambda file: (file.name not in LONGEST, file))
    slow = [file for file in found if SLOW in file.read_text("utf-8")]
    quick = [file for file in found if file not in slow]
    places = {file: SLOW_UNTIL * number / len(slow) for number, file in enumerate(slow)}
    places |= {file: number / len(quick) for number, file in enumerate(quick)}
    places |= {file: -1 for file in found if file.name in LONGEST}
    return sorted(found, key=lambda file: places[file])


def run_tools(tools: Mapping[str, list[str]]) -> list[Count]:
    """Run the tools, as many at once as there are cores."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(run_tool, tools, tools.values()))


def run_tool(name: str, command: list[str]) -> Count:
    """Run one tool; silent when all is well."""
    started = time.monotonic()
    done = subprocess.run(
        [BIN / command[0], *command[1:]],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    verdict = "ok" if done.returncode == 0 else "FAILED"
    print(f"{name}: {verdict} ({time.monotonic() - started:.1f} s)", flush=True)
    if done.returncode:
        print(done.stdout, flush=True)
        return Count(0, 1)
    return Count(1, 0)


def run_pytest(arguments: list[str]) -> Count:
    """Run the tests of ``arguments`` that exist, on several processes, and count them.

    What they left behind is searched for values of people in clear, which counts as one.
    """
    there = [one for one in arguments if not one.startswith("tests") or (ROOT / one).exists()]
    with tempfile.TemporaryDirectory() as folder:
        report, left = Path(folder) / "report.xml", Path(folder) / "left"
        places = (f"--junitxml={report}", f"--basetemp={left}")
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", *SIDE_BY_SIDE, *places, *there],
            cwd=ROOT,
            check=False,
        )
        count = counted(report)
        search = run_tool("nothing in clear", ["python", "-m", "tests.clear_text", str(left)])
    # A run that broke before it could count is a failure too.
    broken = 1 if done.returncode and not count.failed else 0
    return Count(count.passed + search.passed, count.failed + search.failed + broken)


def counted(report: Path) -> Count:
    """Return the numbers of a JUnit report; a missing one is zero."""
    if not report.exists():
        return Count(0, 0)
    suites = ElementTree.parse(report).getroot().iter("testsuite")
    passed = failed = 0
    for suite in suites:
        tests, failures, errors, skipped = (
            int(suite.get(name, "0")) for name in ("tests", "failures", "errors", "skipped")
        )
        failed += failures + errors
        passed += max(0, tests - failures - errors - skipped)
    return Count(passed, failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
