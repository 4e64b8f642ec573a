"""Python as an installation has it: without the packages that developers have besides."""

import re
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.architecture.sources import ROOT

LOCK = ROOT / "requirements.lock"
OURS = "tamin-account"
HIDING = '''"""Packages that an installation does not have are not found."""

import sys

HIDDEN = {hidden}


class Hiding:
    """The first to be asked for a module."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] in HIDDEN:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)


sys.meta_path.insert(0, Hiding)
'''


def as_installed(folder: Path) -> Path:
    """Write into the folder what hides developers' packages where it is on PYTHONPATH; return it.

    A library that finds a package of theirs may load it: structlog loads rich, which costs a
    process megabytes.
    """
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(HIDING.format(hidden=hidden()), "utf-8")
    return folder


def hidden() -> set[str]:
    """Return the modules of the packages that only developers have."""
    locked = re.findall(r"^([\w.-]+)==", LOCK.read_text("utf-8"), re.MULTILINE)
    installed = {_plain(name) for name in (*locked, OURS)}
    return {
        module
        for module, packages in packages_distributions().items()
        if not any(_plain(name) in installed for name in packages)
    }


def _plain(name: str) -> str:
    """Return the name by which packages are compared (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
