"""The database's state as metric families, computed once for each scrape of a machine."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from importlib.metadata import version

from prometheus_client.core import GaugeMetricFamily

from idp.ports import Clock, DatabaseState

STATE_GAUGES = {
    "idp_build_info": "The version that serves the metrics.",
    "idp_database_up": "1 when the database answered this scrape in time.",
    "idp_redis_up": "1 when Redis answers; absent where none is configured.",
    "idp_password_hash_queue": "Requests of this machine that wait for a slot to hash.",
    "idp_cases_open": "Open cases by state, at most 10000 of each.",
    "idp_cases_overdue": "Undecided cases within two hours of their deadline or past it.",
    "idp_cases_oldest_undecided_age_seconds": "Age of the oldest undecided case; 0: none.",
    "idp_outbox_due_jobs": "Jobs that are due, by kind, of the oldest 10000.",
    "idp_outbox_oldest_due_age_seconds": "Since when the oldest due job waits, by kind.",
    "idp_outbox_dead_letters": "Jobs that failed for good, by kind, at most 10000.",
}


class StateFamilies:
    """Builds the families; those of a database that does not answer are absent."""

    def __init__(
        self,
        state: Callable[[], DatabaseState | None],
        clock: Clock,
        redis: Callable[[], bool] | None,
        hash_queue: Callable[[], int],
    ) -> None:
        """``state`` returns in bounded time; None: no answer."""
        self._hash_queue = hash_queue
        self._state = state
        self._clock = clock
        self._redis = redis

    def __call__(self) -> Iterator[GaugeMetricFamily]:
        """Yield the families."""
        yield _one("idp_build_info", 1, {"version": version("tamin-account")})
        yield _one("idp_password_hash_queue", self._hash_queue())
        if self._redis is not None:
            yield _one("idp_redis_up", float(self._redis()))
        state = self._state()
        yield _one("idp_database_up", float(state is not None))
        if state is not None:
            yield from self._of(state, self._clock())

    def _of(self, state: DatabaseState, now: datetime) -> Iterator[GaugeMetricFamily]:
        oldest = state.health.oldest_case
        yield _one("idp_cases_oldest_undecided_age_seconds", _age(oldest, now))
        yield _one("idp_cases_overdue", state.overdue_cases)
        yield _by("idp_cases_open", "state", state.open_cases)
        due = {jobs.kind: jobs.count for jobs in state.due_jobs}
        yield _by("idp_outbox_due_jobs", "kind", due)
        ages = {jobs.kind: _age(jobs.oldest, now) for jobs in state.due_jobs}
        yield _by("idp_outbox_oldest_due_age_seconds", "kind", ages)
        yield _by("idp_outbox_dead_letters", "kind", state.dead_jobs)


def _one(name: str, value: float, labels: dict[str, str] | None = None) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, STATE_GAUGES[name], labels=list(labels or ()))
    family.add_metric(list((labels or {}).values()), value)
    return family


def _by(name: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, STATE_GAUGES[name], labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())
