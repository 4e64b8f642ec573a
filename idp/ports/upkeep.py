"""Upkeep: maintenance, the state of the database, backups, and what counting and resealing tell."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol


class Progress(Protocol):
    """Shows how far long work is; a step is one part of it."""

    def step(
        self, name: str, total: int | None = None
    ) -> AbstractContextManager[Callable[[int], None]]:
        """Return the step's block, which yields a function: so many more are done."""


class BrokenBackup(Exception):
    """A backup cannot be used: another key, another kind of database, changed, or cut off."""


class DatabaseToolMissing(Exception):
    """PostgreSQL's pg_dump or pg_restore is not there, is too old, or failed; the text says so."""


class DatabaseNotEmpty(Exception):
    """The database to restore into has tables; the text counts them."""


class DatabaseInUse(Exception):
    """Others are connected to the database to restore into."""


class DrillFailed(Exception):
    """A step of a drill failed; the text names step and reason."""


class DatabaseTools(Protocol):
    """PostgreSQL's own tools, as streams: nothing lies on a disk in between."""

    def dump(
        self, url: str, *, snapshot: str, tables: Sequence[str], without_rows: Collection[str]
    ) -> AbstractContextManager[Iterator[bytes]]:
        """Return the archive of ``tables`` as they are in ``snapshot``.

        Of ``without_rows`` it has the table alone. Raises DatabaseToolMissing.
        """

    def load(self, url: str, archive: Iterable[bytes]) -> None:
        """Create tables and rows in one transaction, or nothing. Raises DatabaseToolMissing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup says of itself: its first line, encrypted as the rest.

    ``rows`` counts the rows of each table that is inside. ``head`` is the audit's head then.
    """

    engine: str
    revision: str
    made_at: datetime
    version: str
    rows: Mapping[str, int]
    head: tuple[int, str]


@dataclass(frozen=True, slots=True)
class Maintenance:
    """The hub is closed for maintenance, about until ``until``; None: the end is not known."""

    until: datetime | None


class Backups(Protocol):
    """Writes and reads backups of the database that the settings name."""

    def back_up(self, file: Path, progress: Progress) -> tuple[Manifest, int]:
        """Write a new file, and return its manifest and its size."""

    def restore(self, file: Path, key_file: Path, progress: Progress, *, replace: bool) -> Manifest:
        """Restore a file into the database, and end every right that it may bring back."""

    def end_rights(self, progress: Progress) -> None:
        """Do for a database that was restored by other means what a restore does in the end."""

    def drill(
        self, file: Path, key_file: Path, scratch: str | None, progress: Progress
    ) -> Iterator[str]:
        """Prove a file in a scratch database; yield a sentence for each step."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSize:
    """How large a table is; None is not known. ``oldest``: of its rows, where an index knows it."""

    table: str
    rows: int | None
    bytes: int | None
    index_bytes: int | None
    oldest: datetime | None
