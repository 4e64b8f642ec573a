"""The report of ``make faults``: printed, and written into docs/generated/faults.md."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.architecture.sources import ROOT
from tests.fault.lab.judge import Verdict
from tests.performance.report import head, row, this_machine

TABLE = ROOT / "docs" / "generated" / "faults.md"
SHOWN = 5


@dataclass(frozen=True)
class Row:
    """What one fault did."""

    id: str
    title: str
    acked: int
    errors: int
    unkind: tuple[str, ...]
    """Answers of 500 and more that were not a 503 with ``Retry-After``."""
    seconds: float
    verdict: Verdict
    errors_allowed: bool
    reasons: tuple[str, ...]
    """What the clients that failed were told."""

    @property
    def is_well(self) -> bool:
        """Return whether the fault kept every promise."""
        return (
            self.verdict.is_clean and not self.unkind and (self.errors_allowed or self.errors == 0)
        )

    @property
    def told(self) -> str:
        """The row for a terminal, with what was found."""
        found = [*self.verdict.lost, *self.verdict.twice, *self.verdict.half, *self.unkind]
        found += [] if self.errors_allowed else self.reasons
        lines = [" | ".join([self.id, self.title, *self.cells])]
        return "\n".join([*lines, *(f"    {one}" for one in found[:SHOWN])])

    @property
    def cells(self) -> list[str]:
        """The figures of the row."""
        verdict = self.verdict
        figures = (self.acked, len(verdict.lost), len(verdict.twice), len(verdict.half))
        return [*map(str, (*figures, self.errors, len(self.unkind))), f"{self.seconds:.1f}"]


def table(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the lines of the table."""
    yield from head(
        "id", ["fault", "acknowledged", "lost", "twice", "half", "errors", "no 503", "healthy, s"]
    )
    for one in rows:
        yield row(one.id, [one.title, *one.cells])


def record(rows: Sequence[Row], seed: str, kills: int) -> None:
    """Write the table into the repository."""
    lines = [
        "# What faults cost",
        "",
        "`make faults RECORD=1` wrote this table; [reliability](../operate/reliability.md)",
        f"explains it. On {this_machine()}, with KILLS={kills} SEED={seed}.",
        "",
        *table(rows),
    ]
    TABLE.write_text("\n".join(lines) + "\n", "utf-8")
