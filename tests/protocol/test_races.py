"""Sixteen at once, on both databases (D6): attacks C02, A05 and C18; also while Redis is flushed.

What Redis holds may vanish at any moment (D2, fault F06): in the third kind of hub it does so about
a thousand times a second, from before the first round until after the last.
"""

import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
import redis

from idp.adapters.redis_ephemeral import RedisEphemeral
from idp.adapters.vault import AesVault
from idp.domain.clients.client import ClientAuthMethod
from idp.ports import DatabaseUnavailable
from idp.store.database import Database
from tests import servers
from tests.protocol.client_proofs import assertion, redeem_signed
from tests.protocol.conftest import make_hub
from tests.protocol.hub import Hub, Portal, key_pair
from tests.protocol.token.test_codes import refused

AT_ONCE = 16
TRIES_OF_A_PORTAL = 3
SQLITE, POSTGRES, FLUSHED = "sqlite", "postgres", "postgres, Redis flushed"


@pytest.fixture(
    params=[
        (SQLITE, 2),
        *(pytest.param(race, marks=pytest.mark.slow) for race in ((POSTGRES, 5), (FLUSHED, 5))),
    ],
    ids=lambda param: "-".join(map(str, param)),
)
def race(request) -> tuple[str, int]:
    """What the hub stands on, and how many rounds are run."""
    return request.param


@pytest.fixture
def rounds(race) -> int:
    """How often: ``make races`` runs each 200 times."""
    return int(os.environ.get("IDP_TEST_ROUNDS", race[1]))


@pytest.fixture
def hub(request, race, tmp_path, run_of_the_tests) -> Iterator[Hub]:
    kind, _, flushed = race[0].partition(", ")
    database_url = request.getfixturevalue(f"migrated_{kind}_url")
    vault = AesVault([("k1", b"s" * 32)], b"i" * 32)
    database = Database(database_url, vault, pool_size=AT_ONCE)
    if flushed:
        with flushed_redis(tmp_path / "redis", run_of_the_tests) as ephemeral:
            yield make_hub(database, vault, ephemeral, fetches=AT_ONCE)
    else:
        yield make_hub(database, vault, fetches=AT_ONCE)
    database.close()


@contextmanager
def flushed_redis(folder: Path, run: int) -> Iterator[RedisEphemeral]:
    """A Redis of its own, for others share the run's: emptied again and again."""
    folder.mkdir()
    url = servers.start_redis(folder, run).format(0)
    stop = Event()
    flusher = Thread(target=flush_until, args=(stop, url))
    flusher.start()
    try:
        yield RedisEphemeral(url, seconds=5)
    finally:
        stop.set()
        flusher.join()


def flush_until(stop: Event, url: str) -> None:
    with redis.Redis.from_url(url) as client:
        while not stop.wait(0.001):
            client.flushall()


@pytest.fixture
def signer(hub: Hub) -> Portal:
    """A client whose public keys are fetched, and kept in what may vanish."""
    key = {**key_pair("RSA", 1).as_dict(private=False), "kid": "one"}
    hub.web.pages["https://portal.example/jwks"] = json.dumps({"keys": [key]}).encode()
    return hub.register(
        auth_method=ClientAuthMethod.PRIVATE_KEY_JWT,
        secrets=(),
        jwks_uri="https://portal.example/jwks",
    )


def at_once(act: Callable[[], Any]) -> list[Any]:
    """Let sixteen do it at the same moment; a portal that reads 503 asks again, as it is told."""

    def persistent() -> Any:
        for _ in range(TRIES_OF_A_PORTAL):
            with suppress(DatabaseUnavailable):
                return act()
        return act()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [job.result() for job in [pool.submit(persistent) for _ in range(AT_ONCE)]]


def test_attack_C02_of_sixteen_redemptions_one_succeeds(hub, portal, rounds):  # RFC 6749 4.1.2
    for _ in range(rounds):
        code = portal.obtain_code(scope="openid offline_access")

        replies = at_once(lambda code=code: portal.redeem(code))

        assert sorted(reply.status for reply in replies) == [200] + [400] * 15
        won = next(reply.body for reply in replies if reply.status == 200)
        assert hub.userinfo(won["access_token"]).status == 401
        assert portal.refresh(won["refresh_token"]).status == 400


def test_attack_C18_sixteen_refreshes_give_one_successor(hub, portal, rounds):  # RFC 9700 4.14.2
    for _ in range(rounds):
        token = portal.obtain_offline()["refresh_token"]

        replies = at_once(lambda token=token: portal.refresh(token))

        assert {reply.status for reply in replies} == {200}
        assert len({reply.body["refresh_token"] for reply in replies}) == 1


def test_attack_C17_after_the_race_the_used_token_ends_the_family(hub, portal, rounds):
    for _ in range(rounds):
        token = portal.obtain_offline()["refresh_token"]
        fresh = at_once(lambda token=token: portal.refresh(token))[0].body
        hub.move(seconds=11)

        assert refused(portal.refresh(token))
        assert refused(portal.refresh(fresh["refresh_token"]))


def test_attack_C16_another_client_ends_the_family_at_once(hub, portal, rounds):
    other = hub.register(client_id="other")
    for _ in range(rounds):
        token = portal.obtain_offline()["refresh_token"]
        fresh = portal.refresh(token).body

        assert refused(other.refresh(token))
        assert refused(portal.refresh(fresh["refresh_token"]))


def test_attack_C01_a_used_code_ends_the_family_at_once(hub, portal, rounds):  # RFC 6749 4.1.2
    for _ in range(rounds):
        code = portal.obtain_code(scope="openid offline_access")
        won = portal.redeem(code).body

        assert refused(portal.redeem(code))
        assert refused(portal.refresh(won["refresh_token"]))


def test_attack_A05_of_sixteen_uses_of_an_assertion_one_passes(hub, signer, rounds):  # RFC 7523 3
    for number in range(rounds):
        text = assertion(jti=f"id-{number}")

        replies = at_once(lambda text=text: redeem_signed(signer, text))

        assert sorted(reply.status for reply in replies) == [200] + [401] * 15


def test_a_client_whose_keys_are_fetched_is_never_refused(hub, signer, rounds):
    for number in range(rounds):
        texts = [assertion(jti=f"{number}-{one}") for one in range(AT_ONCE)]

        replies = at_once(lambda texts=texts: redeem_signed(signer, texts.pop()))

        assert {reply.status for reply in replies} == {200}
