"""``make rush``: tokens a second and how long they take, while people sign in without a pause.

Passwords are hashed for some 25 ms each: they must not keep portals from their tokens. Rates depend
on the machine; what counts is the ratio between servers that are measured in turn.
"""

import os
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from tests.architecture.sources import ROOT
from tests.performance import bench, hub, load, report
from tests.performance.machines import Machine, Target, targets
from tests.performance.report import NODE
from tests.performance.scenarios import (
    Person,
    Provider,
    Step,
    begin_offline,
    come,
    refresh,
    sign_in,
)
from tests.performance.stores import fresh_place
from tests.performance.visitor import Steps, Unexpected

TABLE = ROOT / "docs" / "generated" / "rush.md"
WARM_UP = 2.0


@dataclass(frozen=True)
class Window:
    """What one window saw of each second, and of the refreshes' times in milliseconds."""

    refreshes: float
    sign_ins: float
    refused: float
    median: float
    p99: float


class Tally:
    """When each operation ended, how long it took, and how many the server refused."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until = time.perf_counter() + seconds
        self.took: list[float] = []
        self.refused = 0

    def counting(self, operation: Step, provider: Provider, person: Person) -> Steps[None]:
        """Do the operation; count it when it ends within the window."""
        begun = time.perf_counter()
        try:
            yield from operation(provider, person)
        except Unexpected:
            self.refused += 1
            return
        now = time.perf_counter()
        if now <= self._until:
            self.took.append(now - begun)

    @property
    def rate(self) -> float:
        return len(self.took) / self._seconds

    def quantile(self, share: float) -> float:
        """Return the time in milliseconds that this share of the operations did not exceed."""
        ordered = sorted(self.took) or [0.0]
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000


def main(environment: dict[str, str]) -> None:
    """Measure, print, and record if wanted."""
    usual = {"TARGETS": "gunicorn,granian,two hashes at once", "ROUNDS": "5", "SECONDS": "4"}
    plan = bench.plan_of({**usual, **bench.given(environment)})
    with (
        fresh_place(durable=True) as place,
        hub.furnished(place, people=2 * plan.users) as house,
        targets(Machine(place, house), plan.variants, node=plan.node) as running,
    ):
        lines = list(document(plan, *measure(plan, running)))
    print("\n".join(lines), flush=True)
    if plan.records:
        TABLE.write_text("\n".join(lines) + "\n", "utf-8")


def measure(
    plan: bench.Plan, running: Sequence[Target]
) -> tuple[dict[str, list[Window]], bench.Others]:
    """Run a window at each target in turn, forwards and backwards."""
    found: defaultdict[str, list[Window]] = defaultdict(list)
    for target in running:
        window(target, plan.users, min(WARM_UP, plan.seconds))
    others = bench.Others(running)
    for number in range(plan.rounds):
        for target in running if number % 2 == 0 else running[::-1]:
            seen = window(target, plan.users, plan.seconds)
            found[target.name].append(seen)
            print(f"  {target.name:16}{seen}", flush=True)
    return found, others


def window(target: Target, users: int, seconds: float) -> Window:
    """Let as many refresh tokens as sign in, all without a pause."""
    portals = target.ready(begin_offline, users)
    citizens = target.ready(come, 2 * users)[users:]
    tokens, arrivals = Tally(seconds), Tally(seconds)
    load.run_for(
        target.provider.portal.issuer,
        seconds,
        [partial(tokens.counting, refresh, target.provider, person) for person in portals]
        + [partial(arrivals.counting, sign_in, target.provider, person) for person in citizens],
    )
    return Window(
        refreshes=round(tokens.rate, 1),
        sign_ins=round(arrivals.rate, 1),
        refused=round((tokens.refused + arrivals.refused) / seconds, 1),
        median=round(tokens.quantile(0.5), 1),
        p99=round(tokens.quantile(0.99), 1),
    )


def document(
    plan: bench.Plan, found: dict[str, list[Window]], others: bench.Others
) -> Iterator[str]:
    """Yield the lines of the recorded table."""
    middle = {name: _medians(windows) for name, windows in found.items()}
    yield "# Tokens while people sign in"
    yield ""
    yield "`make rush RECORD=1 NODE=1` wrote this table; [performance](../operate/performance.md)"
    yield f"explains it. {plan.users} portals refresh tokens while {plan.users} citizens sign in by"
    yield f"password, all without a pause: medians of {bench.told(plan)},"
    yield f"on {report.this_machine()}. {report.of_others(others.share())}"
    yield ""
    against = [f"{which} ÷ {NODE}" for which in ("refreshes", "sign-ins")]
    titles = ["refreshes/s", "sign-ins/s", "refused/s", "median of a refresh, ms", "99 %, ms"]
    yield from report.head("server", [*titles, *(against if NODE in middle else [])])
    for name, one in middle.items():
        cells = [one.refreshes, one.sign_ins, one.refused, one.median, one.p99]
        row = [f"{cell:g}" for cell in cells]
        if node := middle.get(NODE):
            row += [f"{one.refreshes / node.refreshes:.2f}", f"{one.sign_ins / node.sign_ins:.2f}"]
        yield report.row(name, row)


def _medians(windows: Sequence[Window]) -> Window:
    return Window(
        *(statistics.median(column) for column in zip(*map(_values, windows), strict=True))
    )


def _values(window: Window) -> tuple[float, ...]:
    return (window.refreshes, window.sign_ins, window.refused, window.median, window.p99)


if __name__ == "__main__":
    main(dict(os.environ))
