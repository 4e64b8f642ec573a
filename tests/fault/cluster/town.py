"""Three nodes behind the nginx of config/deploy, with PostgreSQL and Redis: a machine each."""

import ipaddress
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from cryptography import x509

from idp.app.outside import build_outside
from tests.architecture.sources import ROOT
from tests.deploy.deployment import NGINX, with_nodes, write_certificate, write_nginx
from tests.fault.cluster.network import Host, Network, network
from tests.fault.lab.people import registries
from tests.fault.lab.site import SIMULATED, Lab, Size
from tests.fault.lab.stores import Postgres, Redis, wait_until
from tests.migrated import migrated
from tests.performance.hub import Place, furnished
from tests.simulators.http import simulated
from tests.simulators.sms import PASSWORD, SENDER, USER, MagfaHandler

NODES = 3
PORT = 8000
IDP = [sys.executable, "-c", "from idp.start import main; main()"]
STARTED_WITHIN = 90.0  # seconds, where three nodes start on two cores
STOPPED_WITHIN = 30.0
OWN = (
    """\
[server]
environment = "production"
issuer = "{issuer}"
trusted_hosts = ["{host}"]
# One wire carries all, and the registries are simulators.
insecure = [
    "open_bind", "plain_services", "plain_redis", "unverified_database", "guide_to_the_letter",
    "weak_hashing",
]
[database]
url = "{database}"
"""
    + SIMULATED
    + """\
# Three machines share the cores of one: what its hashes would refuse is no fault of the event.
[hashing]
memory_kib = 1024
time_cost = 1
queue_seconds = 12
[signin]
new_device_code = true
# A citizen of this town signs in more often than any other.
[limits]
codes_of_account = [{{ count = 1000000, per_seconds = 3600 }}]
"""
)


@dataclass(eq=False)
class Node:
    """A machine with `idp serve` and `idp worker`, which systemd would start again."""

    host: Host
    folder: Path
    environment: dict[str, str]
    code: Path = ROOT
    """The folder that has the package."""
    _processes: "list[subprocess.Popen[bytes]]" = field(default_factory=list)

    def start(self) -> None:
        """Start both, without waiting."""
        own = {
            "PYTHONPATH": str(self.code),
            "IDP__SERVER__BIND": f"{self.host.address}:{PORT}",
            "IDP__SERVER__RUNTIME_FOLDER": str(self.folder / f"run-{self.host.name}"),
        }
        for command in ("serve", "worker"):
            with (self.folder / f"{self.host.name}-{command}.log").open("ab") as log:
                process = subprocess.Popen(
                    [*self.host.within, *IDP, command],
                    cwd=self.code,
                    env={**os.environ, **self.environment, **own},
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            self._processes.append(process)

    def kill(self) -> None:
        """Kill every process of the machine at once."""
        for process in self.host.processes():
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self._await_the_end()

    def stop(self) -> None:
        """Tell both to stop, and wait until they have."""
        for process in self._processes:
            process.send_signal(signal.SIGTERM)
        self._await_the_end()

    def _await_the_end(self) -> None:
        for process in self._processes:
            process.wait(STOPPED_WITHIN)
        self._processes.clear()

    def is_ready(self) -> bool:
        """Return whether its health check says so, asked past the proxy."""
        line = HTTPConnection(self.host.address, PORT, timeout=1)
        with suppress(OSError, HTTPException):
            line.request("GET", "/health/ready")
            return line.getresponse().status == 200
        return False


@dataclass(kw_only=True)
class Town(Lab):
    """The whole cluster."""

    nodes: Sequence[Node]
    database: Host
    cache: Host
    proxy: "Proxy"

    @property
    def is_whole(self) -> bool:
        """Return whether every node is ready."""
        return all(node.is_ready() for node in self.nodes)

    def mend(self) -> None:
        """Lift whatever an event left."""
        for node in self.nodes:
            node.host.plug_in()
            node.host.reach(self.database)
            node.host.reach(self.cache)


@dataclass
class Proxy:
    """nginx with the site of config/deploy, on a machine of its own."""

    host: Host
    folder: Path
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def certificate(self) -> Path:
        """What visitors trust."""
        return self.folder / "fullchain.pem"

    def start(self, nodes: Sequence[Host]) -> None:
        """Write what it needs, and start it."""
        address = x509.IPAddress(ipaddress.ip_address(self.host.address))
        write_certificate(self.certificate, self.folder / "key.pem", address)
        file = self.write(nodes)
        self.process = subprocess.Popen([*self.host.within, str(NGINX), "-c", str(file)])

    def write(self, nodes: Sequence[Host], *, out: Host | None = None) -> Path:
        """Write the settings; the node ``out`` gets no requests."""
        return write_nginx(self.folder, "nginx", site_of(self, nodes, out=out))

    def take_out(self, nodes: Sequence[Host], out: Host | None) -> None:
        """Send one node no more requests, or all of them some again: `nginx -s reload`."""
        assert self.process is not None
        self.write(nodes, out=out)
        self.process.send_signal(signal.SIGHUP)

    def stop(self) -> None:
        """Stop it."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(STOPPED_WITHIN)


def site_of(proxy: Proxy, nodes: Sequence[Host], *, out: Host | None = None) -> str:
    """Return config/deploy/nginx.conf with the upstream that docs/operate/nodes.md tells of."""
    general = (ROOT / "config/deploy/nginx.conf").read_text("utf-8")
    site = with_nodes(general, [f"{node.address}:{PORT}" for node in nodes])
    for old, new in (
        ("account.tamin.ir", proxy.host.address),
        ("/etc/tamin-account/tls/", f"{proxy.folder}/"),
        ("/var/lib/tamin-account/pages", str(proxy.folder / "pages")),
        ("/var/log/nginx/tamin-account", str(proxy.folder / "access")),
    ):
        assert old in site
        site = site.replace(old, new)
    if out is not None:
        site = re.sub(rf"(server {re.escape(out.address)}:{PORT}[^;]*);", r"\1 down;", site)
    return site


@contextmanager
def running_town(size: Size, code: Path = ROOT) -> Iterator[Town]:
    """Start everything; the nodes run the package of the folder ``code``."""
    with ExitStack() as stack:
        name = tempfile.TemporaryDirectory(prefix="idp-town-", ignore_cleanup_errors=True)
        folder = Path(stack.enter_context(name))
        folder.chmod(0o711)  # PostgreSQL's user goes through
        town = _furnished(stack, folder, size, stack.enter_context(network()), code)
        for node in town.nodes:
            node.start()
            stack.callback(_end, node)
        town.proxy.start([node.host for node in town.nodes])
        stack.callback(town.proxy.stop)
        wait_until(lambda: town.is_whole, f"the nodes: {folder}", STARTED_WITHIN)
        yield town


def _end(node: Node) -> None:
    try:
        node.stop()
    except subprocess.TimeoutExpired:
        node.kill()


def _furnished(stack: ExitStack, folder: Path, size: Size, net: Network, code: Path) -> Town:
    """Give the town stores, tables, keys, a portal, citizens, registries and an SMS gateway."""
    hosts = [net.host(f"n{number}") for number in range(1, NODES + 1)]
    front, database, cache = (net.host(name) for name in ("proxy", "db", "cache"))
    postgres, redis = _stores(stack, folder, database, cache)
    messages = MagfaHandler()
    neighbours = stack.enter_context(simulated(registries, net.address))
    gateway = stack.enter_context(simulated(messages, net.address))
    place = Place(folder / "hub", migrated(postgres.url), redis.url)
    house = stack.enter_context(furnished(place, people=size.citizens + 1))
    outside = build_outside(place.settings(port=1))
    stack.callback(outside.database.close)
    issuer = f"https://{front.address}"
    own = folder / "hub" / "own.toml"
    own.touch(mode=0o600)
    values = {"user": USER, "password": PASSWORD, "sender": SENDER, "registries": neighbours.url}
    own.write_text(
        OWN.format(
            issuer=issuer,
            host=front.address,
            database=f"postgresql+psycopg://postgres@{database.address}/postgres",
            gateway=gateway.url,
            **values,
        ),
        "utf-8",
    )
    files = [*place.write_settings(PORT, processes=2), own]
    for file in files:
        file.chmod(0o600)  # production looks
    environment = {"IDP_CONFIG": os.pathsep.join(map(str, files))}
    proxy = Proxy(front, folder / "proxy")
    _write_pages(proxy.folder / "pages", environment)
    _trust(stack, proxy.certificate)
    return Town(
        folder=folder,
        size=size,
        postgres=postgres,
        redis=redis,
        messages=messages,
        house=house,
        outside=outside,
        issuer=issuer,
        nodes=[Node(host, folder / "hub", environment, code) for host in hosts],
        database=database,
        cache=cache,
        proxy=proxy,
    )


def _stores(stack: ExitStack, folder: Path, database: Host, cache: Host) -> tuple[Postgres, Redis]:
    for below in ("postgres", "redis", "hub", "proxy"):
        (folder / below).mkdir(mode=0o700 if below == "hub" else 0o711)
    postgres = Postgres(folder / "postgres", address=database.address, within=database.within)
    postgres.start()
    stack.callback(postgres.stop)
    redis = Redis(folder / "redis", cache.address, cache.within)
    redis.start("--save", "", "--appendonly", "no")
    stack.callback(redis.stop)
    return postgres, redis


def _write_pages(folder: Path, environment: dict[str, str]) -> None:
    """Let the proxy have the page that stands in for a hub that does not answer."""
    subprocess.run(
        [*IDP, "maintenance", "write", folder],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        check=True,
        stdout=subprocess.DEVNULL,
    )


def _trust(stack: ExitStack, certificate: Path) -> None:
    """Let the clients of this process trust the proxy (``load.py`` looks there)."""
    before = os.environ.get("SSL_CERT_FILE")
    os.environ["SSL_CERT_FILE"] = str(certificate)

    def undo() -> None:
        if before is None:
            del os.environ["SSL_CERT_FILE"]
        else:
            os.environ["SSL_CERT_FILE"] = before

    stack.callback(undo)
