"""``make growth``: the CPU of each operation in a large hub, beside that in a small one.

Both are the same hub with two databases of one PostgreSQL, measured in windows that alternate. The
others than those who are measured are the accounts of `idp seed`.
"""

import os
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import product

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from idp.app.use_cases import share
from idp.services.upkeep import seed
from tests.architecture.sources import ROOT
from tests.migrated import DRIVER, migrated
from tests.performance import bench, hub, report
from tests.performance.hub import CLIENT, PASSWORD, House, Place
from tests.performance.machines import VARIANTS, Machine, Target
from tests.performance.scenarios import SCENARIOS
from tests.performance.stores import fresh_place

TABLE = ROOT / "docs" / "generated" / "growth.md"
MEASURED = ("single_sign_on", "refresh", "sign_in", "userinfo", "introspection")


@dataclass(frozen=True)
class Size:
    """How much a hub knows."""

    name: str
    accounts: int
    clients: int

    @property
    def told(self) -> str:
        return f"{self.accounts:,} accounts, {self.clients} clients"


def sizes(environment: dict[str, str]) -> tuple[Size, Size]:
    """Return the small hub and the large one that the variables of ``make growth`` ask for."""
    large = Size(
        "large",
        int(environment.get("ACCOUNTS") or 2_000_000),
        int(environment.get("CLIENTS") or 500),
    )
    return Size("small", 1000, 5), large


def main(environment: dict[str, str]) -> None:
    """Fill both hubs, measure, print, and record if wanted."""
    plan = bench.plan_of({"ONLY": ",".join(MEASURED), "ROUNDS": "9", **bench.given(environment)})
    small, large = sizes(environment)
    with fresh_place(durable=True) as place, ExitStack() as stack:
        running = [
            stack.enter_context(serving(place, size, number, plan.users))
            for number, size in enumerate((small, large))
        ]
        ms, busy = measure(plan, running)
    lines = list(document(plan, small, large, ms, busy))
    print("\n".join(lines), flush=True)
    if plan.records:
        TABLE.write_text("\n".join(lines) + "\n", "utf-8")


@contextmanager
def serving(place: Place, size: Size, number: int, people: int) -> Iterator[Target]:
    """A hub of this size, with a database and keys of its own, on the stores of ``place``."""
    folder = place.folder.with_name(size.name)
    folder.mkdir(mode=0o700)
    own = Place(folder, _database(place, size.name), f"{place.redis[: -len('/0')]}/{number}")
    with hub.furnished(own, people=people) as house:
        begun = time.monotonic()
        fill(own, house, size)
        print(f"{size.told}: filled in {time.monotonic() - begun:.0f} seconds", flush=True)
        with Machine(own, house).hub(replace(VARIANTS["gunicorn"], name=size.name)) as target:
            yield target


def _database(place: Place, name: str) -> str:
    with psycopg.connect(place.database.replace(DRIVER, ""), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    url = make_url(place.database).set(database=name)
    return migrated(url.render_as_string(hide_password=False))


def fill(place: Place, house: House, size: Size) -> None:
    """Add accounts and clients up to the size."""
    clients = share(house.outside).clients
    for number in range(len(house.secrets), size.clients):
        clients.register({"client_id": f"portal-{number}", **CLIENT}, officer="tests")
    fill_accounts(house, size.accounts - house.people)
    with psycopg.connect(place.database.replace(DRIVER, ""), autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")


def fill_accounts(house: House, count: int) -> None:
    """Add accounts of a rehearsal, as ``idp seed`` does."""
    hashed = house.outside.hashing.hash(PASSWORD)
    wanted = seed.accounts(0, count, hashed, house.outside.clock())
    house.outside.database.bulk_accounts().add(wanted, lambda _: None)


def measure(plan: bench.Plan, running: Sequence[Target]) -> tuple[bench.Windows, float]:
    """Return the windows of all rounds, forwards and backwards, and what others used meanwhile."""
    ms: bench.Windows = defaultdict(lambda: defaultdict(list))
    others = bench.Others(running)
    for number in range(plan.rounds):
        in_turn = running if number % 2 == 0 else running[::-1]
        for scenario, target in product(plan.scenarios, in_turn):
            bench.window(ms, plan, scenario, target)
    return ms, others.share()


def ratio(small: Sequence[float], large: Sequence[float]) -> float:
    """Return the median ratio of windows that followed one another."""
    return statistics.median(mine / its for its, mine in zip(small, large, strict=True))


def document(
    plan: bench.Plan, small: Size, large: Size, ms: bench.Windows, busy: float
) -> Iterator[str]:
    """Yield the lines of the recorded table."""
    yield "# What growth costs"
    yield ""
    yield "`make growth RECORD=1` wrote this table; [performance](../operate/performance.md)"
    yield "explains it. CPU of all server processes (hub with gunicorn, PostgreSQL, Redis; children"
    yield f"included) in milliseconds an operation: medians of {bench.told(plan)}, on"
    yield f"{report.this_machine()}. The ratio is the median of the windows that followed one"
    yield f"another. {report.of_others(busy)}"
    yield ""
    yield from report.head("operation", [small.told, large.told, "large ÷ small"])
    middle = bench.medians(ms)
    for name, its in ms[small.name].items():
        cells = [report.milliseconds(middle[size.name][name]) for size in (small, large)]
        times = report.times(ratio(its, ms[large.name][name]))
        yield report.row(SCENARIOS[name].title, [*cells, times])


if __name__ == "__main__":
    main(dict(os.environ))
