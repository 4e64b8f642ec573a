"""``make footprint``: how long a start takes, and the memory of a web process after load."""

import os
import statistics
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from tests.architecture.sources import ROOT
from tests.free_ports import free_port
from tests.performance import bench, hub, report
from tests.performance.machines import Machine, Target, targets
from tests.performance.processes import Memory, Start, children, memory
from tests.performance.stores import fresh_place

TABLE = ROOT / "docs" / "generated" / "footprint.md"
LOAD = ("single_sign_on", "refresh", "userinfo", "introspection", "sign_in")


def main(environment: dict[str, str]) -> None:
    """Measure, print, and record if wanted."""
    usual = {"TARGETS": "gunicorn,granian", "ROUNDS": "7", "ONLY": ",".join(LOAD)}
    plan = bench.plan_of({**usual, **bench.given(environment)})
    with fresh_place(durable=True) as place, hub.furnished(place, people=plan.users) as house:
        machine = Machine(place, house)
        others = bench.Others([])
        starts = cold_starts(plan, machine)
        busy = others.share()
        with targets(machine, plan.variants, node=plan.node) as running:
            before = {target.name: web_processes(target) for target in running}
            after = {target.name: loaded(plan, target) for target in running}
    lines = list(document(plan, starts, before, after, busy))
    print("\n".join(lines), flush=True)
    if plan.records:
        TABLE.write_text("\n".join(lines) + "\n", "utf-8")


def cold_starts(plan: bench.Plan, machine: Machine) -> dict[str, list[Start]]:
    """Start each variant in turn, once without measuring: a first start compiles the pages."""
    found: defaultdict[str, list[Start]] = defaultdict(list)
    ports = {variant.name: free_port() for variant in plan.variants}
    for variant in plan.variants:
        machine.cold_start(variant, ports[variant.name])
    for _ in range(plan.rounds):
        for variant in plan.variants:
            start = machine.cold_start(variant, ports[variant.name])
            found[variant.name].append(start)
            print(f"  {variant.name:10}{start.seconds:.2f} s, {start.cpu:.2f} of CPU", flush=True)
    return found


def web_processes(target: Target) -> list[Memory]:
    return [memory(process) for process in children(target.roots[0])]


def loaded(plan: bench.Plan, target: Target) -> list[Memory]:
    """Return the memory of the web processes after every operation was done often."""
    for scenario in plan.scenarios:
        target.window(scenario, min(plan.users, scenario.most_users), plan.seconds)
    return web_processes(target)


def document(
    plan: bench.Plan,
    starts: Mapping[str, Sequence[Start]],
    before: Mapping[str, Sequence[Memory]],
    after: Mapping[str, Sequence[Memory]],
    busy: float,
) -> Iterator[str]:
    """Yield the lines of the recorded table."""
    yield "# Start and memory"
    yield ""
    yield "`make footprint RECORD=1` wrote this table; [performance](../operate/performance.md)"
    yield "explains it. The start is the time from the command to the first 200 of the metadata:"
    yield f"medians of {plan.rounds}. Memory is the largest web process's, in MiB, before and"
    yield f"after {plan.seconds:g} seconds of each operation by {plan.users} users."
    yield f"On {report.this_machine()}. {report.of_others(busy)}"
    yield ""
    titles = ["first answer, s", "CPU of it, s", "fastest, s"]
    memory_titles = ["resident at start", "resident after load", "its share, pages divided"]
    yield from report.head("server", [*titles, *memory_titles])
    for name, memories in after.items():
        cells = [*_start_cells(starts.get(name, ()))]
        cells += [f"{max(one.resident for one in each):.0f}" for each in (before[name], memories)]
        yield report.row(name, [*cells, f"{max(one.proportional for one in memories):.0f}"])


def _start_cells(starts: Sequence[Start]) -> list[str]:
    if not starts:
        return ["–"] * 3
    seconds = [start.seconds for start in starts]
    middle = (statistics.median(seconds), statistics.median(start.cpu for start in starts))
    return [f"{value:.2f}" for value in (*middle, min(seconds))]


if __name__ == "__main__":
    main(dict(os.environ))
