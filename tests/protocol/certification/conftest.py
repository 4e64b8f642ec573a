"""The hub as certification meets it: on SQLite, or on PostgreSQL with Redis; all switched on."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from zlib import crc32

import pytest

from idp.adapters.redis_ephemeral import RedisEphemeral
from idp.adapters.vault import AesVault
from idp.domain.clients.response_types import RESPONSE_TYPES
from idp.protocol.core.features import WhoRegisters
from idp.store.database import Database
from tests.protocol.conftest import make_hub
from tests.protocol.hub import Hub, Portal, signing_key

EVERY_GRANT = frozenset({"authorization_code", "refresh_token", "implicit"})


STORES = ("sqlite", "postgres and redis")
EVERY_STORE = "IDP_TEST_ROUNDS" in os.environ
"""Half of the tests run on each; ``make races`` runs all of them on both."""


@pytest.fixture(params=STORES if EVERY_STORE else None)
def hub(request: pytest.FixtureRequest) -> Iterator[Hub]:
    store = getattr(request, "param", STORES[crc32(request.node.name.encode()) % 2])
    on_sqlite = store == "sqlite"
    url = request.getfixturevalue("database_path" if on_sqlite else "migrated_postgres_url")
    vault = AesVault([("k1", b"s" * 32)], b"i" * 32)
    database = Database(url, vault)
    redis = None if on_sqlite else RedisEphemeral(request.getfixturevalue("redis_url"), seconds=5)
    made = make_hub(database, vault, redis)
    made.switch_on(implicit=True, hybrid=True, unsigned_request_objects=True)
    yield made
    database.close()


@pytest.fixture
def portal(hub: Hub) -> Portal:
    """A portal that may use every response type."""
    return hub.register(response_types=frozenset(RESPONSE_TYPES), grant_types=EVERY_GRANT)


@pytest.fixture
def told(hub: Hub) -> dict[str, Any]:
    """The live metadata of the hub with every switch on, and with keys to encrypt requests to."""
    for alg, kind in (("RSA-OAEP-256", "RS256"), ("ECDH-ES", "ES256")):
        key = signing_key(kind)
        hub.key_store.write(replace(key, kid=f"key-{alg}", alg=alg))
    hub.move(minutes=1)  # the ring looks for new keys
    hub.switch_on(
        implicit=True,
        hybrid=True,
        unsigned_request_objects=True,
        without_pkce=True,
        registration=WhoRegisters.ANYBODY,
        session_management=True,
    )
    return metadata_of(hub)


def metadata_of(hub: Hub) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(hub.provider.discovery().content)
    return content
