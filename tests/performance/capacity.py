"""``make capacity``: what 40 million accounts and a pay day need, from measured costs.

The costs are those of docs/generated/bench.json and footprint.md, and the weights that
``make capacity RECORD=1`` measures into docs/generated/capacity.json. Demand is assumed; each
number stands in the table with its name, so that operators can put their own in.
"""

import json
import math
import os
import random
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from tests.architecture.sources import ROOT
from tests.performance import report
from tests.performance.payday import Day, Queue, arrivals, mean_wait, play
from tests.performance.report import head, row
from tests.performance.weights import Weight, Weights, measure

DATA = ROOT / "docs" / "generated" / "capacity.json"
TABLE = ROOT / "docs" / "generated" / "capacity.md"
FOOTPRINT = ROOT / "docs" / "generated" / "footprint.md"
SEED = 20260321
DAY, MB, GB = 86_400, 1e6, 1e9


@dataclass(frozen=True)
class Demand:
    """What is assumed."""

    accounts: int = 40_000_000
    sign_ins_on_pay_day: int = 6_000_000
    share_of_busiest_hour: float = 0.20
    peak_over_mean_of_hour: float = 1.8
    sign_ins_a_day: int = 2_000_000
    portals_after_a_sign_in: float = 1.0
    refreshes_after_a_sign_in: float = 2.0
    userinfo_after_a_sign_in: float = 1.0
    share_on_a_new_device: float = 0.25
    registrations_a_day: int = 20_000
    sms_of_a_registration: float = 2.0
    networks_an_hour: int = 300_000
    counters_of_a_network: int = 6

    @property
    def busiest_hour(self) -> float:
        """Sign-ins a second, as the mean of the busiest hour of a pay day."""
        return self.sign_ins_on_pay_day * self.share_of_busiest_hour / 3600

    @property
    def peak(self) -> float:
        """Sign-ins a second in the busiest minutes."""
        return self.busiest_hour * self.peak_over_mean_of_hour


@dataclass(frozen=True)
class Machines:
    """What is planned."""

    cores: int = 8
    fullest: float = 0.6
    """Of a node's CPU, at the peak: one of its neighbours may be away."""
    processes: int = 8
    database_cores: int = 32
    sms_a_second: int = 300
    """Of all gateways together, by contract."""


@dataclass(frozen=True)
class Model:
    """The figures that follow."""

    demand: Demand
    machines: Machines
    weights: Weights
    ms: dict[str, float]
    """CPU of each operation, as recorded by ``make bench``."""
    hash_ms: float
    resident_mib: float

    @property
    def company(self) -> dict[str, float]:
        """How often each operation comes with a sign-in."""
        return {
            "sign_in": 1.0,
            "single_sign_on": self.demand.portals_after_a_sign_in,
            "refresh": self.demand.refreshes_after_a_sign_in,
            "userinfo": self.demand.userinfo_after_a_sign_in,
        }

    @property
    def cpu_ms(self) -> float:
        """CPU of a sign-in with its company, of all servers."""
        return sum(self.ms[name] * times for name, times in self.company.items())

    @property
    def database_ms(self) -> float:
        """The part of it that PostgreSQL and Redis take."""
        known = self.weights.operations
        return sum(
            self.ms[name] * times * known[name].database_share
            for name, times in self.company.items()
            if name in known
        )

    @property
    def web_ms(self) -> float:
        """The part of the web nodes."""
        return self.cpu_ms - self.database_ms

    @property
    def cores(self) -> float:
        """Cores of web nodes that are busy at the peak."""
        return self.demand.peak * self.web_ms / 1000

    @property
    def nodes(self) -> int:
        """Web nodes: none fuller than planned, and one more."""
        return math.ceil(self.cores / self.machines.cores / self.machines.fullest) + 1

    def total(self, weight: str) -> float:
        """Return what a sign-in and its company weigh together."""
        return sum(
            getattr(one, weight) * self.company[name]
            for name, one in self.weights.operations.items()
        )

    @property
    def sms_a_day(self) -> float:
        """Messages of a pay day."""
        demand = self.demand
        codes = demand.sign_ins_on_pay_day * demand.share_on_a_new_device
        return codes + demand.registrations_a_day * demand.sms_of_a_registration

    @property
    def sms_at_the_peak(self) -> float:
        """Codes a second at the peak."""
        return self.demand.peak * self.demand.share_on_a_new_device

    def limits(self) -> list[tuple[str, float, str]]:
        """Return what ends, at how many sign-ins a second, and what to do then; first the first."""
        machines, hashes = self.machines, self.nodes * (self.machines.cores - 1)
        found = [
            (
                "the audit's chain, one turn after the other",
                1000 / self.weights.audit_turn_ms,
                "a faster core and network for PostgreSQL; then several chains",
            ),
            (
                f"web nodes: {self.nodes} of {machines.cores} cores",
                self.nodes * machines.cores * 1000 / self.web_ms,
                "a node more: nothing ties a citizen to one",
            ),
            (
                f"hashes: {hashes} at once on these nodes",
                hashes * 1000 / self.hash_ms,
                "a node more; never a cheaper hash",
            ),
            (
                f"PostgreSQL's CPU: {machines.database_cores} cores",
                machines.database_cores * 1000 / self.database_ms,
                "reads to a replica, then shards by account",
            ),
            (
                f"SMS gateways: {machines.sms_a_second} messages a second",
                machines.sms_a_second / self.demand.share_on_a_new_device,
                "a second gateway; `signin.device_days` longer",
            ),
        ]
        return sorted(found, key=lambda one: one[1])


def model(
    weights: Weights, demand: Demand | None = None, machines: Machines | None = None
) -> Model:
    """Return the model, with the costs that are recorded in docs/generated."""
    recorded = report.recorded()
    assert recorded is not None
    assert recorded.prices is not None
    found = re.search(r"^\| gunicorn \|(.*)\|$", FOOTPRINT.read_text("utf-8"), re.MULTILINE)
    assert found is not None
    resident = float(found[1].split("|")[4])
    return Model(
        demand or Demand(),
        machines or Machines(),
        weights,
        recorded.ms["gunicorn"],
        recorded.prices.hash,
        resident,
    )


def simulate(planned: Model, nodes: int, seconds: float) -> Day:
    """Play the busiest hour, shortened to ``seconds``, at one of ``nodes`` like nodes.

    A visitor takes one core for as long as a sign-in and its company take CPU there.
    """
    chance = random.Random(f"{SEED} {nodes}")
    service = planned.web_ms / 1000
    moments = arrivals(planned.demand.busiest_hour / nodes, seconds, chance)
    queue = Queue(planned.machines.cores, places=40 * planned.machines.processes, patience=2.0)
    return play(moments, queue, lambda _: service, chance)


def document(planned: Model) -> Iterator[str]:
    """Yield the lines of the recorded table."""
    yield "# What a pay day needs"
    yield ""
    yield "`make capacity` wrote this table from the recorded costs, `make capacity RECORD=1` with"
    yield "weights measured anew; [capacity](../operate/capacity.md) explains it."
    yield ""
    yield from _section("Assumed", _assumed(planned))
    yield from _section("Measured", _measured(planned))
    yield from _section("Web nodes at the peak", _web(planned))
    yield from _section("PostgreSQL", _database(planned))
    yield from _section("Redis and SMS", _others(planned))
    yield "## What breaks first"
    yield ""
    yield from head("limit", ["sign-ins a second", "times the peak", "then"])
    for name, rate, then in planned.limits():
        yield row(name, [f"{rate:,.0f}", f"{rate / planned.demand.peak:.1f}", then])
    yield ""
    yield "## The hour, played"
    yield ""
    yield "One node of several like it, in an hour that rises, falls and has a burst."
    yield ""
    yield from head("nodes", ["fullest, %", "mean wait, ms", "95 %, ms", "99 %, ms", "refused, %"])
    for nodes in (planned.nodes, planned.nodes - 1, math.ceil(planned.nodes / 2)):
        yield _played(planned, nodes)


def _section(title: str, lines: Iterator[tuple[str, str]]) -> Iterator[str]:
    yield f"## {title}"
    yield ""
    yield from head("what", ["figure"])
    for name, value in lines:
        yield row(name, [value])
    yield ""


def _assumed(planned: Model) -> Iterator[tuple[str, str]]:
    for name, value in asdict(planned.demand).items():
        yield name.replace("_", " "), f"{value:,}"
    yield "sign-ins a second, mean of the busiest hour", f"{planned.demand.busiest_hour:,.0f}"
    yield "sign-ins a second at the peak", f"{planned.demand.peak:,.0f}"


def _measured(planned: Model) -> Iterator[tuple[str, str]]:
    for name, one in planned.weights.operations.items():
        title = name.replace("_", " ")
        yield f"{title}: WAL, bytes", f"{one.wal_bytes:,.0f}"
        yield f"{title}: the same after a checkpoint", f"{one.wal_bytes_after_checkpoint:,.0f}"
        yield f"{title}: transactions that write", f"{one.commits:.0f}"
        yield f"{title}: tables grow by, bytes", f"{one.stored_bytes:,.0f}"
        yield f"{title}: share of the stores' CPU", f"{one.database_share:.0%}"
    weights = planned.weights
    yield "an account's row with its indexes, bytes", f"{weights.account_bytes:,.0f}"
    yield "an entry of the audit with its indexes, bytes", f"{weights.audit_bytes:,.0f}"
    yield "a counter in Redis, bytes", f"{weights.redis_bytes:,.0f}"
    yield "a writer's turn at the audit, ms", f"{weights.audit_turn_ms:.2f}"
    yield "a commit alone, ms", f"{weights.commit_ms:.2f}"


def _web(planned: Model) -> Iterator[tuple[str, str]]:
    machines = planned.machines
    yield (
        "CPU of a sign-in with its company, ms (docs/generated/bench.json)",
        f"{planned.cpu_ms:.0f}",
    )
    yield "of these on web nodes, ms", f"{planned.web_ms:.0f}"
    yield "cores that are busy", f"{planned.cores:.0f}"
    yield (
        f"nodes of {machines.cores} cores, {machines.fullest:.0%} full, and one more",
        f"{planned.nodes}",
    )
    yield "hashes at once that are needed", f"{planned.demand.peak * planned.hash_ms / 1000:.0f}"
    yield "hashes at once that these nodes compute", f"{planned.nodes * (machines.cores - 1)}"
    memory = machines.processes * planned.resident_mib / 1024
    yield "memory of a node's web processes, GiB (docs/generated/footprint.md)", f"{memory:.1f}"


def _database(planned: Model) -> Iterator[tuple[str, str]]:
    demand, weights = planned.demand, planned.weights
    peak, wal = demand.peak, planned.total("wal_bytes")
    after = planned.total("wal_bytes_after_checkpoint")
    yield "transactions that write, a second at the peak", f"{peak * planned.total('commits'):,.0f}"
    yield "WAL at the peak, MB/s", f"{peak * wal / MB:.1f}"
    yield "WAL at the peak, after a checkpoint, MB/s", f"{peak * after / MB:.1f}"
    yield "WAL of a pay day, GB", f"{demand.sign_ins_on_pay_day * after / GB:,.0f}"
    yield "WAL of a usual day, GB", f"{demand.sign_ins_a_day * after / GB:,.0f}"
    yield "cores that are busy at the peak", f"{peak * planned.database_ms / 1000:.1f}"
    yield "accounts, GB", f"{demand.accounts * weights.account_bytes / GB:,.0f}"
    audit = demand.sign_ins_a_day * 365 * weights.audit_bytes / GB
    yield "audit of sign-ins in a year, GB (nothing deletes it)", f"{audit:,.0f}"
    kept = demand.sign_ins_a_day * 90 * planned.total("stored_bytes") / GB
    yield "sessions, devices, grants, tokens at most, GB (90 days)", f"{kept:,.0f}"


def _others(planned: Model) -> Iterator[tuple[str, str]]:
    demand = planned.demand
    counters = demand.networks_an_hour * demand.counters_of_a_network
    yield "counters in Redis", f"{counters:,}"
    yield "Redis, MB", f"{counters * planned.weights.redis_bytes / MB:,.0f}"
    yield "SMS of a pay day", f"{planned.sms_a_day:,.0f}"
    yield "SMS a second at the peak", f"{planned.sms_at_the_peak:,.0f}"


def _played(planned: Model, nodes: int) -> str:
    day = simulate(planned, nodes, 3600)
    full = planned.demand.peak * planned.web_ms / 1000 / (nodes * planned.machines.cores)
    share = day.refused / (day.refused + len(day.waits))
    waits = [day.mean, day.quantile(0.95), day.quantile(0.99)]
    cells = [f"{full:.0%}", *(f"{1000 * wait:,.0f}" for wait in waits), f"{share:.1%}"]
    return row(str(nodes), cells)


def recorded_weights() -> Weights:
    """Return the last recorded weights."""
    read = json.loads(DATA.read_text("utf-8"))
    operations = {name: Weight(**one) for name, one in read.pop("operations").items()}
    return Weights(operations, **read)


def main(environment: dict[str, str]) -> None:
    """Measure if wanted, and write the table."""
    if environment.get("RECORD"):
        weights = measure(int(environment.get("COUNT") or 300))
        DATA.write_text(json.dumps(asdict(weights), indent=1) + "\n", "utf-8")
    lines = list(document(model(recorded_weights())))
    print("\n".join(lines))
    TABLE.write_text("\n".join(lines) + "\n", "utf-8")


def steady_wait(planned: Model, nodes: int) -> float:
    """Return the mean wait that M/M/c gives for the hour's mean rate, in seconds."""
    rate = planned.demand.busiest_hour / nodes
    return mean_wait(rate, planned.web_ms / 1000, planned.machines.cores)


if __name__ == "__main__":
    main(dict(os.environ))
