"""The version before and this one, side by side on this version's database, and back (fault F27).

`make versions` rolls three nodes from one to the other under load (tests/fault/cluster/rolled.py).
"""

import http.client
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path
from typing import TypeVar

import pytest

from tests import servers
from tests.fault.nodes import Node, node
from tests.fault.versions import unpack_version_before
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
T = TypeVar("T")


@pytest.fixture(scope="module")
def version_before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the last commit before the newest migration whose code can be loaded."""
    found = unpack_version_before(tmp_path_factory.mktemp("before"))
    if found is None:
        pytest.skip("no commit before the newest migration promises to run beside this version")
    commit, folder = found
    print(f"the version before is {commit}")
    return folder


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
