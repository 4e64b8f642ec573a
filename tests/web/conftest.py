"""The whole hub behind the test client: real store in SQLite, quick hashing, own clock."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import pytest
from flask import Flask
from werkzeug.routing import Rule

from idp import resources, settings
from idp.adapters.altcha_puzzles import AltchaPuzzles
from idp.adapters.clock import pause
from idp.adapters.fetch import SafeFetch
from idp.adapters.key_store import FolderKeyStore
from idp.adapters.maintenance_file import MaintenanceFile
from idp.adapters.request_places import RequestPlaces
from idp.app.outside import Outside
from idp.app.use_cases import build_deps
from idp.ports import (
    Clock,
    Ephemeral,
    Fetch,
    PasswordHashing,
    Puzzles,
    Randomness,
    SigningKeyFile,
    Vault,
)
from idp.protocol.jose.jws import PublicKey
from idp.protocol.jose.key_import import generate
from idp.protocol.jose.signing_keys import KeyRing
from idp.store.database import Database
from idp.web.app import create_web
from tests.fakes import CountingRandomness, FixedClock, PlainVault
from tests.migrated import migrated
from tests.web import seen
from tests.web.hub import BrowserClient, Hub, QuickHashing
from tests.web.seen import SeenPage
from tests.web.visits import Visit

CONNECTIONS = 16
"""As many as the threads of a race; none is opened before it is needed."""
SECRETS = """
[secrets]
sealing_keys = [{ id = "k1", key = "pU3KGCUwux1tEyze1iN7LtkeP3IfyxlxF0SU1kk8nVw=" }]
index_key = "NGC-MSAeaf7aoO7ouZl_XHwpmf2v5ZMlPNZUr0361xQ="
password_pepper = "J6Cus_7pIy-K8iEfnuSRxbEL7LVWO_web5NCfsvI_ik="
"""


class RuleBuiltOnce(Rule):
    """A route whose address is compiled once a process, not for each hub: most of making one."""

    _parsed: ClassVar[dict[str, dict[str, Any]]] = {}
    _built: ClassVar[dict[object, Any]] = {}

    def compile(self) -> None:
        if self.rule in self._parsed:
            vars(self).update(self._parsed[self.rule])
            self._build = self._compile_builder(False).__get__(self, None)
            self._build_unknown = self._compile_builder(True).__get__(self, None)
            return
        super().compile()
        parsed = ("_parts", "_trace", "_converters", "arguments")
        self._parsed[self.rule] = {name: vars(self)[name] for name in parsed}

    def _compile_builder(self, append_unknown: bool = True) -> Any:
        defaults = tuple(sorted((self.defaults or {}).items()))
        key = (self.rule, tuple(self._trace), defaults, append_unknown)
        if key not in self._built:
            self._built[key] = super()._compile_builder(append_unknown)
        return self._built[key]


Flask.url_rule_class = RuleBuiltOnce


@cache
def settings_of(extra: str, *, guide: bool) -> settings.Settings:
    """Return the settings of a hub in development, which are frozen: read once a process."""
    with TemporaryDirectory() as folder:
        own = Path(folder) / "own.toml"
        own.write_text(SECRETS + extra, "utf-8")
        own.chmod(0o600)
        files = [resources.settings_file("development")]
        files += [resources.settings_file("guide")] if guide else []
        return settings.load([*files, own], {})


class KnownKeys(KeyRing):
    """Every hub of a test process makes the same keys: a new RSA key takes 0.1 seconds."""

    def __init__(self, *collaborators: Any, **settings: Any) -> None:
        super().__init__(*collaborators, **settings)
        self._numbers: defaultdict[str, Iterator[int]] = defaultdict(count)

    def new(self, alg: str) -> SigningKeyFile:
        """Publish the next of these keys as ``next``."""
        made = key_number(next(self._numbers[alg]), alg)
        return self._write_next(made.thumbprint().lstrip("-"), alg, made.as_dict(private=True))


@cache
def key_number(_number: int, alg: str) -> PublicKey:
    """Return a key of the algorithm, another one for each number."""
    return generate(alg)


def key_ring(folder: Path, clock: Clock, database: Database) -> KeyRing:
    return KnownKeys(
        FolderKeyStore(folder, None),
        clock,
        may_sign=database.require_agreeing_clocks,
        jwks_cache=timedelta(hours=1),
        longest_token=timedelta(minutes=10),
    )


@pytest.fixture
def make_hub(tmp_path: Path) -> Iterator[Callable[..., Hub]]:
    """Return a maker of hubs: ``guide=True`` follows the guide to the letter.

    On SQLite, or on the empty database at ``url``.
    """
    databases = []

    def make(
        extra: str = "",
        *,
        guide: bool = False,
        url: str | None = None,
        ephemeral: Ephemeral | None = None,
        vault: Vault | None = None,
        fetch: Fetch | None = None,
        hashing: PasswordHashing | None = None,
        clock: FixedClock | None = None,
        machine_clock: Clock | None = None,
        randomness: Randomness | None = None,
        puzzles: Puzzles | None = None,
    ) -> Hub:
        address = migrated(url or f"sqlite:///{tmp_path / f'hub{len(databases)}.sqlite3'}")
        vault, clock = vault or PlainVault(), clock or FixedClock()
        hashing = hashing or QuickHashing()
        database = Database(address, vault, pool_size=CONNECTIONS, machine_clock=machine_clock)
        databases.append(database)
        # A copy, for a visit may switch something off in its own hub.
        own = settings_of(extra, guide=guide).model_copy(deep=True)
        outside = Outside(
            settings=own,
            database=database,
            vault=vault,
            randomness=randomness or CountingRandomness(),
            clock=clock,
            pause=pause,
            hashing=hashing,
            places=RequestPlaces(own.server.threads),
            ephemeral=ephemeral or database.ephemeral(clock),
            fetch=fetch or SafeFetch(allow_loopback=True),
            puzzles=puzzles or AltchaPuzzles(signing_secret="s" * 32, solution_secret="k" * 32),
            keys=key_ring(tmp_path / "keys", clock, database),
            maintenance=MaintenanceFile(tmp_path / f"run{len(databases)}"),
        )
        deps = build_deps(outside)
        app = create_web(deps)
        app.testing = False
        app.test_client_class = BrowserClient
        return Hub(app, deps, clock, hashing)

    yield make
    for database in databases:
        database.close()


@pytest.fixture
def hub(make_hub: Callable[..., Hub]) -> Hub:
    """The hub with its default settings."""
    return make_hub()


@pytest.fixture
def easy_hub(make_hub: Callable[..., Hub]) -> Hub:
    """A hub that asks nobody for work, where a test asks for code after code."""
    return make_hub("[protection]\nproof_of_work = false\n")


@pytest.fixture
def guide_hub(make_hub: Callable[..., Hub]) -> Hub:
    """The hub that follows the guide to the letter."""
    return make_hub(guide=True)


@pytest.fixture
def see(make_hub: Callable[..., Hub]) -> Callable[..., SeenPage]:
    """Return what shows the page of a visit, in Persian where no language is named."""

    def look(visit: Visit, language: str = "fa") -> SeenPage:
        return seen.see(visit, language, make_hub)

    return look
