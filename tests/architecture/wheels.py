"""Builds the wheel, and installs it where the checkout cannot be seen."""

import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from tests.architecture.sources import ROOT

SHIPPED = {
    "config": "idp/_config",
    "templates": "idp/_templates",
    "translations": "idp/_translations",
    "idp": "idp",
}
BUILD_INPUTS = ("setup.cfg", "pyproject.toml", "MANIFEST.in", "requirements-dev.in", "README.md")


def build_wheel(copy: Path) -> Path:
    """Return a wheel made from the source distribution, of a copy: others may use the checkout."""
    for name in BUILD_INPUTS:
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, copy)
    for name in SHIPPED:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", "dist"]
    done = subprocess.run(build, cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return next((copy / "dist").glob("*.whl"))


def install_wheel(wheel: Path, place: Path) -> Path:
    """Return the Python of a new environment with the wheel; our libraries lent to it by path."""
    venv.create(place, with_pip=False)
    python = place / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps"]
    subprocess.run([*install, "--no-index", wheel], check=True, capture_output=True, cwd=place)
    # A plain path, not a site folder: the .pth of the editable checkout stays without effect.
    libraries = next((place / "lib").glob("python*/site-packages")) / "libraries.pth"
    libraries.write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    return python
