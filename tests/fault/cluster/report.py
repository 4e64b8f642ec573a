"""The report of ``make cluster``: printed, and written into docs/generated/cluster.md."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from tests.architecture.sources import ROOT
from tests.fault.lab.judge import Verdict
from tests.fault.lab.ledger import Line
from tests.fault.lab.operations import Failure
from tests.performance.report import head, row, this_machine

TABLE = ROOT / "docs" / "generated" / "cluster.md"
SHOWN = 12
BACK_WITHIN = 15.0
"""Seconds after the end of an event in which a request may still fail: nginx leaves a node out for
ten, and tries it then."""
SLOWEST = 32.0
"""Seconds of an answer: the proxy's ``proxy_read_timeout`` and a little."""
WRONG_PASSWORD = "422 GET /login"
OPEN_DOCUMENTS = frozenset({"/.well-known/openid-configuration", "/oauth2/jwks"})


@dataclass(frozen=True)
class Window:
    """When an event began and when it was mended, by ``time.time``."""

    begun: float
    mended: float


@dataclass(frozen=True)
class Row:
    """What one event did."""

    title: str
    acked: int
    sign_ins: Sequence[float]
    """When each was acknowledged while the event lasted, in seconds from its beginning."""
    seconds: float
    """How long it lasted."""
    told: Mapping[str, int]
    """What was answered 503 with ``Retry-After``, and how often."""
    last: float
    """Seconds from the event's beginning to the last failure before it was mended."""
    last_after: float
    """Seconds from its end to the last failure."""
    slowest: float
    health: float | None
    """Seconds until the node's health check said that it is not ready; None: it was ready."""
    faults: Sequence[str]
    """What breaks a promise, a sentence each."""
    verdict: Verdict

    @property
    def is_well(self) -> bool:
        """Return whether every promise was kept."""
        return self.verdict.is_clean and not self.faults

    @property
    def gap(self) -> float:
        """Return the longest time without a sign-in while the event lasted."""
        moments = [0.0, *self.sign_ins, self.seconds]
        return max(after - before for before, after in pairwise(moments))

    @property
    def cells(self) -> list[str]:
        """The figures of the row."""
        verdict = self.verdict
        broken = len(verdict.lost) + len(verdict.twice) + len(verdict.half)
        health = "ready" if self.health is None else f"{self.health:.1f}"
        counts = [
            str(self.acked),
            str(len(self.sign_ins)),
            f"{self.gap:.1f}",
            str(sum(self.told.values())),
        ]
        times = [f"{one:.1f}" for one in (self.last, self.last_after, self.slowest)]
        return [health, *counts, *times, str(broken), str(len(self.faults))]

    @property
    def lines(self) -> str:
        """The row for a terminal, with what was found."""
        verdict = self.verdict
        found = [*self.faults, *verdict.lost, *verdict.twice, *verdict.half]
        found += [f"{count} times {what}" for what, count in self.told.items()]
        shown = [f"    {one}" for one in found[:SHOWN]]
        return "\n".join([" | ".join([self.title, *self.cells]), *shown])


def row_of(title: str, window: Window, lines: Sequence[Line], failures: Sequence[Failure]) -> Row:
    """Return what ledger and failures say of an event."""
    acked = [line for line in lines if line.phase == "acked"]
    meanwhile = [one for one in acked if window.begun <= one.at <= window.mended]
    sign_ins = [one.at - window.begun for one in meanwhile if one.op == "sign_in"]
    during = [one.at for one in failures if window.begun <= one.at <= window.mended]
    after = [one.at for one in failures if one.at > window.mended]
    is_unsure = any(line.op == "change_password" and line.phase == "failed" for line in lines)
    return Row(
        title=title,
        acked=len(acked),
        sign_ins=sorted(sign_ins),
        seconds=window.mended - window.begun,
        told=Counter(one.what for one in failures if one.is_kind),
        last=max(during, default=window.begun) - window.begun,
        last_after=max(after, default=window.mended) - window.mended,
        slowest=0.0,
        health=None,
        faults=list(_unkind(failures, is_unsure=is_unsure)),
        verdict=Verdict(),
    )


def _unkind(failures: Sequence[Failure], *, is_unsure: bool) -> Iterator[str]:
    """Yield what is no 503 with ``Retry-After``.

    ``is_unsure``: a change of a password got no answer, so its citizen tries both passwords.
    """
    for one in failures:
        if is_unsure and one.what == WRONG_PASSWORD:
            continue
        if not one.is_kind:
            yield f"no 503 with Retry-After: {one.what}"
        elif one.what.rpartition(" ")[2] in OPEN_DOCUMENTS:
            yield f"needs no database: {one.what}"


def judged(row: Row, *, loses_the_node: bool, sign_ins_go_on: bool) -> Row:
    """Return the row with what it must be and is not."""
    faults = list(row.faults)
    if sign_ins_go_on and not row.sign_ins:
        faults.append("nobody could sign in")
    if loses_the_node != (row.health is not None):
        faults.append("the node's health check said otherwise")
    if row.last_after > BACK_WITHIN:
        faults.append(f"requests failed for {row.last_after:.1f} s after the end")
    if row.slowest > SLOWEST:
        faults.append(f"an answer took {row.slowest:.1f} s")
    return replace(row, faults=faults)


def table(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the lines of the table."""
    titles = ["not ready after, s", "acknowledged", "sign-ins meanwhile", "longest gap, s", "503"]
    titles += ["last 503 after, s", "after the end, s", "slowest, s", "lost, twice, half", "other"]
    yield from head("event", titles)
    for one in rows:
        yield row(one.title, one.cells)


def record(rows: Sequence[Row], seconds: float, seed: str) -> None:
    """Write the table into the repository."""
    lines = [
        "# What befalls one of three nodes",
        "",
        "`make cluster RECORD=1` wrote this table; reliability",
        "([several nodes](../operate/reliability.md#several-nodes-behind-a-proxy))",
        f"explains it. On {this_machine()}, with SECONDS={seconds:g} SEED={seed}.",
        "",
        *table(rows),
    ]
    TABLE.write_text("\n".join(lines) + "\n", "utf-8")
