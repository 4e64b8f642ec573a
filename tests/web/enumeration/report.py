"""docs/generated/enumeration.md: one section a measurement, replaced when it is taken anew."""

import platform
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.architecture.sources import ROOT
from tests.web.enumeration.comparison import Timing, compare
from tests.web.enumeration.house import House
from tests.web.enumeration.strangers import Flow, Took, interleaved

REPORT = ROOT / "docs" / "generated" / "enumeration.md"
WITHIN = 1.0
"""Milliseconds between medians that nobody measures over a network."""
HEAD = f"""# What strangers learn from national IDs

`make enumeration-report` tries national IDs of several kinds in random order: unknown, with an
open case, waiting for the branch, with an account, suspended, closed. It goes to every public
page that takes one. It compares every byte of the answers but one-time values (status, headers,
cookies, addresses, page), and the time: by the clock, and of the processor, which is the same
whatever else the machine does meanwhile. Equal is a time when the smallest p of all pairs of kinds
(Kolmogorov-Smirnov, corrected by Holm) is above 0.01, or all medians are within {WITHIN:g} ms.
Passwords are not hashed where nothing else is said: the hash, the same for everybody, would hide
the rest. Each try begins with the same counters. On SQLite, Python {platform.python_version()}.
"""
HEADINGS = (
    "As it ships, nothing burnt",
    "As it ships, burnt, work asked",
    "As it ships, flooded until turns are taken",
    "As it ships, burnt, no work asked",
    "Owners on known devices, while strangers burn what they can",
    "The guide to the letter (`config/guide.toml`), nothing burnt",
    "The guide to the letter, burnt",
    "The guide to the letter, flooded",
    "With two hash costs in the database",
    "A portal that asks silently (attack R16)",
    "The tracking of requests (attack E12)",
)


def write(heading: str, lines: Iterable[str], report: Path = REPORT) -> None:
    """Put the section in its place; the others stay as they were taken.

    Raises ValueError: the heading has no place, and minutes of measuring would be lost.
    """
    HEADINGS.index(heading)
    _, *taken = report.read_text("utf-8").split("\n## ") if report.exists() else [""]
    sections = {one.partition("\n")[0]: one.partition("\n")[2].strip() for one in taken}
    sections[heading] = "\n".join(lines).strip()
    whole = [f"## {one}\n\n{sections[one]}\n" for one in HEADINGS if one in sections]
    report.write_text("\n".join([HEAD, *whole]), "utf-8")


@dataclass
class _Row:
    """What one page answered, by kind."""

    answers: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    took: dict[str, list[Took]] = field(default_factory=lambda: defaultdict(list))

    def line(self, name: str) -> str:
        by_clock = compare({kind: [one.clock for one in took] for kind, took in self.took.items()})
        by_work = compare(
            {kind: [one.processor for one in took] for kind, took in self.took.items()}
        )
        is_equal = len({frozenset(one) for one in self.answers.values()}) == 1
        is_even = by_clock.is_even(WITHIN) and by_work.is_even(WITHIN)
        verdict = "equal" if is_equal and is_even else "**differs**"
        same = "equal bytes" if is_equal else "**other bytes**"
        return f"| {name} | {same} | {_numbers(by_clock)} | {_numbers(by_work)} | {verdict} |"


def _numbers(timing: Timing) -> str:
    spread = f"{min(timing.medians.values()):.2f} to {max(timing.medians.values()):.2f}"
    return f"{spread} | {timing.farthest:.2f} | {timing.p:.3f}"


def table(house: House, flows: Sequence[Flow], samples: int, randomness: Random) -> Iterator[str]:
    """Yield the lines of a table: a row for each page, ``samples`` tries of each kind."""
    numbers = "{0}: medians, ms | farthest | p"
    clock, processor = numbers.format("clock"), numbers.format("processor")
    yield f"| page | answers | {clock} | {processor} | verdict |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for flow in flows:
        names = [step.name for step in flow if step.name]
        for name, row in zip(names, _rows(house, flow, samples, randomness), strict=True):
            yield row.line(name)


def _rows(house: House, flow: Flow, samples: int, randomness: Random) -> list[_Row]:
    rows = [_Row() for step in flow if step.name]
    for kind, national_id in interleaved(house.ids, samples, randomness):
        for row, (answer, took) in zip(rows, house.measure(flow, national_id), strict=True):
            row.answers[kind].add(answer)
            row.took[kind].append(took)
    return rows


def leaks(house: House, flows: Sequence[Flow], randomness: Random) -> Iterator[str]:
    """Yield the lines of a table that names the kinds whose answers are not those of nobody."""
    yield "| page | who gets another answer than an unknown ID |"
    yield "|---|---|"
    for flow in flows:
        (row,) = _rows(house, flow, 20, randomness)
        told = [kind for kind in house.ids if row.answers[kind] != row.answers["unknown"]]
        yield f"| {flow[-1].name} | {', '.join(told) or 'nobody'} |"
