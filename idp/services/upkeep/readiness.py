"""Whether this process can serve: what a load balancer asks before it sends somebody here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from idp.ports import (
    Clock,
    ClockSkew,
    DatabaseHealth,
    DatabaseUnavailable,
    KeyStoreError,
    MaintenanceSign,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """The state of each part. Only database, migrations and keys decide whether it is ready.

    ``redis``: None where none is configured. Without Redis everything works, only slower; old cases
    and jobs are for staff and worker, and another web process would not make them younger.
    """

    database: bool = False
    migrations: bool = False
    keys: bool = False
    redis: bool | None = None
    maintenance: bool = False
    revision: str | None = None
    oldest_case: timedelta | None = None
    oldest_job: timedelta | None = None

    @property
    def is_ready(self) -> bool:
        """Whether requests that need database and signatures can succeed."""
        return self.database and self.migrations and self.keys

    def details(self) -> Mapping[str, object]:
        """Return each part as words and seconds, for operators on the machine itself."""
        checks: dict[str, object] = {
            "database": _word(self.database),
            "migrations": _word(self.migrations),
            "keys": _word(self.keys),
        }
        if self.redis is not None:
            checks["redis"] = _word(self.redis)
        return {
            "checks": checks,
            "maintenance": self.maintenance,
            "revision": self.revision,
            "oldest_undecided_case_seconds": _seconds(self.oldest_case),
            "oldest_due_job_seconds": _seconds(self.oldest_job),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Looks at every part; a part that fails is a result."""

    clock: Clock
    database: Callable[[], DatabaseHealth]
    keys: Callable[[], object]
    """Raises KeyStoreError or ClockSkew when nothing can be signed."""
    maintenance: MaintenanceSign
    redis: Callable[[], bool] | None = None

    def look(self) -> Ready:
        """Return the state of each part; it raises nothing, and may take as long as a time-out."""
        redis = None if self.redis is None else self.redis()
        keys, closed = self._can_sign(), self.maintenance.now() is not None
        try:
            found = self.database()
        except DatabaseUnavailable:
            return Ready(keys=keys, redis=redis, maintenance=closed)
        now = self.clock()
        return Ready(
            database=True,
            migrations=found.is_current,
            keys=keys,
            redis=redis,
            maintenance=closed,
            revision=found.revision,
            oldest_case=_age(found.oldest_case, now),
            oldest_job=_age(found.oldest_job, now),
        )

    def _can_sign(self) -> bool:
        try:
            self.keys()
        except (KeyStoreError, ClockSkew, DatabaseUnavailable):
            return False
        return True


def _age(since: datetime | None, now: datetime) -> timedelta | None:
    return None if since is None else max(timedelta(0), now - since)


def _seconds(age: timedelta | None) -> int | None:
    return None if age is None else int(age.total_seconds())


def _word(is_well: bool) -> str:  # noqa: FBT001
    return "ok" if is_well else "failed"
