"""Builds the wheel, and installs it where the checkout cannot be seen."""

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from release import wheel

SECONDS = 1_800_000_000
"""The time of the files in the wheels of the tests, since 1970."""


def build_wheel(copy: Path) -> Path:
    """Return a wheel made from the source distribution, of a copy: others may use the checkout."""
    wheel.copy_sources(copy)
    try:
        return wheel.build(copy, SECONDS)
    except subprocess.CalledProcessError as failed:
        raise AssertionError(failed.stdout[-3000:] + failed.stderr[-3000:]) from failed


def install_wheel(built: Path, place: Path) -> Path:
    """Return the Python of a new environment with the wheel; our libraries lent to it by path."""
    venv.create(place, with_pip=False)
    python = place / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps"]
    subprocess.run([*install, "--no-index", built], check=True, capture_output=True, cwd=place)
    # A plain path, not a site folder: the .pth of the editable checkout stays without effect.
    libraries = next((place / "lib").glob("python*/site-packages")) / "libraries.pth"
    libraries.write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    return python
