"""The version before and this one, side by side on this version's database, and back (fault F27).

The version before is the commit that the variable BEFORE names (``make nodes BEFORE=v0.3``), else
the last one before the newest migration, from the repository's history.
"""

import http.client
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from io import BytesIO
from itertools import cycle
from pathlib import Path
from typing import TypeVar

import pytest

from idp.store import migrate
from tests import servers
from tests.architecture.sources import ROOT
from tests.fault.nodes import Node, node
from tests.migrated import emptied
from tests.performance import load
from tests.performance.hub import House, Place, furnished
from tests.performance.scenarios import (
    Provider,
    begin_offline,
    discover,
    introspection,
    refresh,
    sign_in,
    single_sign_on,
)
from tests.performance.visitor import Answer, Request, Steps

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif("IDP_TEST_FAULTS" not in os.environ, reason="`make nodes` runs it"),
]

REDIS_DATABASE = 202  # of no test process
MOST_COMMITS = 40
T = TypeVar("T")


def git(*words: str) -> bytes:
    """Return what git says; nothing where there is no repository or no such commit."""
    done = subprocess.run(["git", "-C", ROOT, *words], capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else b""


@pytest.fixture(scope="module")
def version_before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the last commit before the newest migration whose code can be loaded."""
    for commit in commits_before():
        folder = tmp_path_factory.mktemp("before")
        tree = git("archive", commit, "idp", "templates", "translations", "config")
        with tarfile.open(fileobj=BytesIO(tree)) as files:
            files.extractall(folder, filter="data")
        if os.environ.get("BEFORE") or is_whole(folder):
            print(f"the version before is {commit}")
            return folder
    pytest.skip("no commit before the newest migration promises to run beside this version")


def commits_before() -> list[str]:
    if named := os.environ.get("BEFORE"):
        return [named]
    newest = migrate.script(migrate.heads()[0]).relative_to(ROOT).as_posix()
    added = git("log", "--diff-filter=A", "--format=%H", "-1", "--", newest).decode().strip()
    return git("rev-list", f"--max-count={MOST_COMMITS}", f"{added}^").decode().split()


def is_whole(folder: Path) -> bool:
    """Return whether the code loads, and its migrations are the first ones of this version."""
    if not (folder / "idp/domain/later_versions.py").exists():
        return False  # it did not promise yet to read what a later version writes
    for script in (folder / "idp/store/migrations/versions").glob("[0-9]*_*.py"):
        ours = migrate.MIGRATIONS / "versions" / script.name
        # Before a first release, migrations were changed in place.
        if not ours.exists() or ours.read_bytes() != script.read_bytes():
            return False
    load_it = [sys.executable, "-c", "import idp.app, idp.web.server"]
    environment = os.environ | {"PYTHONPATH": str(folder)}
    done = subprocess.run(load_it, cwd=folder, env=environment, capture_output=True, check=False)
    return done.returncode == 0


class Versions:
    """A node of each version, which are one provider."""

    def __init__(self, before: Node, now: Node, house: House, provider: Provider) -> None:
        self.before, self.now = before, now
        self.house, self.provider = house, provider

    def alternately(self, first: Node, steps: Steps[T]) -> None:
        """Do the steps; each request goes to another version than the one before."""
        other = self.now if first is self.before else self.before
        drive(steps, [first, other])


def drive(steps: Steps[T], nodes: Sequence[Node]) -> None:
    places = cycle(nodes)
    try:
        request = next(steps)
        while True:
            request = steps.send(sent(next(places), request))
    except StopIteration:
        return


def sent(node: Node, request: Request) -> Answer:
    line = http.client.HTTPConnection("127.0.0.1", node.port, timeout=30)
    try:
        line.request(request.method, request.target, request.body, dict(request.headers))
        answer = line.getresponse()
        headers = [(name.lower(), value) for name, value in answer.getheaders()]
        return Answer(answer.status, headers, answer.read())
    finally:
        line.close()


@pytest.fixture(scope="module")
def versions(
    tmp_path_factory: pytest.TempPathFactory,
    version_before: Path,
    migrated_postgres: str,
    server_folder: Path,
    run_of_the_tests: int,
) -> Iterator[Versions]:
    cache = servers.shared_redis(server_folder, run_of_the_tests).format(REDIS_DATABASE)
    place = Place(tmp_path_factory.mktemp("nodes"), emptied(migrated_postgres), cache)
    with furnished(place, people=6) as house, ExitStack() as stack:
        now = stack.enter_context(node(place))
        issuer = f"http://127.0.0.1:{now.port}"
        before = stack.enter_context(node(place, code=version_before, IDP__SERVER__ISSUER=issuer))
        provider = house.provider(issuer)
        yield Versions(
            before, now, house, provider.at(load.run(now.origin, discover(provider.portal)))
        )


@pytest.fixture(params=["before", "now"])
def first(request: pytest.FixtureRequest, versions: Versions) -> Node:
    found: Node = getattr(versions, request.param)
    return found


def test_a_sign_in_begun_at_one_version_ends_at_the_other(versions: Versions, first: Node):
    versions.alternately(first, sign_in(versions.provider, versions.house.citizen(0)))


def test_a_session_and_its_tokens_are_good_at_both_versions(versions: Versions, first: Node):
    provider, person = versions.provider, versions.house.citizen(1)
    other = versions.now if first is versions.before else versions.before
    drive(begin_offline(provider, person), [first])
    for place in (other, first, other):
        drive(refresh(provider, person), [place])
    drive(single_sign_on(provider, person), [other])
    for place in (first, other):
        drive(introspection(provider, person), [place])
