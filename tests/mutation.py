"""Changes the rules one small thing at a time and counts which changes the tests notice.

``python tests/mutation.py`` does it anew; with names (``"idp.domain.people.mobile*"``) those
mutants are tried again in the copy of the last run. The last line is the share of all mutants that
died; the exit code is 1 when it is below 85 %.
"""

import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MUTMUT = Path(sys.executable).parent / "mutmut"
LEAST = 85.0
# Of the installed plugins of pytest only the one that pytest.ini speaks to, for speed.
ENVIRONMENT = {
    "HYPOTHESIS_PROFILE": "mutation",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTEST_PLUGINS": "pytest_socket",
}
# A mutant that runs for ever or breaks the interpreter would be noticed, too.
DEAD = {"killed", "timeout", "segfault"}


def main(names: list[str]) -> int:
    """Run mutmut, on a fresh copy unless ``names`` say what to try again; return the exit code."""
    if not names:
        shutil.rmtree(ROOT / "mutants", ignore_errors=True)
    environment = os.environ | ENVIRONMENT
    if subprocess.run([MUTMUT, "run", *names], cwd=ROOT, env=environment, check=False).returncode:
        return 1
    listed = subprocess.run(
        [MUTMUT, "results", "--all", "true"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return report(listed.stdout)


def report(listed: str) -> int:
    """Print the survivors of each function and the share of the dead; return the exit code."""
    fates = dict(line.strip().rsplit(": ", 1) for line in listed.splitlines() if ": " in line)
    alive = Counter(
        (name.partition("__mutmut_")[0], fate) for name, fate in fates.items() if fate not in DEAD
    )
    for (function, fate), number in sorted(alive.items()):
        print(f"{number:4} {fate:12} {function}")
    dead = len(fates) - alive.total()
    share = 100 * dead / len(fates) if fates else 0.0
    print(f"{dead} of {len(fates)} mutants killed: {share:.1f} %", flush=True)
    return 0 if share >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
