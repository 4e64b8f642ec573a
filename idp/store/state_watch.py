"""The database seen from outside the pools: for health checks and metrics."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, Select, func, literal, select, union_all

from idp.domain.registration.case_state import CaseState
from idp.ports import (
    MOST_COUNTED,
    Clock,
    DatabaseHealth,
    DatabaseState,
    DatabaseUnavailable,
    DueJobs,
)
from idp.store.messages.outbox import DEAD, WAITING
from idp.store.migrate import is_older, revision_of
from idp.store.sql.engines import POOL_WAIT, READING, build_engines
from idp.store.sql.tables import cases, jobs
from idp.store.sql.transactions import Transactions

UNDECIDED = (CaseState.RECEIVED, CaseState.CHECKING)
OPEN = (*UNDECIDED, CaseState.BRANCH)
T = TypeVar("T")


class StateWatch:
    """Looks at the database by one connection of its own, which other requests cannot use up.

    No connection is opened before the first look; later ones keep it.
    """

    def __init__(self, url: str, clock: Clock) -> None:
        engines = build_engines(url, pool_size=1, pool_wait=POOL_WAIT)
        self._transactions = Transactions(engines[None], engines[READING])
        self._clock = clock

    def health(self) -> DatabaseHealth:
        """Return what readiness asks. Raises DatabaseUnavailable."""
        return self._look(_health, self._clock())

    def state(self) -> DatabaseState:
        """Return what the metrics show. Raises DatabaseUnavailable."""
        return self._look(_state, self._clock())

    def close(self) -> None:
        """Close the connection."""
        self._transactions.close()

    def _look(self, look: Callable[[Connection, datetime], T], now: datetime) -> T:
        """Look, and once more by a new connection: the kept one may be of a former server."""
        try:
            return self._once(look, now)
        except DatabaseUnavailable:
            self._transactions.close()
            return self._once(look, now)

    def _once(self, look: Callable[[Connection, datetime], T], now: datetime) -> T:
        with self._transactions.begin(read_only=True) as connection:
            return look(connection, now)


def _health(connection: Connection, now: datetime) -> DatabaseHealth:
    revision = revision_of(connection)
    if is_older(revision):
        return DatabaseHealth(
            revision=revision, is_current=False, oldest_case=None, oldest_job=None
        )
    # One branch for each state: an index finds its first row at once.
    oldest = (
        select(func.min(cases.c.submitted_at)).where(cases.c.state == state).scalar_subquery()
        for state in UNDECIDED
    )
    due = select(func.min(jobs.c.run_at)).where(jobs.c.state == WAITING, jobs.c.run_at <= now)
    *ages, job = connection.execute(select(*oldest, due.scalar_subquery())).one()
    return DatabaseHealth(
        revision=revision,
        is_current=True,
        oldest_case=min((age for age in ages if age is not None), default=None),
        oldest_job=job,
    )


def _state(connection: Connection, now: datetime) -> DatabaseState:
    health = _health(connection, now)
    if not health.is_current:
        return DatabaseState(
            health=health, open_cases={}, overdue_cases=0, due_jobs=(), dead_jobs={}
        )
    counts = connection.execute(union_all(*map(_some_cases, OPEN))).all()
    overdue = select(cases.c.id).where(cases.c.state == CaseState.CHECKING, cases.c.overdue)
    return DatabaseState(
        health=health,
        open_cases={row[0]: row[1] for row in counts},
        overdue_cases=connection.execute(_counted(overdue)).scalar_one(),
        due_jobs=tuple(_due(connection, now)),
        dead_jobs=_dead(connection),
    )


def _some_cases(state: CaseState) -> Select[str, int]:
    some = select(cases.c.id).where(cases.c.state == state).limit(MOST_COUNTED).subquery()
    return select(literal(state.value), func.count()).select_from(some)


def _counted(rows: Select[str]) -> Select[int]:
    return select(func.count()).select_from(rows.limit(MOST_COUNTED).subquery())


def _due(connection: Connection, now: datetime) -> list[DueJobs]:
    first = (
        select(jobs.c.kind, jobs.c.run_at)
        .where(jobs.c.state == WAITING, jobs.c.run_at <= now)
        .order_by(jobs.c.run_at, jobs.c.id)
        .limit(MOST_COUNTED)
        .subquery()
    )
    by_kind = select(first.c.kind, func.count(), func.min(first.c.run_at)).group_by(first.c.kind)
    return [
        DueJobs(kind=kind, count=count, oldest=oldest)
        for kind, count, oldest in connection.execute(by_kind)
    ]


def _dead(connection: Connection) -> Mapping[str, int]:
    some = select(jobs.c.kind).where(jobs.c.state == DEAD).limit(MOST_COUNTED).subquery()
    by_kind = select(some.c.kind, func.count()).group_by(some.c.kind)
    return {row[0]: row[1] for row in connection.execute(by_kind)}
