"""The provider on a real SQLite store, with a session of an account that is there."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from idp.adapters.randomness import SystemRandomness
from idp.adapters.vault import AesVault
from idp.ports import Ephemeral
from idp.protocol.core.provider_context import Lifetimes, ProviderContext
from idp.protocol.jose.signing_keys import KeyRing
from idp.protocol.provider import Provider
from idp.store.database import Database
from tests import factories
from tests.fakes import FixedClock, bulkhead
from tests.migrated import migrated
from tests.protocol.hub import ISSUER, Hub, MemoryKeys, Portal, Web

LIFETIMES = Lifetimes(
    code=timedelta(seconds=60),
    access_token=timedelta(minutes=10),
    id_token=timedelta(minutes=10),
    refresh_idle=timedelta(days=30),
    refresh_absolute=timedelta(days=180),
    session=timedelta(hours=12),
)


@pytest.fixture
def database_path(tmp_path: Path) -> str:
    return migrated(f"sqlite:///{tmp_path / 'protocol.sqlite3'}")


@pytest.fixture
def hub(database_path: str) -> Iterator[Hub]:
    """A hub with one signed-in account and one key of each algorithm."""
    vault = AesVault([("k1", b"s" * 32)], b"i" * 32)
    database = Database(database_path, vault)
    yield make_hub(database, vault)
    database.close()


def make_hub(
    database: Database, vault: AesVault, ephemeral: Ephemeral | None = None, *, fetches: int = 4
) -> Hub:
    """``fetches``: how many threads may fetch for clients at once."""
    clock, web = FixedClock(), Web()
    key_store = MemoryKeys("RS256", "PS256", "ES256", "EdDSA")
    keys = KeyRing(
        key_store,
        clock,
        may_sign=database.require_agreeing_clocks,
        jwks_cache=timedelta(hours=1),
        longest_token=LIFETIMES.id_token,
    )
    at = ProviderContext(
        issuer=ISSUER,
        begin=database.begin,
        clients=database.clients,
        clock=clock,
        randomness=SystemRandomness(),
        vault=vault,
        ephemeral=ephemeral or database.ephemeral(clock),
        fetch=bulkhead(web, places=fetches),
        keys=keys,
        lifetimes=LIFETIMES,
        write_refusals=database.write_refusals,
    )
    made = Hub(at, Provider(at), clock, web, key_store)
    with database.begin() as work:
        work.accounts.add(factories.account())
        work.sessions.add(made.session, "token-of-session-1")
    return made


@pytest.fixture
def portal(hub: Hub) -> Portal:
    """A first-party portal with a secret (Basic) that may refresh."""
    return hub.register()
