"""``make endurance``: minutes of paced load with everything on one machine; memory must stay flat.

Citizens sign in by password and SMS code on new devices, portals refresh and read the metadata.
They come at random moments at given rates, whatever the hub does (an open loop). Without given
rates, a short run measures what they cost, and the rates become what ``SHARE`` of what other
programs leave of the machine allows, in the proportions of ``FULL``.
"""

import os
import random
import signal
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, count
from pathlib import Path

from tests.architecture.sources import ROOT
from tests.free_ports import free_port
from tests.performance import endurance_report, load
from tests.performance.endurance_report import Course, Outcome, Result
from tests.performance.hub import House, Place, furnished
from tests.performance.machines import PROCESSES, SERVE, Machine
from tests.performance.payday import arrivals
from tests.performance.phones import Phones
from tests.performance.processes import (
    children,
    cpu_seconds,
    machine_seconds,
    memory,
    running,
    started,
)
from tests.performance.scenarios import (
    Person,
    Provider,
    begin_offline,
    discover,
    discovery,
    refresh,
    sign_in,
)
from tests.performance.stores import fresh_place
from tests.performance.visitor import Steps, Unexpected, pause
from tests.simulators.http import simulated
from tests.simulators.sms import PASSWORD, SENDER, USER, MagfaHandler

FULL = {"sign-in by password and SMS code": 15.0, "refresh": 100.0, "discovery": 200.0}
"""Operations a second that the machine would have if half of it were enough."""
SETTINGS = dict(zip(FULL, ("SIGN_INS", "REFRESHES", "DISCOVERIES"), strict=True))
"""The variables that set a rate."""
TRIAL, TRIAL_SECONDS = 0.15, 20.0
"""The rates of the first run, over the full ones."""
CITIZENS, TOKENS = 1000, 120
"""Who sign in, one after the other; refresh tokens that portals exchange in turn."""
SAMPLE_EVERY = 2.0
LOOK_EVERY = 0.05
OWN = """\
[signin]
new_device_code = true
[sms.magfa]
url = "{gateway}/v2"
user = "{user}"
password = "{password}"
sender = "{sender}"
[worker]
embedded = false
# The thousand citizens sign in more often than any others.
[limits]
codes_of_account = [{{ count = 1000000, per_seconds = 3600 }}]
"""


Operation = Callable[[], Steps[None]]


@dataclass(frozen=True)
class Plan:
    """What is asked for on the command line of ``make endurance``."""

    minutes: float
    share: float
    rates: Mapping[str, float]
    """Where none is given, those that ``share`` allows."""
    records: bool


def plan_of(environment: Mapping[str, str]) -> Plan:
    """Return the plan of the variables MINUTES, SHARE, RECORD and those of ``SETTINGS``."""
    given = {name: environment.get(variable) for name, variable in SETTINGS.items()}
    return Plan(
        minutes=float(environment.get("MINUTES") or 10),
        share=float(environment.get("SHARE") or 0.5),
        rates={name: float(rate) for name, rate in given.items() if rate},
        records=bool(environment.get("RECORD")),
    )


@dataclass
class Stream:
    """Operations of one kind, and what became of them."""

    name: str
    rate: float
    operation: Callable[[], Steps[None]]
    outcome: Outcome = field(default_factory=Outcome)

    def due(self, seconds: float, chance: random.Random) -> Iterator[tuple[float, Operation]]:
        """Yield the moments at which somebody comes, with what they do."""
        for moment in arrivals(self.rate, seconds, chance, steady=True):
            yield moment, partial(self._counted, moment + time.perf_counter())

    def _counted(self, due: float) -> Steps[None]:
        begun = time.perf_counter()
        self.outcome.late.append(begun - due)
        try:
            yield from self.operation()
        except (Unexpected, LookupError) as error:
            self.outcome.failures[str(error)[:120]] += 1
        else:
            self.outcome.took.append(time.perf_counter() - begun)


@dataclass
class Hub:
    """The running hub, with everything that it stands on."""

    provider: Provider
    house: House
    processes: Mapping[str, int]
    """By their names in the report."""
    stores: Sequence[int]
    server: int
    logs: Sequence[Path]
    tokens: deque[Person] = field(default_factory=deque)
    _numbers: Iterator[int] = field(default_factory=count)

    def streams(self, rates: Mapping[str, float]) -> list[Stream]:
        """Return what happens at these rates."""
        operations = (self._sign_in, self._refresh, self._discovery)
        pairs = zip(FULL, operations, strict=True)
        return [Stream(name, rates[name], operation) for name, operation in pairs]

    def fill(self) -> None:
        """Let citizens sign in at portals that get refresh tokens."""
        for number in range(TOKENS):
            person = self.house.citizen(CITIZENS + number)
            load.run(self.provider.portal.issuer, begin_offline(self.provider, person))
            self.tokens.append(person)

    @property
    def web(self) -> list[int]:
        """The processes that answer requests."""
        return sorted(children(self.server))

    def _sign_in(self) -> Steps[None]:
        person = self.house.citizen(next(self._numbers) % CITIZENS)
        yield from sign_in(self.provider, person)

    def _refresh(self) -> Steps[None]:
        while not self.tokens:  # portals wait for each other's answers
            yield pause(LOOK_EVERY)
        person = self.tokens.popleft()
        try:
            yield from refresh(self.provider, person)
        finally:
            self.tokens.append(person)

    def _discovery(self) -> Steps[None]:
        yield from discovery(self.provider, Person("", ""))


@contextmanager
def running_hub() -> Iterator[Hub]:
    """Start PostgreSQL, Redis, the SMS gateway, the hub and its worker."""
    messages = MagfaHandler()
    with ExitStack() as stack:
        place = stack.enter_context(fresh_place(durable=True))
        house = stack.enter_context(furnished(place, people=CITIZENS + TOKENS))
        gateway = stack.enter_context(simulated(messages))
        port = free_port()
        environment = _environment(place, port, gateway.url)
        logs = [place.folder / f"{name}.log" for name in ("serve", "worker")]
        server = stack.enter_context(started(SERVE, port, logs[0], environment))
        worker = stack.enter_context(running([*SERVE[:-1], "worker"], logs[1], environment)).pid
        provider = house.provider(f"http://127.0.0.1:{port}")
        provider = provider.at(load.run(provider.portal.issuer, discover(provider.portal)))
        hub = Hub(
            provider=replace(provider, texts=Phones(messages.taken).texts),
            house=house,
            processes={"worker": worker, "master of the web processes": server},
            stores=Machine(place, house).stores(),
            server=server,
            logs=logs,
        )
        hub.fill()
        yield hub


def _environment(place: Place, port: int, gateway: str) -> dict[str, str]:
    own = place.folder / "own.toml"
    own.touch(mode=0o600)
    values = {"user": USER, "password": PASSWORD, "sender": SENDER}
    own.write_text(OWN.format(gateway=gateway, **values), "utf-8")
    files = [*place.write_settings(port, processes=PROCESSES), own]
    return {"IDP_CONFIG": os.pathsep.join(map(str, files)), "PYTHONPATH": str(ROOT)}


def main(environment: Mapping[str, str]) -> int:
    """Load the hub, judge, print, and record if wanted; return 1 where something was wrong."""
    # Told to stop, it ends what it has started, as after Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    plan = plan_of(environment)
    with running_hub() as hub:
        found = {} if set(plan.rates) == set(FULL) else rates_of(hub, plan.share)
        rates = found | plan.rates
        print(f"rates a second: {rates}", flush=True)
        result = endure(hub, rates, plan.minutes * 60)
    print("\n".join(endurance_report.document(result)), flush=True)
    if plan.records:
        endurance_report.record(result)
    return int(bool(result.faults))


def rates_of(hub: Hub, share: float) -> dict[str, float]:
    """Return the rates at which everything takes this share of what other programs leave.

    They are at most the full ones.
    """
    trial = endure(hub, {name: rate * TRIAL for name, rate in FULL.items()}, TRIAL_SECONDS)
    factor = min(1.0, TRIAL * share * (1 - trial.others) / trial.used)
    return {name: round(rate * factor, 1) for name, rate in FULL.items()}


def endure(hub: Hub, rates: Mapping[str, float], seconds: float) -> Result:
    """Load the hub at these rates for so long; return what was seen."""
    streams, web = hub.streams(rates), hub.web
    watched = {f"web process {n}": process for n, process in enumerate(web, 1)} | hub.processes
    chance = random.Random("endurance")
    due = [one.due(seconds, chance) for one in streams]
    roots = [os.getpid(), *hub.stores]
    ours, everybody, begun = cpu_seconds(roots), machine_seconds(), time.perf_counter()
    with sampled(watched) as courses:
        load.run_at(hub.provider.portal.issuer, list(chain(*due)))
    took = time.perf_counter() - begun
    ours, everybody = cpu_seconds(roots) - ours, machine_seconds() - everybody
    cores = took * (os.cpu_count() or 1)
    return Result(
        rates=dict(rates),
        full=FULL,
        seconds=took,
        outcomes={one.name: one.outcome for one in streams},
        courses=courses,
        used=ours / cores,
        others=max(0.0, everybody - ours) / cores,
        was_replaced=hub.web != web,
        log=errors_of(hub.logs),
    )


def errors_of(logs: Sequence[Path]) -> Counter[str]:
    """Return what the hub has logged as an error, by how often."""
    lines = chain(*(log.read_text("utf-8").splitlines() for log in logs))
    wrong = (line for line in lines if '"level": "error"' in line or "Traceback" in line)
    return Counter(line[:160] for line in wrong)


@contextmanager
def sampled(processes: Mapping[str, int]) -> Iterator[dict[str, Course]]:
    """Look at the memory of the processes again and again while the block runs."""
    over, courses = threading.Event(), {name: Course() for name in processes}

    def look() -> None:
        begun = time.monotonic()
        while not over.is_set():
            for name, process in processes.items():
                courses[name].add(time.monotonic() - begun, memory(process).resident)
            over.wait(SAMPLE_EVERY)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield courses
    finally:
        over.set()
        thread.join()


if __name__ == "__main__":
    sys.exit(main(dict(os.environ)))
