"""How a fault strikes: what is done to the hub and its neighbours while it is under load."""

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

import psycopg
import requests

from tests.fault.lab import operations
from tests.fault.lab.operations import Seen, do
from tests.fault.lab.people import newcomer
from tests.fault.lab.proxy import Mode, Point, Trap
from tests.fault.lab.site import Site
from tests.fault.lab.stores import MOST_CONNECTIONS, wait_until
from tests.performance.scenarios import Person, Provider
from tests.performance.visitor import Visitor
from tests.simulators.http import FAULTS as ODD
from tests.simulators.http import Answer, Handler, Received

DUPLICATES = 16
ODD_ANSWERS = ("html", "empty", "truncated", "500", "gzip", "short")
RESPAWN_WITHIN = 15.0
POISON = "poison"


@dataclass(frozen=True)
class Scene:
    """What a fault may use."""

    site: Site
    provider: Provider
    randomness: random.Random
    seconds: float
    """How long a fault lasts that only lasts."""
    around: float
    """How long the load runs before the fault and after it."""
    kills: int
    """Of processes, over all points of F01."""
    numbers: Iterator[int]
    """Of newcomers."""

    def last(self) -> None:
        """Let the fault last."""
        time.sleep(self.seconds)


Strike = Callable[[Scene], None]


def kill_web_at(point: Point | None) -> Strike:
    """Kill web processes at this point of a transaction, or at any moment."""

    def strike(scene: Scene) -> None:
        site = scene.site
        for _ in range(max(1, scene.kills // 4)):
            if point is None:
                time.sleep(scene.randomness.uniform(0.01, 0.15))
                _kill_one(site, scene.randomness)
            else:
                trap = Trap(point, lambda process: process in site.web_processes())
                site.database_proxy.trap = trap
                trap.sprung.wait(5)
                site.database_proxy.trap = None
            wait_until(lambda: len(site.web_processes()) >= site.size.web, "web", RESPAWN_WITHIN)

    return strike


def _kill_one(site: Site, randomness: random.Random) -> None:
    processes = site.web_processes()
    if processes:
        victim = randomness.choice(processes)
        with suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)


def kill_workers(scene: Scene) -> None:
    """Kill workers at random moments; others take their jobs over."""
    for number in range(max(2, scene.kills // 4)):
        time.sleep(scene.randomness.uniform(0.1, 0.6))
        scene.site.kill_worker(number)


def reload_web(scene: Scene) -> None:
    """Replace all web processes, twice; workers are told to stop and start again."""
    site = scene.site
    for _ in range(2):
        assert site.web is not None
        site.web.send_signal(signal.SIGHUP)
        for worker in list(site.workers):
            worker.send_signal(signal.SIGTERM)
        scene.last()


def stop_a_web_process(scene: Scene) -> None:
    """Hold one web process: it hangs and keeps its connections, until its parent replaces it."""
    victim = scene.randomness.choice(scene.site.web_processes())
    os.kill(victim, signal.SIGSTOP)
    wait_until(lambda: victim not in scene.site.web_processes(), "the watchdog", 60)


def restart_redis(scene: Scene) -> None:
    """Restart Redis again and again, with snapshots and with a log."""
    for options in (("--save", "1 1"), ("--appendonly", "yes")):
        for _ in range(3):
            scene.site.redis.stop(signal.SIGKILL)
            scene.site.redis.start(*options)
            time.sleep(scene.seconds / 6)


def without_redis(scene: Scene) -> None:
    """Stop Redis."""
    scene.site.redis.stop()
    scene.last()
    scene.site.redis.start("--save", "")


def flush_redis(scene: Scene) -> None:
    """Empty Redis again and again."""
    for _ in range(20):
        scene.site.redis.say("FLUSHALL")
        time.sleep(scene.seconds / 20)


def fill_redis(scene: Scene) -> None:
    """Let Redis be full: first it refuses to write, then it forgets."""
    for policy in ("noeviction", "allkeys-lru"):
        scene.site.redis.say("CONFIG", "SET", "maxmemory-policy", policy)
        scene.site.redis.say("CONFIG", "SET", "maxmemory", "1")
        time.sleep(scene.seconds / 2)
    scene.site.redis.say("CONFIG", "SET", "maxmemory", "0")


def redis_wire(mode: Mode, delay: float = 0.0) -> Strike:
    """Disturb what is said to Redis."""

    def strike(scene: Scene) -> None:
        scene.site.redis_proxy.set(mode, delay)
        scene.last()

    return strike


def database_wire(mode: Mode, delay: float = 0.0) -> Strike:
    """Disturb what is said to PostgreSQL."""

    def strike(scene: Scene) -> None:
        scene.site.database_proxy.set(mode, delay)
        scene.last()

    return strike


def restart_postgres(how: signal.Signals) -> Strike:
    """Stop PostgreSQL this way, and start it again at once."""

    def strike(scene: Scene) -> None:
        scene.site.postgres.stop(how)
        scene.site.postgres.start()

    return strike


def kill_backends(scene: Scene) -> None:
    """Kill processes of PostgreSQL that serve a connection."""
    for _ in range(3):
        scene.site.postgres.kill_a_backend()
        wait_until(lambda: _answers(scene.site), "PostgreSQL")
        time.sleep(scene.seconds / 3)


def _answers(site: Site) -> bool:
    with suppress(psycopg.OperationalError):
        return bool(site.postgres.rows("SELECT 1"))
    return False


def read_only_database(scene: Scene) -> None:
    """Let the database take no writes."""
    postgres = scene.site.postgres
    postgres.run("ALTER SYSTEM SET default_transaction_read_only = on")
    postgres.run("SELECT pg_reload_conf()")
    scene.last()
    postgres.run("ALTER SYSTEM RESET default_transaction_read_only")
    postgres.run("SELECT pg_reload_conf()")


def locked_table(scene: Scene) -> None:
    """Lock all accounts; the sign of life must go on."""
    with scene.site.postgres.connection() as connection:
        connection.execute("BEGIN")
        connection.execute("LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE")
        _expect_sign_of_life(scene)
        scene.last()
        connection.execute("ROLLBACK")


def no_connection_left(scene: Scene) -> None:
    """Take every connection that PostgreSQL has, and cut the hub's."""
    taken: list[psycopg.Connection[tuple[object, ...]]] = []
    try:
        scene.site.database_proxy.set(Mode.REFUSE)
        with suppress(psycopg.OperationalError):
            taken.extend(scene.site.postgres.connection() for _ in range(MOST_CONNECTIONS))
        scene.site.database_proxy.set(Mode.PASS)
        _expect_sign_of_life(scene)
        scene.last()
    finally:
        for connection in taken:
            connection.close()


def _expect_sign_of_life(scene: Scene) -> None:
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get(f"{scene.site.issuer}/alive", timeout=5)
    assert answer.ok, f"the sign of life: {answer.status_code}"


@contextmanager
def answering(scene: Scene, name: str, handler: Handler) -> Iterator[None]:
    """Let a neighbour answer otherwise while the block runs."""
    simulator = getattr(scene.site, name)
    usual, simulator.handler = simulator.handler, handler
    try:
        yield
    finally:
        simulator.handler = usual


def neighbour(name: str, change: Callable[[random.Random, Answer], Answer]) -> Strike:
    """Let registries (``civil``) or SMS gateway (``gateway``) answer as ``change`` says."""

    def strike(scene: Scene) -> None:
        usual = getattr(scene.site, name).handler

        def odd(received: Received) -> Answer:
            return change(scene.randomness, usual(received))

        with answering(scene, name, odd):
            scene.last()

    return strike


def gateway_down(scene: Scene) -> None:
    """Let the gateway take nothing."""
    with answering(scene, "gateway", lambda _: Answer(503, b"{}")):
        scene.last()


def odd_answer(randomness: random.Random, answer: Answer) -> Answer:
    """Return something that is no answer of a registry."""
    return ODD[randomness.choice(ODD_ANSWERS)](answer)


def cut_sometimes(randomness: random.Random, answer: Answer) -> Answer:
    """Cut every second line after the message was taken."""
    return replace(answer, silent=True) if randomness.random() < 0.5 else answer


def poison_jobs(scene: Scene) -> None:
    """Put jobs among the others that nobody can run."""
    for number in range(6):
        kind, message = (("sms", "'not sealed'"), ("check_case", "NULL"))[number % 2]
        scene.site.postgres.run(
            "INSERT INTO jobs (kind, subject, unique_key, payload, sealed_message, message_id,"
            f" state, run_at, fence, tries, created_at) VALUES ('{kind}', '{POISON}',"
            f" '{POISON}:{number}:{time.time()}', '{{}}', {message}, 'x', 'waiting', now(), 0, 0,"
            " now())"
        )
    scene.last()


def duplicates(scene: Scene) -> None:
    """Send the same refresh, and the same last form of a registration, sixteen times at once."""
    for _ in range(3):
        person = replace(scene.site.house.citizen(scene.site.size.citizens), tokens={})
        do(scene.site.issuer, operations.sign_in(scene.provider, person), Seen())
        _at_once(lambda person=person: _renew_copy(scene, person))
        _submit_at_once(scene)


def _renew_copy(scene: Scene, person: Person) -> None:
    copy = replace(person, tokens=dict(person.tokens))
    do(scene.site.issuer, operations.renew(scene.provider, copy), Seen())


def _submit_at_once(scene: Scene) -> None:
    person = newcomer(next(scene.numbers))
    browser, known = Visitor(scene.site.issuer), len(scene.site.texts(person.mobile))

    def take() -> str:
        return scene.site.take_code(person.mobile, known)

    page = do(
        scene.site.issuer, operations.to_details(scene.provider, person, take, browser), Seen()
    )

    def submit() -> None:
        own = Visitor(browser.origin, dict(browser.cookies), browser.page)
        do(scene.site.issuer, operations.send_details(own, page, person), Seen())

    _at_once(submit)


def _at_once(act: Callable[[], None]) -> None:
    """Do the same in many threads; who is told of a conflict shows the same page later."""

    def alone() -> None:
        with suppress(Exception):
            act()

    threads = [threading.Thread(target=alone) for _ in range(DUPLICATES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def herd(scene: Scene) -> None:
    """Restart PostgreSQL while ten times as many portals as usual come back at once."""
    over = threading.Event()

    def come() -> None:
        person = replace(scene.site.house.citizen(scene.site.size.citizens), tokens={})
        while not over.wait(0.05):
            with suppress(Exception):
                do(scene.site.issuer, operations.sign_in(scene.provider, person), Seen())

    threads = [threading.Thread(target=come) for _ in range(30)]
    for thread in threads:
        thread.start()
    restart_postgres(signal.SIGINT)(scene)
    scene.last()
    over.set()
    for thread in threads:
        thread.join()


def fill_disk(scene: Scene) -> None:
    """Fill the disk of PostgreSQL's files, and make room again."""
    ballast = scene.site.postgres.cluster.parent / "ballast"
    with suppress(OSError), ballast.open("wb") as file:
        while True:
            file.write(b"\0" * (1 << 20))
    scene.last()
    ballast.unlink()
    wait_until(lambda: _answers(scene.site) or scene.site.postgres.revive(), "PostgreSQL")
