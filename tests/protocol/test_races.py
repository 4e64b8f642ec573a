"""Sixteen at once, on both databases (D6): attacks C02, A05 and C18."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from idp.adapters.vault import AesVault
from idp.domain.client import ClientAuthMethod
from idp.store import migrate
from idp.store.database import Database
from tests.protocol.conftest import make_hub
from tests.protocol.hub import Hub, key_pair
from tests.protocol.test_client_auth import assertion, redeem_signed

AT_ONCE = 16
ROUNDS = pytest.mark.parametrize("rounds", [10, pytest.param(200, marks=pytest.mark.slow)])


@pytest.fixture
def hub(database_url: str) -> Iterator[Hub]:
    migrate.upgrade(database_url)
    vault = AesVault([("k1", b"s" * 32)], b"i" * 32)
    database = Database(database_url, vault, pool_size=AT_ONCE)
    yield make_hub(database, vault)
    database.close()


def at_once(act: Callable[[], Any]) -> list[Any]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [job.result() for job in [pool.submit(act) for _ in range(AT_ONCE)]]


@ROUNDS
def test_attack_C02_of_sixteen_redemptions_one_succeeds(hub, portal, rounds):  # RFC 6749 4.1.2
    for _ in range(rounds):
        code = portal.obtain_code(scope="openid offline_access")

        replies = at_once(lambda code=code: portal.redeem(code))

        assert sorted(reply.status for reply in replies) == [200] + [400] * 15
        won = next(reply.body for reply in replies if reply.status == 200)
        assert hub.userinfo(won["access_token"]).status == 401
        assert portal.refresh(won["refresh_token"]).status == 400


@ROUNDS
def test_attack_C18_sixteen_refreshes_give_one_successor(hub, portal, rounds):  # RFC 9700 4.14.2
    for _ in range(rounds):
        token = portal.obtain_offline()["refresh_token"]

        replies = at_once(lambda token=token: portal.refresh(token))

        assert {reply.status for reply in replies} == {200}
        assert len({reply.body["refresh_token"] for reply in replies}) == 1


def test_attack_A05_of_sixteen_uses_of_an_assertion_one_passes(hub):  # RFC 7523 3
    jwks = {"keys": [{**key_pair("RSA", 1).as_dict(private=False), "kid": "one"}]}
    signer = hub.register(auth_method=ClientAuthMethod.PRIVATE_KEY_JWT, secrets=(), jwks=jwks)

    replies = at_once(lambda: redeem_signed(signer, assertion(), client_id="portal"))

    assert sorted(reply.status for reply in replies)[0] == 200
    assert [reply.status for reply in replies].count(200) == 1
