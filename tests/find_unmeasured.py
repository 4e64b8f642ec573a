"""``make unmeasured``: find the tests that add nothing to the coverage, the dearest first.

Runs the tests of the measured rooms once (a quarter of an hour), noting what each of them runs, and
drops one test after the other whose lines and branches all are run by those that are left. Only
tests of a tenth of a second and more are worth a line.
"""

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.etree import ElementTree

from tests.measured import LIST, ONLY, ROOT, function_of
from tests.run import SIDE_BY_SIDE, files

LEAST = 0.1
"""Seconds, of all cases of a test."""
Arc = tuple[int, int, int]
"""File, line and next line, as coverage numbers them."""


def main() -> int:
    """Write the list; return the exit code, which is 1 when a test failed."""
    with tempfile.TemporaryDirectory() as folder:
        data, report = Path(folder) / "coverage", Path(folder) / "report.xml"
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-q", *SIDE_BY_SIDE, "--cov=idp"),
                *("--cov-report=", "--cov-context=test", f"--junitxml={report}"),
                *("-o", "junit_family=xunit1", *files(ONLY)),
            ],
            cwd=ROOT,
            env=os.environ | {"COVERAGE_FILE": str(data)},
            check=False,
        )
        if done.returncode:
            return 1
        found = superfluous(arcs_of(data), seconds_of(report))
    LIST.write_text("".join(f"{one}\n" for one in sorted(found)), "utf-8")
    print(f"{len(found)} tests add nothing: {LIST.relative_to(ROOT)}")
    return 0


def arcs_of(data: Path) -> Mapping[str, set[Arc]]:
    """Return what each test runs; what runs while modules load is nobody's, and not in it.

    Source: coverage.py's schema of its data file.
    """
    found: defaultdict[str, set[Arc]] = defaultdict(set)
    with sqlite3.connect(data) as file:
        rows = file.execute(
            "SELECT context.context, file_id, fromno, tono FROM arc"
            " JOIN context ON context.id = context_id"
        )
        for context, *arc in rows:
            found[function_of(context.partition("|")[0])].add(tuple(arc))
    while_loading = found.pop("", set())
    return {test: arcs - while_loading for test, arcs in found.items()}


def seconds_of(report: Path) -> Mapping[str, float]:
    """Return how long all cases of each test took."""
    found: Counter[str] = Counter()
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        found[function_of(f"{case.get('file')}::{case.get('name')}")] += float(case.get("time", 0))
    return found


def superfluous(arcs: Mapping[str, set[Arc]], seconds: Mapping[str, float]) -> Iterable[str]:
    """Return the tests whose arcs all are run by one that stays."""
    runs = Counter(arc for its in arcs.values() for arc in its)
    found = []
    for test in sorted(arcs, key=lambda one: (-seconds.get(one, 0), one)):
        if seconds.get(test, 0) >= LEAST and all(runs[arc] > 1 for arc in arcs[test]):
            runs.subtract(arcs[test])
            found.append(test)
    return found


if __name__ == "__main__":
    sys.exit(main())
