"""What an operation weighs: WAL, commits, rows and Redis keys, on a real PostgreSQL and Redis."""

import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

import psycopg
import redis
from sqlalchemy import make_url

from idp.app.outside import build_outside
from idp.ports import AuditEntry
from tests.fakes import NOON
from tests.migrated import DRIVER
from tests.performance import growth, load
from tests.performance.hub import Place, furnished
from tests.performance.machines import VARIANTS, Machine, Target
from tests.performance.processes import cpu_seconds
from tests.performance.scenarios import SCENARIOS, Scenario
from tests.performance.stores import fresh_place

OPERATIONS = ("sign_in", "single_sign_on", "refresh")
ACCOUNTS = 20_000
"""So many that a row's share of its pages and indexes is that of a full table."""
WRITERS = 4


@dataclass(frozen=True)
class Weight:
    """Of one operation."""

    wal_bytes: float
    wal_bytes_after_checkpoint: float
    """Where each page is written whole once more: the first minutes after a checkpoint."""
    commits: float
    stored_bytes: float
    """By which tables and indexes grow."""
    database_share: float
    """Of the CPU: PostgreSQL and Redis."""


@dataclass(frozen=True)
class Weights:
    """One run."""

    operations: dict[str, Weight]
    account_bytes: float
    audit_bytes: float
    """Of one entry, with its indexes."""
    redis_bytes: float
    """Of one counter."""
    audit_turn_ms: float
    """From a writer's look at the audit's head until the next one may look: no disk is in it."""
    commit_ms: float
    """A commit of one row by one connection that has the disk alone."""


def measure(count: int) -> Weights:
    """Return the weights, of ``count`` operations each."""
    with fresh_place(durable=True) as place, furnished(place, people=8) as house:
        with Machine(place, house).hub(VARIANTS["gunicorn"]) as target:
            operations = {name: weigh(place, target, SCENARIOS[name], count) for name in OPERATIONS}
            counter = redis_bytes(place)
        turn, commit = audit_turn(place), commit_time(place)
        account = bytes_of_rows(place, "accounts", partial(growth.fill_accounts, house, ACCOUNTS))
        audit = bytes_of_rows(place, "audit", lambda: None)
    return Weights(operations, account, audit, counter, turn, commit)


def weigh(place: Place, target: Target, scenario: Scenario, count: int) -> Weight:
    """Return what the operation weighs, after everybody did it once."""
    people = target.ready(scenario.begin, 2)

    def operate(times: int) -> None:
        for number in range(times):
            load.run(
                target.provider.portal.issuer,
                scenario.operation(target.provider, people[number % len(people)]),
            )

    operate(10)
    before, hub, stores = _facts(place), cpu_seconds(target.roots[:1]), cpu_seconds(target.roots)
    operate(count)
    after = _facts(place)
    spent_by_hub = cpu_seconds(target.roots[:1]) - hub
    spent = cpu_seconds(target.roots) - stores
    _run(place, "CHECKPOINT")
    again = _facts(place)
    operate(count)
    last = _facts(place)
    return Weight(
        wal_bytes=(after.wal - before.wal) / count,
        wal_bytes_after_checkpoint=(last.wal - again.wal) / count,
        commits=(after.commits - before.commits) / count,
        stored_bytes=(last.size - before.size) / (2 * count),
        database_share=max(0.0, 1 - spent_by_hub / spent),
    )


@dataclass(frozen=True)
class _Facts:
    wal: int
    commits: int
    size: int


def _facts(place: Place) -> _Facts:
    """Return where the log and the transactions that write are, and how large the tables are."""
    with _connection(place) as connection:
        row = connection.execute(
            "SELECT pg_current_wal_insert_lsn() - '0/0', pg_current_xact_id()::text::bigint,"
            " (SELECT sum(pg_total_relation_size(oid)) FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace)"
        ).fetchone()
        assert row is not None
        wal, transactions, size = (int(str(value)) for value in row)
        return _Facts(wal, transactions, size)


def _connection(place: Place) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(place.database.replace(DRIVER, ""), autocommit=True)


def _run(place: Place, statement: str) -> None:
    with _connection(place) as connection:
        connection.execute(statement)  # type: ignore[arg-type]


def bytes_of_rows(place: Place, table: str, fill: Callable[[], None]) -> float:
    """Return the bytes of a row with its indexes, after ``fill``."""
    fill()
    _run(place, f"VACUUM (FULL, ANALYZE) {table}")
    with _connection(place) as connection:
        row = connection.execute(
            f"SELECT pg_total_relation_size('{table}')::float8 / count(*) FROM {table}"
        ).fetchone()
    assert row is not None
    return float(str(row[0]))


def redis_bytes(place: Place) -> float:
    """Return the median of what Redis keeps for a key that is there."""
    with redis.Redis.from_url(place.redis) as client:
        keys = list(client.scan_iter(count=1000))[:500]
        return statistics.median(client.memory_usage(key) or 0 for key in keys)


def commit_time(place: Place, count: int = 200) -> float:
    """Return the milliseconds of a commit of one row, alone."""
    with _connection(place) as connection:
        connection.execute("CREATE TABLE commits (number integer)")
        begun = time.perf_counter()
        for number in range(count):
            connection.execute("INSERT INTO commits VALUES (%s)", [number])
        return (time.perf_counter() - begun) * 1000 / count


def audit_turn(place: Place, seconds: float = 3.0) -> float:
    """Return the milliseconds between two audit entries of writers who wait for one another.

    Few writers would wait for the disk more than for one another, so none waits for it here.
    """
    context = get_context("spawn")
    with _no_wait_for_the_disk(place), context.Pool(WRITERS) as pool:
        written = pool.starmap(_write_entries, [(place, seconds)] * WRITERS)
    return seconds * 1000 / sum(written)


@contextmanager
def _no_wait_for_the_disk(place: Place) -> Iterator[None]:
    database = make_url(place.database).database
    _run(place, f'ALTER DATABASE "{database}" SET synchronous_commit = off')
    yield
    _run(place, f'ALTER DATABASE "{database}" RESET synchronous_commit')


def _write_entries(place: Place, seconds: float) -> int:
    outside = build_outside(place.settings(port=1))
    entry = AuditEntry(at=NOON, actor=f"writer-{os.getpid()}", action="weighed", subject="s")
    with outside.begin() as work:  # connected, and statements prepared
        work.audit.add(entry)
    until, written = time.perf_counter() + seconds, 0
    while time.perf_counter() < until:
        with outside.begin() as work:
            work.audit.add(entry)
        written += 1
    outside.database.close()
    return written


def told(weights: Weights) -> Iterator[str]:
    """Yield the weights as text, for a terminal."""
    for name, one in weights.operations.items():
        yield f"{name}: {one}"
    yield f"account {weights.account_bytes:.0f} B, audit {weights.audit_bytes:.0f} B"
    yield f"Redis {weights.redis_bytes:.0f} B a counter, audit turn {weights.audit_turn_ms:.2f} ms"
    yield f"commit {weights.commit_ms:.2f} ms"


if __name__ == "__main__":
    print("\n".join(told(measure(int(os.environ.get("COUNT") or 100)))))
