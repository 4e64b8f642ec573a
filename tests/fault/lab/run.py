"""``make faults``: play each fault under load, judge, print, and record what was found."""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from tests.fault.lab import operations
from tests.fault.lab.clients import FAILURES, Load, load_of, running
from tests.fault.lab.faults import FAULTS, Fault
from tests.fault.lab.judge import judge
from tests.fault.lab.ledger import Ledger
from tests.fault.lab.operations import Seen, do
from tests.fault.lab.report import Row, record, table
from tests.fault.lab.site import Lab, Size, heal, running_site
from tests.fault.lab.strikes import POISON, Scene
from tests.performance.scenarios import Provider

AROUND = 1.5
HEALTHY_WITHIN = 60.0
IN_A_ROW = 3
"""So many sign-ins one after the other are health: each may meet another process."""
DRAINED_WITHIN = 90.0
SMALL_DISK = "160m"


@dataclass(frozen=True)
class Plan:
    """What is asked for on the command line of ``make faults``."""

    ids: frozenset[str]
    kills: int
    seed: str
    seconds: float
    size: Size

    def faults(self, *, small_disk: bool) -> list[Fault]:
        """Return the faults of this plan that run on this kind of disk."""
        wanted = [one for one in FAULTS if not self.ids or one.id in self.ids]
        return [one for one in wanted if one.small_disk is small_disk]


def plan_of(environment: dict[str, str]) -> Plan:
    """Return the plan of the variables FAULTS, KILLS, SEED and SECONDS."""
    return Plan(
        ids=frozenset(environment.get("FAULTS", "").split()),
        kills=int(environment.get("KILLS") or 200),
        seed=environment.get("SEED") or str(int(time.time())),
        seconds=float(environment.get("SECONDS") or 5),
        size=Size(),
    )


def main(environment: dict[str, str]) -> int:
    """Play all; return 1 where something was lost, twice or half, or an error was not allowed."""
    # Told to stop, it ends what it has started, as after Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    plan = plan_of(environment)
    print(f"SEED={plan.seed}", flush=True)
    rows = list(play_all(plan))
    print("\n".join(table(rows)), flush=True)
    if environment.get("RECORD"):
        record(rows, plan.seed, plan.kills)
    return int(any(not row.is_well for row in rows))


def play_all(plan: Plan) -> Iterator[Row]:
    """Yield a row for each fault of the plan."""
    if usual := plan.faults(small_disk=False):
        yield from play_on_a_site(plan, usual, None)
    if (small := plan.faults(small_disk=True)) and os.geteuid() == 0:
        with small_disk() as data:
            yield from play_on_a_site(plan, small, data)


def play_on_a_site(plan: Plan, faults: Sequence[Fault], data: Path | None) -> Iterator[Row]:
    """Start one site, and play the faults one after the other."""
    numbers = count(1)
    with running_site(plan.size, data) as site, ExitStack() as stack:
        ledger = Ledger(site.folder / "ledger-0")
        load = load_of(site, ledger, plan.seed, numbers)
        provider = load.clients[0].provider
        told: set[str] = set()
        stack.callback(ledger.close)
        for number, fault in enumerate(faults, 1):
            randomness = random.Random(f"{plan.seed} {fault.title}")
            scene = Scene(site, provider, randomness, plan.seconds, AROUND, plan.kills, numbers)
            own = Ledger(site.folder / f"ledger-{number}")
            stack.callback(own.close)
            load.begin(own)
            row = play(fault, scene, load, own, told)
            print(row.told, flush=True)
            yield row


def play(fault: Fault, scene: Scene, load: Load, ledger: Ledger, told: set[str]) -> Row:
    """Let the fault strike under load, wait until the hub is healthy, and judge."""
    site = scene.site
    with running(load):
        time.sleep(scene.around)
        fault.strike(scene)
        heal(site)
        healthy = seconds_to_health(site, scene.provider)
        time.sleep(scene.around)
    drain(site)
    lines = list(ledger.lines())
    verdict = judge(site, scene.provider, lines, load.used_codes)
    return Row(
        id=fault.id,
        title=fault.title,
        acked=load.acked,
        errors=load.errors,
        unkind=tuple(load.unkind),
        seconds=healthy,
        verdict=verdict.beyond(told),
        errors_allowed=fault.errors_allowed,
        reasons=tuple(f"{o.op}: {o.facts['why']}" for o in lines if o.phase == "failed"),
    )


def seconds_to_health(site: Lab, provider: Provider) -> float:
    """Return after how long sign-ins succeed again, one after the other."""
    begun = first = time.monotonic()
    successes = 0
    while successes < IN_A_ROW:
        tried = time.monotonic()
        if tried - begun > HEALTHY_WITHIN:
            return tried - begun
        person = replace(site.house.citizen(site.size.citizens), tokens={})
        try:
            do(site.issuer, operations.sign_in(provider, person), Seen())
        except FAILURES:
            successes = 0
            time.sleep(0.02)
            continue
        first = time.monotonic() if not successes else first
        successes += 1
    return first - begun


def drain(site: Lab) -> None:
    """Let the workers end what waits; what would wait for its next try is due now."""
    until = time.monotonic() + DRAINED_WITHIN
    waiting = f"state = 'waiting' AND subject <> '{POISON}' AND kind <> 'clean_up'"
    while time.monotonic() < until:
        if not site.postgres.rows(f"SELECT id FROM jobs WHERE {waiting} LIMIT 1"):
            return
        site.postgres.run(
            f"UPDATE jobs SET run_at = now() WHERE {waiting} AND run_at > now()"
            " AND (lease_until IS NULL OR lease_until < now())"
        )
        time.sleep(0.5)


@contextmanager
def small_disk() -> Iterator[Path]:
    """Mount a small file system of memory while the block runs."""
    with tempfile.TemporaryDirectory(prefix="idp-disk-") as name:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK},mode=0711", "tmpfs", name]
        subprocess.run(mount, check=True)
        try:
            yield Path(name)
        finally:
            subprocess.run(["umount", "--lazy", name], check=True)


if __name__ == "__main__":
    sys.exit(main(dict(os.environ)))
