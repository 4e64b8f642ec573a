"""What minutes of load showed: what failed, how long answers took, whether memory stayed flat."""

import statistics
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tests.architecture.sources import ROOT
from tests.performance.report import head, of_others, row, this_machine

TABLE = ROOT / "docs" / "generated" / "endurance.md"
MOST_MEBIBYTES = 150.0
"""Of a web process."""
FLAT = 24.0
"""MiB an hour by which memory may rise, as far as some minutes can tell."""
SETTLED_AFTER = 1 / 3
"""Of the run: before, code is loaded and caches fill."""
WINDOWS = 8
"""Parts of the settled run, of each of which the least memory counts."""
SHOWN = 5


@dataclass
class Outcome:
    """What became of the operations of one kind; times in seconds."""

    took: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    """By how much the driver began later than they were due."""
    failures: Counter[str] = field(default_factory=Counter)

    def quantile(self, share: float) -> float:
        """Return the milliseconds that this share of the operations did not exceed."""
        ordered = sorted(self.took) or [0.0]
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000


@dataclass
class Course:
    """The memory of one process in the course of the run, in MiB."""

    samples: list[tuple[float, float]] = field(default_factory=list)

    def add(self, second: float, mebibytes: float) -> None:
        """Note what the process has now."""
        self.samples.append((second, mebibytes))

    @property
    def first(self) -> float:
        """At the beginning."""
        return self.samples[0][1]

    @property
    def last(self) -> float:
        """At the end."""
        return self.samples[-1][1]

    @property
    def least(self) -> float:
        """The least once it has settled."""
        return min(mebibytes for _, mebibytes in self._floors())

    @property
    def highest(self) -> float:
        """The most that was seen."""
        return max(mebibytes for _, mebibytes in self.samples)

    @property
    def an_hour(self) -> float:
        """The slope of the line through the floors once it has settled, in MiB an hour."""
        if len(self.samples) < WINDOWS:
            return 0.0
        seconds, mebibytes = zip(*self._floors(), strict=True)
        return statistics.linear_regression(seconds, mebibytes).slope * 3600

    def _floors(self) -> Iterator[tuple[float, float]]:
        """Yield the least of each part of the run: a hash takes 19 MiB for its milliseconds."""
        end = self.samples[-1][0]
        settled = [one for one in self.samples if one[0] >= end * SETTLED_AFTER]
        length = max(1, len(settled) // WINDOWS)
        for begin in range(0, len(settled) - length + 1, length):
            part = settled[begin : begin + length]
            middle = statistics.fmean(second for second, _ in part)
            yield middle, min(mebibytes for _, mebibytes in part)


@dataclass(frozen=True)
class Result:
    """What one run showed."""

    rates: Mapping[str, float]
    full: Mapping[str, float]
    seconds: float
    outcomes: Mapping[str, Outcome]
    courses: Mapping[str, Course]
    used: float
    """Share of the machine that hub, stores, SMS gateway and driver took."""
    others: float
    was_replaced: bool
    """A web process ended, and another took its place."""
    log: Counter[str]

    @property
    def faults(self) -> list[str]:
        """What must not be, a sentence each."""
        found = [
            f"{name}: {times} times {why}"
            for name, outcome in self.outcomes.items()
            for why, times in outcome.failures.items()
        ]
        found += [f"logged {times} times: {line}" for line, times in self.log.items()]
        found += ["a web process was replaced"] if self.was_replaced else []
        for name, course in self.courses.items():
            if course.highest > MOST_MEBIBYTES:
                found.append(f"{name} had {course.highest:.0f} MiB")
            if course.an_hour > FLAT:
                found.append(f"{name} grows by {course.an_hour:.0f} MiB an hour")
        return found


def document(result: Result) -> Iterator[str]:
    """Yield the lines of the recorded tables."""
    errors = sum(outcome.failures.total() for outcome in result.outcomes.values())
    yield "# Minutes of load"
    yield ""
    yield "`make endurance RECORD=1` wrote these tables;"
    yield "[performance](../operate/performance.md#endurance) explains them."
    yield f"{result.seconds / 60:.1f} minutes, on {this_machine()}, which ran everything: two"
    yield "web processes, a worker, PostgreSQL, Redis, the SMS gateway and the load. These used"
    yield f"{result.used:.0%} of the machine. {of_others(result.others)}"
    yield ""
    yield f"Errors: {errors}."
    yield ""
    yield from _operations(result)
    yield ""
    yield from _memory(result)
    if result.faults:
        yield ""
        yield "What must not be:"
        yield ""
        yield from (f"- {fault}" for fault in result.faults[: 4 * SHOWN])


def _operations(result: Result) -> Iterator[str]:
    titles = ["wanted a second", "asked", "done", "errors", "median, ms", "99 %, ms", "longest, ms"]
    yield from head("operation", [*titles, "begun late by (99 %), ms"])
    for name, outcome in result.outcomes.items():
        done = len(outcome.took) / result.seconds
        late = Outcome(took=outcome.late).quantile(0.99)
        times = [outcome.quantile(share) for share in (0.5, 0.99, 1.0)]
        figures = [f"{result.full[name]:g}", f"{result.rates[name]:g}", f"{done:.1f}"]
        cells = [*figures, str(outcome.failures.total()), *(f"{one:.0f}" for one in times)]
        yield row(name, [*cells, f"{late:.0f}"])


def _memory(result: Result) -> Iterator[str]:
    yield from head(
        "MiB of", ["at the start", "at the end", "least", "most", "slope of the least, an hour"]
    )
    for name, course in result.courses.items():
        figures = (course.first, course.last, course.least, course.highest)
        yield row(name, [*(f"{one:.0f}" for one in figures), f"{course.an_hour:+.1f}"])


def record(result: Result) -> None:
    """Write the tables into the repository."""
    TABLE.write_text("\n".join(document(result)) + "\n", "utf-8")
