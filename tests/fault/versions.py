"""The version before this one, from the repository's history.

It is the commit that the variable BEFORE names (``make versions BEFORE=v0.3``), else the last one
before the newest migration, else the first that promised to run beside later ones.
"""

import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from idp.store import migrate
from tests.architecture.sources import ROOT

MOST_COMMITS = 40
PROMISE = "idp/domain/later_versions.py"
"""What a version has that reads what a later one writes."""


def unpack_version_before(folder: Path) -> tuple[str, Path] | None:
    """Unpack that commit's files; return its name and the folder.

    None: no commit of the history promises to run beside this version.
    """
    for commit in _commits_before():
        below = folder / commit[:12]
        below.mkdir()
        tree = _git("archive", commit, "idp", "templates", "translations", "config")
        with tarfile.open(fileobj=BytesIO(tree)) as files:
            files.extractall(below, filter="data")
        if os.environ.get("BEFORE") or _is_whole(below):
            return commit, below
    return None


def _git(*words: str) -> bytes:
    """Return what git says; nothing where there is no repository or no such commit."""
    done = subprocess.run(["git", "-C", ROOT, *words], capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else b""


def _commits_before() -> Iterator[str]:
    if named := os.environ.get("BEFORE"):
        yield named
        return
    yield from (
        _git("rev-list", f"--max-count={MOST_COMMITS}", f"{_added(_newest_migration())}^")
        .decode()
        .split()
    )
    yield _added(PROMISE)


def _newest_migration() -> str:
    return migrate.script(migrate.heads()[0]).relative_to(ROOT).as_posix()


def _added(path: str) -> str:
    """Return the commit that added a file."""
    return _git("log", "--diff-filter=A", "--format=%H", "-1", "--", path).decode().strip()


def _is_whole(folder: Path) -> bool:
    """Return whether the code loads, and its migrations are the first ones of this version."""
    if not (folder / PROMISE).exists():
        return False
    for script in (folder / "idp/store/migrations/versions").glob("[0-9]*_*.py"):
        ours = migrate.MIGRATIONS / "versions" / script.name
        # Before a first release, migrations were changed in place.
        if not ours.exists() or ours.read_bytes() != script.read_bytes():
            return False
    load_it = [sys.executable, "-c", "import idp.app, idp.web.server"]
    environment = os.environ | {"PYTHONPATH": str(folder)}
    done = subprocess.run(load_it, cwd=folder, env=environment, capture_output=True, check=False)
    return done.returncode == 0
