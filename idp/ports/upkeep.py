"""The maintenance sign, the state of the database, and the results of counting and resealing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Maintenance:
    """The hub is closed for maintenance, about until ``until``; None: the end is not known."""

    until: datetime | None


class MaintenanceSign(Protocol):
    """Whether the pages of this machine are closed; it needs no database."""

    def now(self) -> Maintenance | None:
        """Return the maintenance, or None while the hub is open."""

    def hang_out(self, maintenance: Maintenance) -> None:
        """Close the pages, or change when they are expected back."""

    def take_in(self) -> bool:
        """Open the pages; return whether they were closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PepperUse:
    """How many stored hashes were made with a pepper; ``pepper`` None: with an unknown one."""

    pepper: str | None
    passwords: int
    answers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Resealed:
    """The result of resealing, or only counting, a table with sealed values.

    ``older``: rows under an older key. ``unreadable``: no key opens them. ``in_the_way``: not
    resealed, because a second row of the same person exists.
    """

    table: str
    rows: int = 0
    older: int = 0
    unreadable: int = 0
    in_the_way: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseHealth:
    """What readiness asks of the database, in one look.

    ``revision``: of the tables; None for an empty database. ``oldest_case``: when the oldest
    undecided case was submitted. ``oldest_job``: since when the oldest job of the outbox is due.
    """

    revision: str | None
    is_current: bool
    oldest_case: datetime | None
    oldest_job: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DueJobs:
    """Jobs of one kind that are due, and since when the oldest is."""

    kind: str
    count: int
    oldest: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseState:
    """What is counted for the metrics. Counts end at ``MOST_COUNTED``, so a look stays cheap."""

    health: DatabaseHealth
    open_cases: Mapping[str, int]
    """By state: ``received``, ``checking``, ``branch``."""
    overdue_cases: int
    due_jobs: Sequence[DueJobs]
    dead_jobs: Mapping[str, int]
    """By kind."""


MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class PoolUse:
    """How many connections of a pool of this process are in use, and how many it keeps at most."""

    name: str
    in_use: int
    size: int
