"""``make bench``: the CPU that each operation costs on the servers, beside the last recorded table.

Windows of all targets follow one another, forwards and then backwards, so that a busy moment of the
machine hits none of them alone. Compare ratios: absolute figures drift with the machine.
"""

import os
import statistics
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from tests.performance import hub, limits, report
from tests.performance.machines import VARIANTS, Machine, Target, Variant, has_granian, targets
from tests.performance.processes import cpu_seconds, machine_seconds
from tests.performance.scenarios import SCENARIOS, Scenario
from tests.performance.stores import fresh_place
from tests.performance.yardstick import Yardstick

WARM_UP = 1.5  # seconds at most before a first window: JIT, prepared statements, caches

Windows = defaultdict[str, defaultdict[str, list[float]]]
"""CPU milliseconds of an operation in each window, by target and scenario."""


@dataclass(frozen=True)
class Plan:
    """How long, with how many, and beside whom."""

    scenarios: Sequence[Scenario]
    variants: Sequence[Variant]
    rounds: int = 3
    seconds: float = 2.0
    users: int = 8
    node: bool = False
    records: bool = False


class Others:
    """What other programs used since this was made: they make each second of CPU dearer."""

    def __init__(self, running: Sequence[Target]) -> None:
        self._roots = [os.getpid(), *{root for target in running for root in target.roots}]
        self._before = self._now()

    def share(self) -> float:
        """Return their share of all cores."""
        begun, used = self._before
        now, used_now = self._now()
        return max(0.0, used_now - used) / ((now - begun) * (os.cpu_count() or 1))

    def _now(self) -> tuple[float, float]:
        return time.monotonic(), machine_seconds() - cpu_seconds(self._roots)


def main(environment: dict[str, str]) -> None:
    """Measure, print, and record if wanted."""
    plan = plan_of(environment)
    begun = time.monotonic()
    with (
        fresh_place(durable=True) as place,
        hub.furnished(place, people=plan.users) as house,
    ):
        result = measure(plan, Machine(place, house))
    print("\n".join(report.compared(result, report.recorded())), flush=True)
    print(f"{time.monotonic() - begun:.0f} seconds", flush=True)
    if plan.records:
        report.record(result)


def plan_of(environment: dict[str, str]) -> Plan:
    """Return the plan that the variables of ``make bench`` make."""
    usual = ["gunicorn", *(["granian"] if has_granian() else [])]
    named = [name for name in environment.get("TARGETS", "").split(",") if name]
    if environment.get("RECORD"):
        named = named or [*usual, "without Redis", "ES256", "opaque tokens"]
    only = [name for name in environment.get("ONLY", "").split(",") if name]
    return Plan(
        scenarios=[SCENARIOS[name] for name in only or SCENARIOS],
        variants=[VARIANTS[name] for name in named or usual],
        rounds=int(environment.get("ROUNDS") or 3),
        seconds=float(environment.get("SECONDS") or 2),
        users=int(environment.get("USERS") or 8),
        node=bool(environment.get("NODE")),
        records=bool(environment.get("RECORD")),
    )


def given(environment: dict[str, str]) -> dict[str, str]:
    """Return the variables that have a value; make hands the others over empty."""
    return {name: value for name, value in environment.items() if value}


def measure(plan: Plan, machine: Machine) -> report.Result:
    """Run all windows of all rounds."""
    ms: Windows = defaultdict(lambda: defaultdict(list))
    yardstick = Yardstick()
    with targets(machine, plan.variants, node=plan.node) as running:
        others = Others(running)
        for number in range(plan.rounds):
            yardstick.measure()
            in_turn = running if number % 2 == 0 else running[::-1]
            for scenario, target in product(plan.scenarios, in_turn):
                window(ms, plan, scenario, target)
        busy = others.share()
    return report.Result(
        ms=medians(ms),
        yardstick_ms=round(yardstick.length, 1),
        prices=limits.prices(machine, plan.variants[0], yardstick) if plan.records else None,
        machine=report.this_machine(),
        others=round(busy, 2),
        plan=told(plan),
    )


def told(plan: Plan) -> str:
    return f"{plan.rounds} rounds of {plan.seconds:g} seconds, {plan.users} users"


def medians(ms: Windows) -> dict[str, dict[str, float]]:
    return {
        target: {name: round(statistics.median(found), 4) for name, found in each.items()}
        for target, each in ms.items()
    }


def window(ms: Windows, plan: Plan, scenario: Scenario, target: Target) -> None:
    """Measure one scenario at one target, where it has that."""
    if scenario.is_for_newcomers and target.provider.take_code is None:
        return
    users = min(plan.users, scenario.most_users)
    found = ms[target.name][scenario.name]
    if not found:
        target.window(scenario, users, min(WARM_UP, plan.seconds))
    spent, a_second = target.window(scenario, users, plan.seconds)
    found.append(spent)
    print(f"  {scenario.name:16}{target.name:16}{spent:9.3f} ms {a_second:9.1f} /s", flush=True)


if __name__ == "__main__":
    main(dict(os.environ))
