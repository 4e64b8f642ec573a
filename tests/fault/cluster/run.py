"""``make cluster``: play each event on three nodes under load, judge, print, and record."""

import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count

from tests.deploy.deployment import NGINX
from tests.fault.cluster.events import EVENTS, Event
from tests.fault.cluster.network import why_not
from tests.fault.cluster.report import Row, Window, judged, record, row_of, table
from tests.fault.cluster.town import Town, running_town
from tests.fault.lab.clients import Load, Reader, load_of, running
from tests.fault.lab.judge import judge
from tests.fault.lab.ledger import Ledger
from tests.fault.lab.run import drain
from tests.fault.lab.site import Size
from tests.fault.lab.stores import wait_until

PAUSE = 1.0
"""Seconds between two operations of a citizen: many who come now and then, not few in a hurry."""
AROUND = 3.0
AFTER = 12.0
"""Seconds of load after an event: nginx tries a node again after ten."""
HEALTH_WITHIN = 15.0
LOOK_EVERY = 0.1
CANNOT = 2
"""The exit code where this machine can have no such network."""
READ = (
    "/.well-known/openid-configuration",
    "/oauth2/jwks",
    "/login",
    "/register",
    "/help",
    "/alive",
)


@dataclass(frozen=True)
class Plan:
    """What is asked for on the command line of ``make cluster``."""

    words: str
    """Events whose title has it; empty: all."""
    seconds: float
    seed: str
    citizens: int

    @property
    def events(self) -> list[Event]:
        """Return the events of this plan."""
        return [one for one in EVENTS if self.words in one.title]


def plan_of(environment: dict[str, str]) -> Plan:
    """Return the plan of the variables EVENTS, SECONDS, SEED and CITIZENS."""
    return Plan(
        words=environment.get("EVENTS", ""),
        seconds=float(environment.get("SECONDS") or 20),
        seed=environment.get("SEED") or str(int(time.time())),
        citizens=int(environment.get("CITIZENS") or 16),
    )


def reason_not_to() -> str:
    """Return why the cluster cannot run here; empty: it can."""
    if NGINX is None:
        return "nginx is not installed (Debian, Ubuntu: apt-get install nginx-light)"
    return why_not()


def main(environment: dict[str, str]) -> int:
    """Play all; return 1 where a promise was broken, 2 where there can be no cluster."""
    # Told to stop, it ends what it has started, as after Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if reason := reason_not_to():
        print(f"no cluster: {reason}", file=sys.stderr)
        return CANNOT
    plan = plan_of(environment)
    print(f"SEED={plan.seed}", flush=True)
    with running_town(Size(citizens=plan.citizens)) as town:
        rows = list(play_all(town, plan))
    print("\n".join(table(rows)), flush=True)
    if environment.get("RECORD"):
        record(rows, plan.seconds, plan.seed)
    return int(any(not one.is_well for one in rows))


def play_all(town: Town, plan: Plan) -> Iterator[Row]:
    """Play one event after the other."""
    load = load_at(town, plan.seed)
    told: set[str] = set()
    for number, event in enumerate(plan.events, 1):
        ledger = Ledger(town.folder / f"ledger-{number}")
        load.begin(ledger)
        row = play(town, event, load, plan.seconds)
        verdict = judge(town, load.clients[0].provider, ledger.lines(), load.used_codes)
        row = replace(row, verdict=verdict.beyond(told))
        ledger.close()
        print(row.lines, flush=True)
        yield row


def load_at(town: Town, seed: str) -> Load:
    """Return the fault lab's clients, and somebody who opens pages and documents."""
    load = load_of(town, Ledger(town.folder / "ledger-0"), seed, count(1))
    citizen = load.clients[0]
    chance = random.Random(f"{seed} reader")
    load.clients.append(
        Reader(town, citizen.provider, citizen.ledger, chance, "reader", paths=READ)
    )
    return load


def play(town: Town, event: Event, load: Load, seconds: float) -> Row:
    """Let the event happen under load, and mend it."""
    wait_until(lambda: town.is_whole, "the nodes", 60)
    with running(load):
        time.sleep(AROUND)
        begun = time.time()
        event.strike(town)
        health = seconds_to_unready(town, HEALTH_WITHIN if event.loses_the_node else seconds)
        time.sleep(max(0.0, begun + seconds - time.time()))
        mended = time.time()
        event.mend(town)
        wait_until(lambda: town.is_whole, "the nodes", 60)
        time.sleep(AFTER)
    drain(town)
    row = row_of(
        event.title, Window(begun, mended), list(load.clients[0].ledger.lines()), load.failures
    )
    return judged(
        replace(row, slowest=load.slowest, health=health),
        loses_the_node=event.loses_the_node,
        sign_ins_go_on=event.sign_ins_go_on,
    )


def seconds_to_unready(town: Town, within: float) -> float | None:
    """Wait until the first node is not ready; None: it was ready all the time."""
    begun = time.monotonic()
    while time.monotonic() - begun < within:
        if not town.nodes[0].is_ready():
            return time.monotonic() - begun
        time.sleep(LOOK_EVERY)
    return None


if __name__ == "__main__":
    sys.exit(main(dict(os.environ)))
