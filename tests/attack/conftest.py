"""The two servers under attack, and the parameters that name both."""

import shutil
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from idp.adapters.key_store import FolderKeyStore
from idp.adapters.vault import AesVault
from idp.ports import Ephemeral, Fetch, SigningKeyFile
from tests.attack import naive as documented
from tests.attack.targets import AtHub, AtNaive, Target, numbered_key
from tests.fakes import NOON
from tests.protocol.hub import key_pair
from tests.web.conftest import make_hub
from tests.web.hub import Hub

__all__ = ["make_hub"]

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")


@pytest.fixture(scope="session")
def key_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Signing keys of every algorithm, made once: RSA keys take their time."""
    folder = tmp_path_factory.mktemp("keys")
    store = FolderKeyStore(folder, None)
    for number, alg in enumerate(ALGORITHMS):
        pair = key_pair(alg if alg in {"ES256", "EdDSA"} else "RSA", number)
        jwk = pair.as_dict(private=True)
        store.write(SigningKeyFile(f"key-{alg}", alg, "active", NOON, NOON, None, jwk))
    return folder


@pytest.fixture
def settings() -> str:
    """What the hub's settings file adds; a test that needs more is parametrised with it."""
    return ""


@pytest.fixture
def ephemeral() -> Ephemeral | None:
    """What the hub counts in; None: its database."""
    return None


@pytest.fixture
def fetch() -> Fetch | None:
    """What the hub fetches with; None: the real fetcher, let onto loopback."""
    return None


@pytest.fixture
def database_url() -> str | None:
    """The empty database of either server; None: a file of SQLite."""
    return None


@pytest.fixture
def make_signing_hub(
    make_hub: Callable[..., Hub], database_url: str | None, key_folder: Path, tmp_path: Path
) -> Callable[..., Hub]:
    """Return a maker of hubs that have their keys."""
    shutil.copytree(key_folder, tmp_path / "keys")
    return partial(make_hub, url=database_url)


@pytest.fixture
def ours(
    make_signing_hub: Callable[..., Hub],
    a_vault: AesVault,
    settings: str,
    ephemeral: Ephemeral | None,
    fetch: Fetch | None,
) -> AtHub:
    """The hub."""
    hub = make_signing_hub(settings, vault=a_vault, ephemeral=ephemeral, fetch=fetch)
    return AtHub(hub.app, hub=hub)


@pytest.fixture
def a_vault() -> AesVault:
    return AesVault([("k1", b"s" * 32)], b"i" * 32)


@pytest.fixture
def naive(tmp_path: Path, database_url: str | None) -> Iterator[AtNaive]:
    """The server of Authlib's documentation."""
    documented.keys.keys[:] = [numbered_key("old", 5)]
    app = documented.create_app(database_url or f"sqlite:///{tmp_path / 'naive.sqlite3'}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as errors they would be failures that nobody else sees
        yield AtNaive(app)
    documented.db.remove()
    documented.db.get_bind().dispose()


@pytest.fixture
def target(request: pytest.FixtureRequest, settings: str) -> Target:
    """The hub, or the server that ``at_both`` names."""
    name = getattr(request, "param", "hub")
    found: Target = request.getfixturevalue({"hub": "ours", "naive": "naive"}[name])
    return found
