"""The tables of ``make bench``: printed beside the last recorded one, and recorded."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.architecture.sources import ROOT
from tests.performance.limits import Prices
from tests.performance.scenarios import SCENARIOS

DATA = ROOT / "docs" / "generated" / "bench.json"
TABLE = ROOT / "docs" / "generated" / "bench.md"
NODE = "node"
CHOICES = ("ES256", "opaque tokens", "granian", "without Redis")


@dataclass(frozen=True)
class Result:
    """One run: CPU milliseconds of an operation, by target and scenario."""

    ms: dict[str, dict[str, float]]
    yardstick_ms: float
    prices: Prices | None
    """Where the run is to be recorded."""
    machine: str
    others: float
    """Share of the machine that other programs used meanwhile."""
    plan: str

    @property
    def first(self) -> str:
        """The target that limits and ratios are told of."""
        return next(iter(self.ms))

    def ratio(self, scenario: str, target: str, to: str) -> float | None:
        """Return how many times as much the operation costs at ``target`` as at ``to``."""
        mine, its = self.ms[target].get(scenario), self.ms.get(to, {}).get(scenario)
        return mine / its if mine and its else None

    def change(self, scenario: str, target: str, before: "Result | None") -> float | None:
        """Return the cost in yardsticks, over that of another run."""
        then = before and before.ms.get(target, {}).get(scenario)
        now = self.ms[target].get(scenario)
        if not before or not then or not now:
            return None
        return (now / self.yardstick_ms) / (then / before.yardstick_ms)


def recorded() -> Result | None:
    """Return the last recorded run; None where there is none yet."""
    if not DATA.exists():
        return None
    read: dict[str, Any] = json.loads(DATA.read_text("utf-8"))
    return Result(**{**read, "prices": Prices(**read["prices"])})


def record(result: Result) -> None:
    """Write the run into the repository, as data and as a table to read."""
    DATA.write_text(json.dumps(asdict(result), indent=1) + "\n", "utf-8")
    TABLE.write_text("\n".join(document(result)) + "\n", "utf-8")


def compared(result: Result, before: Result | None) -> Iterator[str]:
    """Yield the run as text; in parentheses the ratio to ``before``, by the yardstick."""
    yield f"CPU of all server processes, ms an operation: medians of {result.plan}"
    yield f"(in parentheses: over the recorded run, by the yardstick: {result.yardstick_ms} ms)"
    yield of_others(result.others)
    yield f"{'':36}" + "".join(f"{name:>18}" for name in result.ms) + _if_node(result, "ours/node")
    for scenario in _scenarios(result):
        cells = [_compared_cell(result, before, scenario, target) for target in result.ms]
        ratio = result.ratio(scenario, result.first, NODE)
        cells.append(_if_node(result, f"{ratio:.2f}" if ratio else ""))
        yield f"{SCENARIOS[scenario].title:36}" + "".join(cells)


def of_others(share: float) -> str:
    return f"Other programs used {share:.0%} of the machine meanwhile."


def _compared_cell(result: Result, before: Result | None, scenario: str, target: str) -> str:
    ms = result.ms[target].get(scenario)
    change = result.change(scenario, target, before)
    told = f"{ms:.3f}" if ms else ""
    return f"{told:>10}{f'({change:.2f})' if change else '':>8}"


def _if_node(result: Result, cell: str) -> str:
    return f"{cell:>11}" if NODE in result.ms else ""


def _scenarios(result: Result) -> list[str]:
    return [name for name in SCENARIOS if name in result.ms[result.first]]


def document(result: Result) -> Iterator[str]:
    """Yield the lines of the recorded table."""
    yield "# What an operation costs"
    yield ""
    yield "`make bench RECORD=1 NODE=1` wrote this table; [performance](../operate/performance.md)"
    yield "explains it. CPU of all server processes (hub, PostgreSQL, Redis; children included) in"
    yield f"milliseconds an operation: medians of {result.plan}, on"
    yield f"{result.machine}. {of_others(result.others)}"
    yield ""
    yield from _table_of_costs(result)
    yield ""
    yield "## How near the limit"
    yield ""
    yield from _table_of_limits(result)
    yield ""
    yield "## What a choice costs"
    yield ""
    yield from _table_of_choices(result)


def _table_of_costs(result: Result) -> Iterator[str]:
    servers = [name for name in ("gunicorn", "granian", NODE) if name in result.ms]
    ours = [name for name in servers if name != NODE]
    against = [f"{name} ÷ {NODE}" for name in ours] if NODE in servers else []
    yield from head("operation", [*servers, *against])
    for scenario in _scenarios(result):
        cells = [milliseconds(result.ms[name].get(scenario)) for name in servers]
        if against:
            cells += [times(result.ratio(scenario, name, NODE)) for name in ours]
        yield row(SCENARIOS[scenario].title, cells)


def _table_of_limits(result: Result) -> Iterator[str]:
    prices = result.prices
    assert prices is not None
    yield f"With {result.first}, a request whose application does nothing costs"
    yield f"{prices.request:.3f} ms, an RS256 signature {prices.signature:.3f} ms, the commit of a"
    yield f"row {prices.commit:.3f} ms, a password hash {prices.hash:.1f} ms. The limit is the sum"
    yield "of what the operation cannot do without."
    yield ""
    yield from head("operation", ["limit", "cost", "limit ÷ cost"])
    for scenario in _scenarios(result):
        limit, cost = prices.limit(scenario), result.ms[result.first][scenario]
        yield row(
            SCENARIOS[scenario].title,
            [milliseconds(limit), milliseconds(cost), f"{limit / cost:.0%}"],
        )


def _table_of_choices(result: Result) -> Iterator[str]:
    chosen = [name for name in CHOICES if name in result.ms]
    yield f"Times the cost with {result.first}, RS256 and Redis."
    yield ""
    yield from head("operation", chosen)
    for scenario in _scenarios(result):
        cells = [times(result.ratio(scenario, name, result.first)) for name in chosen]
        yield row(SCENARIOS[scenario].title, cells)


def head(first: str, others: Sequence[str]) -> Iterator[str]:
    yield row(first, others)
    yield "|" + "---|" * (len(others) + 1)


def row(first: str, others: Sequence[str]) -> str:
    return "| " + " | ".join([first, *others]) + " |"


def milliseconds(value: float | None) -> str:
    return f"{value:.3f}" if value else "–"


def times(value: float | None) -> str:
    return f"{value:.2f}" if value else "–"


def this_machine() -> str:
    """Return the processor's name and how many cores there are."""
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return f"{os.cpu_count()} cores of {names[0] if names else os.uname().machine}"
