"""What is measured: the hub in its variants and, if wanted, node-oidc-provider, on one machine."""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import redis

from idp.settings.sections import Server
from tests.architecture.sources import ROOT
from tests.free_ports import free_port
from tests.performance import load
from tests.performance.hub import PASSWORD, REDIRECT_URI, House, Place
from tests.performance.installed import as_installed
from tests.performance.processes import Start, cpu_seconds, first_answer, started
from tests.performance.scenarios import (
    DISCOVERY,
    Person,
    Portal,
    Provider,
    Scenario,
    Step,
    discover,
)

PROCESSES = 2
NODE = Path(__file__).with_name("node")
NODES_SECRET = "a-secret-for-the-portal-of-the-bench"
SERVE = (sys.executable, "-c", "from idp.start import main; main()", "serve")


@dataclass(frozen=True)
class Variant:
    """A choice that an operator or a portal has."""

    name: str
    settings: str = ""
    """More lines of settings; the first belong to the section ``server``."""
    has_redis: bool = True
    client_id: str = "portal"


VARIANTS = {
    variant.name: variant
    for variant in (
        Variant("gunicorn"),
        Variant("granian", settings='wsgi_server = "granian"'),
        Variant("without Redis", has_redis=False),
        Variant(
            "ES256",
            settings='[tokens]\naccess_token_format = "ES256"',
            client_id="portal-es256",
        ),
        Variant("two hashes at once", settings="[hashing]\nslots = 2"),
        Variant("opaque tokens", settings='[tokens]\naccess_token_format = "opaque"'),
    )
}


def has_granian() -> bool:
    """Return whether the hub has the setting, and this environment the package."""
    known = "wsgi_server" in Server.model_fields
    return known and importlib.util.find_spec("granian") is not None


@dataclass
class Target:
    """A running provider, the processes that work for it, and its visitors."""

    name: str
    provider: Provider
    house: House
    roots: Sequence[int]
    _people: dict[Step, list[Person]] = field(default_factory=dict)
    """By what they have begun; scenarios with the same beginning share them."""

    def window(self, scenario: Scenario, users: int, seconds: float) -> tuple[float, float]:
        """Return the CPU milliseconds of an operation, and operations a second."""
        operations = [
            partial(scenario.operation, self.provider, person)
            for person in self.ready(scenario.begin, users, newcomers=scenario.is_for_newcomers)
        ]
        before = cpu_seconds(self.roots)
        done = load.run_for(self.provider.portal.issuer, seconds, operations)
        spent = (cpu_seconds(self.roots) - before) * 1000
        return spent / done.operations, done.operations / done.seconds

    def ready(self, begin: Step, users: int, *, newcomers: bool = False) -> list[Person]:
        """Return people who have begun; the same ones each time."""
        people = self._people.setdefault(begin, [])
        for number in range(len(people), users):
            person = self.house.newcomer() if newcomers else self.house.citizen(number)
            load.run(self.provider.portal.issuer, begin(self.provider, person))
            people.append(person)
        return people[:users]


@dataclass(frozen=True)
class Machine:
    """Where the targets run."""

    place: Place
    house: House

    @contextmanager
    def hub(self, variant: Variant) -> Iterator[Target]:
        """The hub, by ``idp serve``."""
        with self._serving(variant, SERVE) as (port, process):
            provider = self.house.provider(f"http://127.0.0.1:{port}", variant.client_id)
            yield self._target(variant.name, provider, process)

    def cold_start(self, variant: Variant, port: int) -> Start:
        """Start the hub, wait for its metadata, and stop it.

        A further start at the port finds the runtime folder of the one before, with the pages that
        it has compiled.
        """
        url = f"http://127.0.0.1:{port}{DISCOVERY}"
        log = self.place.folder / f"server-{port}.log"
        return first_answer(SERVE, url, log, self._environment(variant, port))

    @contextmanager
    def floor(self, variant: Variant) -> Iterator[tuple[str, int]]:
        """The same server with an application that does nothing; yield address and process."""
        command = [sys.executable, "-m", "tests.performance.floor"]
        with self._serving(variant, command) as (port, process):
            yield f"http://127.0.0.1:{port}", process

    def install_node(self) -> Path | None:
        """Install node-oidc-provider into the place's folder; None where npm cannot."""
        folder = self.place.folder / "node"
        shutil.copytree(NODE, folder)
        install = ["npm", "install", "--silent", "--no-audit", "--no-fund"]
        try:
            subprocess.run(install, cwd=folder, check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"node-oidc-provider is left out: {error}", flush=True)
            return None
        return folder

    @contextmanager
    def node(self, folder: Path) -> Iterator[Target]:
        """node-oidc-provider with Redis, from the folder that it was installed into."""
        port = free_port()
        environment = {
            "NODE_ENV": "production",
            "PORT": str(port),
            "PROCESSES": str(PROCESSES),
            "REDIS_URL": self.place.redis.rpartition("/")[0] + "/1",
            "CLIENT_SECRET": NODES_SECRET,
            "REDIRECT_URI": REDIRECT_URI,
            "PASSWORD": PASSWORD,
        }
        command = [folder / "node_modules/.bin/node", folder / "server.mjs"]
        portal = Portal(f"http://127.0.0.1:{port}", "portal", NODES_SECRET, REDIRECT_URI)
        offline = replace(portal, client_id="portal-offline")
        service = replace(portal, client_id="portal-service")
        provider = Provider(portal, offline=offline, offline_scope=Provider.scope, service=service)
        with started(command, port, folder / "log", environment) as process:
            yield self._target("node", provider, process)

    def stores(self) -> list[int]:
        """Return the processes of PostgreSQL and Redis."""
        with redis.Redis.from_url(self.place.redis) as client:
            found = client.info("server")
        cluster = self.place.folder.parent / "postgres" / "cluster"
        first = (cluster / "postmaster.pid").read_text().splitlines()[0]
        return [int(found["process_id"]), int(first)]

    @contextmanager
    def _serving(self, variant: Variant, command: Sequence[str]) -> Iterator[tuple[int, int]]:
        port = free_port()
        log = self.place.folder / f"server-{port}.log"
        with started(command, port, log, self._environment(variant, port)) as process:
            yield port, process

    def _environment(self, variant: Variant, port: int) -> dict[str, str]:
        place = self.place if variant.has_redis else replace(self.place, redis="")
        files = place.write_settings(port, processes=PROCESSES, server=variant.settings)
        paths = (as_installed(self.place.folder / "as-installed"), ROOT)
        return {
            name: os.pathsep.join(map(str, found))
            for name, found in (("IDP_CONFIG", files), ("PYTHONPATH", paths))
        }

    def _target(self, name: str, provider: Provider, process: int) -> Target:
        origin = provider.portal.issuer
        known = provider.at(load.run(origin, discover(provider.portal)))
        return Target(name, known, self.house, [process, *self.stores()])


@contextmanager
def targets(machine: Machine, variants: Sequence[Variant], *, node: bool) -> Iterator[list[Target]]:
    """Run them all, side by side."""
    with ExitStack() as stack:
        made = [stack.enter_context(machine.hub(variant)) for variant in variants]
        if node and (folder := machine.install_node()):
            made.append(stack.enter_context(machine.node(folder)))
        yield made
