"""Two nodes on one PostgreSQL and one Redis: what one does, the other knows within 5 seconds."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from idp.app.use_cases import share
from tests import servers
from tests.fault.nodes import JWKS, Node, node
from tests.migrated import emptied
from tests.performance import load
from tests.performance.hub import House, Place, furnished
from tests.performance.scenarios import (
    Person,
    Provider,
    begin_offline,
    client_credentials,
    discover,
    introspection,
    refresh,
    single_sign_on,
)
from tests.performance.visitor import Steps, Unexpected
from tests.simulators.postgres import eventually

pytestmark = pytest.mark.slow

WITHIN = 5.0
REDIS_DATABASE = 201  # of no test process
numbers = count()


@dataclass
class Town:
    """Two nodes, each with a folder of its own for what it keeps while it runs."""

    one: Node
    other: Node
    house: House
    provider: Provider

    @property
    def nodes(self) -> tuple[Node, Node]:
        return self.one, self.other

    def can(self, node: Node, steps: Callable[[], Steps[None]]) -> bool:
        """Return whether the steps succeed at this node."""
        try:
            load.run(node.origin, steps())
        except Unexpected:
            return False
        return True


@pytest.fixture(scope="module")
def town(
    tmp_path_factory: pytest.TempPathFactory,
    migrated_postgres: str,
    server_folder: Path,
    run_of_the_tests: int,
) -> Iterator[Town]:
    cache = servers.shared_redis(server_folder, run_of_the_tests).format(REDIS_DATABASE)
    place = Place(tmp_path_factory.mktemp("nodes"), emptied(migrated_postgres), cache)
    with furnished(place, people=4) as house, ExitStack() as stack:
        one = stack.enter_context(node(place))
        issuer = f"http://127.0.0.1:{one.port}"  # both are one provider
        other = stack.enter_context(node(place, IDP__SERVER__ISSUER=issuer))
        provider = house.provider(issuer)
        yield Town(one, other, house, provider.at(load.run(one.origin, discover(provider.portal))))


@pytest.fixture
def citizen(town: Town) -> Person:
    """Somebody who signed in at the first node, with a refresh token."""
    person = town.house.citizen(next(numbers))
    load.run(town.one.origin, begin_offline(town.provider, person))
    return person


def test_a_session_of_one_node_is_a_session_of_the_other(town: Town, citizen: Person):
    assert town.can(town.other, partial(single_sign_on, town.provider, citizen))


def test_refresh_tokens_rotate_at_any_node(town: Town, citizen: Person):
    for place in (*town.nodes, *town.nodes):
        assert town.can(place, partial(refresh, town.provider, citizen))


def test_a_revoked_token_is_inactive_at_once_at_both(town: Town, citizen: Person):
    portal = town.provider.portal
    said = town.one.ask(
        "/oauth2/revoke",
        f"token={citizen.tokens['refresh_token']}",
        Authorization=portal.authorization,
    )
    assert said.status == 200
    active = [town.can(one, partial(introspection, town.provider, citizen)) for one in town.nodes]
    assert active == [False, False]


def test_a_suspended_client_is_refused_everywhere_within_five_seconds(town: Town):
    steps = partial(client_credentials, town.provider, Person("", ""))
    clients = share(town.house.outside).clients
    assert all(town.can(place, steps) for place in town.nodes)

    clients.suspend("portal", officer="tests", reason="a test")
    try:
        refused_after = eventually(
            lambda: not any(town.can(place, steps) for place in town.nodes), "it is still served"
        )
    finally:
        clients.resume("portal", officer="tests", reason="a test")
    assert refused_after < WITHIN
    eventually(lambda: all(town.can(one, steps) for one in town.nodes), "it is not served again")


def test_a_new_key_is_published_everywhere_within_five_seconds(town: Town):
    key = town.house.outside.keys.new("EdDSA")

    def is_published(place: Node) -> bool:
        return key.kid in place.ask(JWKS).text

    assert eventually(lambda: all(map(is_published, town.nodes)), "it is not published") < WITHIN


def test_a_promoted_key_signs_everywhere_within_five_seconds(town: Town, citizen: Person):
    """Each node verifies what the other has signed, whichever of them knows the change first."""
    keys = town.house.outside.keys
    keys.promote(keys.new("RS256").kid, at_once=True)
    for place in (*town.nodes, *town.nodes):
        assert town.can(place, partial(refresh, town.provider, citizen))


def test_nothing_but_keys_is_shared_as_a_file(town: Town):
    folders = {one.log.parent / f"run-{one.port}" for one in town.nodes}
    assert len(folders) == 2
    assert all(folder.is_dir() for folder in folders)
