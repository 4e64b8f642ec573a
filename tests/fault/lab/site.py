"""The hubs of the fault lab; ``Site``: web processes and workers behind a proxy to each store."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from idp.app.outside import Outside, build_outside
from tests.fault.lab.people import registries
from tests.fault.lab.proxy import FaultProxy, Mode
from tests.fault.lab.stores import NotBack, Postgres, Redis, wait_until
from tests.free_ports import free_port
from tests.migrated import migrated
from tests.performance.hub import House, Place, furnished
from tests.performance.processes import children
from tests.performance.scenarios import Provider
from tests.simulators.http import Simulator, simulated
from tests.simulators.sms import PASSWORD, SENDER, USER, MagfaHandler
from tests.web.hub import CODE

ROOT = Path(__file__).resolve().parents[3]
SERVE = [sys.executable, "-c", "from idp.start import main; main()"]
CODE_WITHIN = 20.0
SIMULATED = """\
[sms.magfa]
url = "{gateway}/v2"
user = "{user}"
password = "{password}"
sender = "{sender}"
[registry]
kind = "http"
[registry.civil]
url = "{registries}/civil"
timeout_seconds = 2
tries = 1
[registry.ownership]
url = "{registries}/ownership"
provider_code = "1"
timeout_seconds = 2
tries = 1
[registry.council]
url = "{registries}/council"
timeout_seconds = 1
tries = 1
[worker]
embedded = false
poll_seconds = 0.2
lease_seconds = 6
[registration]
per_day = 1000
per_month = 1000
physicians = false
[protection]
proof_of_work = false
codes_per_hour = 100000
codes_per_hour_and_prefix = 100000
"""
"""Settings of a hub whose gateway and registries are simulators, and whose citizens hurry."""
OWN = (
    SIMULATED
    + """\
[hashing]
memory_kib = 1024
time_cost = 1
[outbound]
allow_loopback = true
"""
)


@dataclass(frozen=True)
class Size:
    """How much of everything there is."""

    web: int = 4
    workers: int = 2
    citizens: int = 6


@dataclass(kw_only=True)
class Lab:
    """A running hub as clients and judge see it, and its stores."""

    folder: Path
    size: Size
    postgres: Postgres
    redis: Redis
    messages: MagfaHandler
    house: House
    outside: Outside
    """Of the judge and the administrator: past every proxy."""
    issuer: str
    """Where the hub answers."""
    crashes: int = 0
    """Of workers: each may repeat one SMS."""

    @property
    def provider(self) -> Provider:
        """As portals and citizens see the hub."""
        return replace(self.house.provider(self.issuer), texts=self.texts)

    def take_code(self, mobile: str, known: int = 0) -> str:
        """Wait for a code to the phone beyond the ``known`` texts. Raises LookupError."""
        until = time.monotonic() + CODE_WITHIN
        while time.monotonic() < until:
            texts = self.texts(mobile)
            if len(texts) > known and (found := CODE.search(texts[-1])):
                return found[1]
            time.sleep(0.05)
        raise LookupError("no code came")

    def texts(self, mobile: str) -> list[str]:
        """Return what a phone got, the newest last; a repeated message counts once."""
        mine = {uid: text for uid, to, text in list(self.messages.taken) if to.endswith(mobile[1:])}
        return list(mine.values())


@dataclass(kw_only=True)
class Site(Lab):
    """The hub with what a fault may do to its processes, stores and neighbours."""

    database_proxy: FaultProxy
    redis_proxy: FaultProxy
    civil: Simulator
    gateway: Simulator
    environment: dict[str, str]
    web: "subprocess.Popen[bytes] | None" = None
    workers: "list[subprocess.Popen[bytes]]" = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    def web_processes(self) -> list[int]:
        """Return the processes that answer requests."""
        return children(self.web.pid) if self.web else []

    def start(self) -> None:
        """Start web processes and workers; whichever ends is started again, as systemd does."""
        self._start_web()
        self.workers = [self._spawn("worker") for _ in range(self.size.workers)]
        threading.Thread(target=self._supervise, daemon=True).start()

    def stop(self) -> None:
        """Stop all."""
        self._over.set()
        for process in [*self.workers, *([self.web] if self.web else [])]:
            process.send_signal(signal.SIGCONT)
            process.send_signal(signal.SIGTERM)
        for process in [*self.workers, *([self.web] if self.web else [])]:
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=15)
                continue
            process.kill()
            process.wait()

    def kill_worker(self, number: int) -> None:
        """Kill a worker; another takes its place."""
        self.crashes += 1
        self.workers[number % len(self.workers)].kill()

    def _start_web(self) -> None:
        web = self.web = self._spawn("serve")
        wait_until(
            lambda: web.poll() is not None or len(self.web_processes()) >= self.size.web,
            "the web processes",
        )
        if web.poll() is not None:
            raise NotBack((self.folder / "serve.log").read_text("utf-8")[-2000:])

    def _spawn(self, command: str) -> "subprocess.Popen[bytes]":
        with (self.folder / f"{command}.log").open("ab") as log:
            return subprocess.Popen(
                [*SERVE, command],
                cwd=self.folder,
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=log,
            )

    def _supervise(self) -> None:
        while not self._over.wait(0.1):
            for number, process in enumerate(self.workers):
                if process.poll() is not None and not self._over.is_set():
                    self.workers[number] = self._spawn("worker")
            if self.web is not None and self.web.poll() is not None and not self._over.is_set():
                self.web = self._spawn("serve")


@contextmanager
def running_site(size: Size, data: Path | None = None) -> Iterator[Site]:
    """Start stores, simulators and hub; ``data`` is another place for PostgreSQL's files."""
    with ExitStack() as stack:
        name = stack.enter_context(
            tempfile.TemporaryDirectory(prefix="idp-lab-", ignore_cleanup_errors=True)
        )
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL's user goes through
        postgres, redis = _stores(stack, folder, data)
        site = _furnished(stack, folder, size, postgres, redis)
        stack.callback(site.stop)
        site.start()
        yield site


def _stores(stack: ExitStack, folder: Path, data: Path | None) -> tuple[Postgres, Redis]:
    for below in ("postgres", "redis", "hub", "wire"):
        (folder / below).mkdir(mode=0o700 if below == "hub" else 0o711)
    postgres, redis = Postgres(folder / "postgres", data), Redis(folder / "redis")
    postgres.start()
    stack.callback(postgres.stop)
    redis.start("--save", "", "--appendonly", "no")
    stack.callback(redis.stop)
    return postgres, redis


def _furnished(
    stack: ExitStack, folder: Path, size: Size, postgres: Postgres, redis: Redis
) -> Site:
    """Give the hub tables, keys, a portal and citizens, and put proxies before its stores."""
    database_proxy = FaultProxy(str(folder / "wire" / ".s.PGSQL.5432"), postgres.socket)
    redis_proxy = FaultProxy(("127.0.0.1", 0), ("127.0.0.1", redis.port))
    stack.callback(database_proxy.close)
    stack.callback(redis_proxy.close)
    messages = MagfaHandler()
    civil = stack.enter_context(simulated(registries))
    gateway = stack.enter_context(simulated(messages))
    direct = Place(folder / "hub", migrated(postgres.url), redis.url)
    house = stack.enter_context(furnished(direct, people=size.citizens + 1))
    outside = build_outside(direct.settings(port=1))
    stack.callback(outside.database.close)
    port = free_port()
    return Site(
        folder=folder,
        size=size,
        postgres=postgres,
        redis=redis,
        database_proxy=database_proxy,
        redis_proxy=redis_proxy,
        civil=civil,
        gateway=gateway,
        messages=messages,
        house=house,
        outside=outside,
        issuer=f"http://127.0.0.1:{port}",
        environment=_environment(folder, size, port, redis_proxy, (civil.url, gateway.url)),
    )


def _environment(
    folder: Path, size: Size, port: int, redis_proxy: FaultProxy, urls: tuple[str, str]
) -> dict[str, str]:
    database = f"postgresql+psycopg://postgres@/postgres?host={folder / 'wire'}"
    proxied = Place(folder / "hub", database, f"redis://127.0.0.1:{redis_proxy.address[1]}/0")
    files = proxied.write_settings(port, processes=size.web)
    own = folder / "hub" / "own.toml"
    civil, gateway = urls
    own.touch(mode=0o600)
    values = {"user": USER, "password": PASSWORD, "sender": SENDER}
    own.write_text(OWN.format(gateway=gateway, registries=civil, **values), "utf-8")
    return {"IDP_CONFIG": os.pathsep.join(map(str, [*files, own])), "PYTHONPATH": str(ROOT)}


def heal(site: Site) -> None:
    """Lift whatever a fault left: proxies pass, stores run, simulators answer."""
    for proxy in (site.database_proxy, site.redis_proxy):
        proxy.trap = None
        proxy.set(Mode.PASS)
    with suppress(NotBack):
        wait_until(lambda: len(site.web_processes()) >= site.size.web, "the web processes", 30)
