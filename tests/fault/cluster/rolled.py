"""``make versions``: roll three nodes under load to this version, node by node, and back (F27).

The nodes begin with the version before, on this version's database, as docs/operate/upgrade.md
says: each is taken out of the proxy, stopped, started with the other version, and put back.
"""

import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.sources import ROOT
from tests.fault.cluster.run import AROUND, CANNOT, load_at, plan_of, reason_not_to
from tests.fault.cluster.town import Node, Town, running_town
from tests.fault.lab.clients import Load, running
from tests.fault.lab.judge import Verdict, judge
from tests.fault.lab.ledger import Ledger, Line
from tests.fault.lab.run import drain
from tests.fault.lab.site import Size
from tests.fault.lab.stores import wait_until
from tests.fault.versions import unpack_version_before
from tests.performance.report import head, row, this_machine

TABLE = ROOT / "docs" / "generated" / "versions.md"
DRAINED = 2.0
"""Seconds after a node was taken out of the proxy: requests under way come to their end."""
SHOWN = 12


@dataclass(frozen=True)
class Rolled:
    """What clients saw while all nodes were replaced, one after the other."""

    title: str
    seconds: float
    acked: int
    sign_ins: int
    failures: list[str]
    verdict: Verdict

    @property
    def is_well(self) -> bool:
        """Return whether no request failed and nothing was lost."""
        return not self.failures and self.verdict.is_clean and self.sign_ins > 0

    @property
    def cells(self) -> list[str]:
        """The figures of the row."""
        verdict = self.verdict
        broken = len(verdict.lost) + len(verdict.twice) + len(verdict.half)
        figures = [self.acked, self.sign_ins, len(self.failures), broken]
        return [f"{self.seconds:.0f}", *map(str, figures)]

    @property
    def lines(self) -> str:
        """The row for a terminal, with what was found."""
        verdict = self.verdict
        found = [*self.failures, *verdict.lost, *verdict.twice, *verdict.half]
        return "\n".join([" | ".join([self.title, *self.cells]), *found[:SHOWN]])


def main(environment: dict[str, str]) -> int:
    """Roll forward and back; return 1 where a request failed, 2 where nothing can be rolled."""
    # Told to stop, it ends what it has started, as after Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    plan = plan_of(environment)
    with tempfile.TemporaryDirectory(prefix="idp-before-") as folder:
        reason, found = reason_not_to(), unpack_version_before(Path(folder))
        if reason or found is None:
            print(reason or "no commit promises to run beside this version", file=sys.stderr)
            return CANNOT
        commit, before = found
        print(f"SEED={plan.seed} the version before is {commit}", flush=True)
        with running_town(Size(citizens=plan.citizens), before) as town:
            rolls = list(_rolls(town, before, plan.seed))
    print("\n".join(_table(rolls)), flush=True)
    if environment.get("RECORD"):
        _record(rolls, commit)
    return int(any(not one.is_well for one in rolls))


def _rolls(town: Town, before: Path, seed: str) -> Iterator[Rolled]:
    """Roll forward, back, and forward again: the version before finds what this one wrote."""
    load, told = load_at(town, seed), set[str]()
    for title, code in (("to this version", ROOT), ("back", before), ("forward again", ROOT)):
        ledger = Ledger(town.folder / f"ledger of {title}")
        load.begin(ledger)
        seconds = _roll(town, load, code)
        drain(town)
        lines = list(ledger.lines())
        ledger.close()
        verdict = judge(town, load.clients[0].provider, lines, load.used_codes)
        rolled = Rolled(
            title=title,
            seconds=seconds,
            acked=load.acked,
            sign_ins=sum(one.op == "sign_in" and one.phase == "acked" for one in lines),
            failures=_failures(load, lines),
            verdict=verdict.beyond(told),
        )
        print(rolled.lines, flush=True)
        yield rolled


def _roll(town: Town, load: Load, code: Path) -> float:
    """Replace the nodes one after the other under load; return how long that took."""
    begun = time.monotonic()
    with running(load):
        time.sleep(AROUND)
        for node in town.nodes:
            _replace(town, node, code)
        time.sleep(AROUND)
    return time.monotonic() - begun


def _failures(load: Load, lines: Sequence[Line]) -> list[str]:
    """Return requests that were not served, and tries that failed for another reason."""
    tries = [f"{one.op}: {one.facts['why']}" for one in lines if one.phase == "failed"]
    return [one.what for one in load.failures] + tries


def _replace(town: Town, node: Node, code: Path) -> None:
    """Let the node run the package of this folder, and no request notice it."""
    hosts = [one.host for one in town.nodes]
    town.proxy.take_out(hosts, node.host)
    time.sleep(DRAINED)
    node.stop()
    node.code = code
    node.start()
    wait_until(node.is_ready, node.host.name)
    town.proxy.take_out(hosts, None)


def _table(rolls: list[Rolled]) -> Iterator[str]:
    yield from head("rolled", ["s", "acknowledged", "sign-ins", "failed", "lost, twice, half"])
    for one in rolls:
        yield row(one.title, one.cells)


def _record(rolls: list[Rolled], commit: str) -> None:
    """Write the table into the repository."""
    lines = [
        "# Two versions side by side",
        "",
        "`make versions RECORD=1` wrote this table;",
        "[upgrading](../operate/upgrade.md#what-each-version-promises) explains it.",
        f"Three nodes on {this_machine()}; the version before is {commit[:12]}.",
        "",
        *_table(rolls),
    ]
    TABLE.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main(dict(os.environ)))
