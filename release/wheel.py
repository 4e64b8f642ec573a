"""Builds the wheel so that the same sources give the same bytes, wherever and by whomever."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from release.locked import ROOT

SHIPPED = {
    "config": "idp/_config",
    "templates": "idp/_templates",
    "translations": "idp/_translations",
    "idp": "idp",
}
INPUTS = (
    *("setup.cfg", "pyproject.toml", "MANIFEST.in"),
    *("requirements-dev.in", "README.md", "CHANGELOG.md", "wsgi.py"),
)
FOLDER, FILE = 0o755, 0o644


def copy_sources(into: Path) -> None:
    """Copy what the wheel is built from, with modes that no umask has changed."""
    into.mkdir(parents=True, exist_ok=True)
    for name in INPUTS:
        shutil.copyfile(ROOT / name, into / name)
    for name in SHIPPED:
        leftovers = shutil.ignore_patterns("__pycache__", "*.pyc")
        shutil.copytree(ROOT / name, into / name, ignore=leftovers)
    for path in into.rglob("*"):
        path.chmod(FOLDER if path.is_dir() else FILE)


def build(sources: Path, seconds: int, *kinds: str) -> Path:
    """Build ``kinds`` (``--wheel``; none: a source archive, and the wheel from it).

    Return the wheel. ``seconds``: the time of every file in it, since 1970. Raises
    CalledProcessError.
    """
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", "dist", *kinds]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(seconds)}
    # Modes of what the build makes itself.
    subprocess.run(  # noqa: S603 (the build front end of this environment)
        command,
        cwd=sources,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
        umask=0o022,
    )
    return next((sources / "dist").glob("*.whl"))
