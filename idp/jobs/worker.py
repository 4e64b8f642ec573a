"""The worker: claim a job of the outbox, run it by its kind, try again later or park it."""

import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from threading import Event
from time import monotonic

import structlog

from idp.ports import (
    ClaimedJob,
    Clock,
    DatabaseUnavailable,
    Randomness,
    StaleLease,
)
from idp.services.backoff import spread, wait_by_tries
from idp.store.unit_of_work import Begin
from idp.telemetry import spans
from idp.telemetry.catalogue import JOB_SECONDS, JOBS

LONGEST_WAIT = timedelta(minutes=10)
LOOK_AGAIN = timedelta(seconds=1)
"""While the database is unavailable: jobs go on within two seconds of its return (fault F09)."""

log = structlog.get_logger("idp.worker")


@dataclass(frozen=True, slots=True)
class Handler:
    """What runs the jobs of one kind.

    ``run`` ends the job itself (finish, retry, postpone or bury), in the transaction of what it
    changes. After ``tries`` failures in a row a job is parked: a failure is an exception, or a
    worker that died.
    """

    run: Callable[[ClaimedJob], None]
    tries: int = 5
    first_wait: timedelta = timedelta(minutes=1)
    """The wait after the first failure; then it doubles: five tries span a quarter of an hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerPorts:
    """What a worker needs. ``lease`` must be longer than the slowest job may take."""

    begin: Begin
    clock: Clock
    randomness: Randomness
    lease: timedelta


class Worker:
    """Runs the jobs of its kinds one after the other; start as many as wanted."""

    def __init__(self, name: str, ports: WorkerPorts, handlers: Mapping[str, Handler]) -> None:
        self.name = name
        self._ports = ports
        self._handlers = handlers

    def run(self, stop: Event, poll: timedelta) -> None:
        """Run jobs until ``stop`` is set; look for one every ``poll`` while none is due.

        A running job ends first. While the database is unavailable, the worker waits; the log says
        so once.
        """
        is_away = False
        while not stop.is_set():
            try:
                busy = self.run_one()
            except DatabaseUnavailable:
                if not is_away:
                    log.warning(
                        "worker_waits_for_database", worker=self.name, alarm="database_unavailable"
                    )
                is_away = True
                stop.wait(LOOK_AGAIN.total_seconds())
                continue
            except Exception as error:  # noqa: BLE001 (a thread that dies takes no job any more)
                log_fault(self.name, error)
                stop.wait(DatabaseUnavailable.retry_after.total_seconds())
                continue
            is_away = False
            if not busy:
                stop.wait(poll.total_seconds())

    def run_due(self) -> int:
        """Run all jobs that are due now; return how many."""
        count = 0
        while self.run_one():
            count += 1
        return count

    def run_one(self) -> bool:
        """Claim and run one due job; False when there is none. Raises DatabaseUnavailable."""
        with self._ports.begin() as work:
            job = work.outbox.claim(
                self.name,
                self._ports.clock(),
                lease=self._ports.lease,
                kinds=tuple(self._handlers),
            )
        if job is None:
            return False
        try:
            with _timed(job):
                self._run(job)
        except StaleLease:
            JOBS.add(job.kind, "lease_lost")
            log.warning("lease_lost", worker=self.name, job=job.id, kind=job.kind)
        except DatabaseUnavailable:
            JOBS.add(job.kind, "database_unavailable")
            self._give_back(job)
            raise
        return True

    def _give_back(self, job: ClaimedJob) -> None:
        """Release the job after a deadlock or a statement's time-out: for a retry at once.

        The second time and later it waits ever longer, so that a lock that others hold for minutes
        parks nobody's case; a job whose statements always fail is parked in the end. When the
        database is unavailable, this fails too, and the job waits for its lease to end.
        Source: faults F13, F14, F33.
        """
        with suppress(DatabaseUnavailable, StaleLease), self._ports.begin() as work:
            run_at = self._ports.clock() + self._wait(job, job.tries - 1)
            work.outbox.retry(job, run_at=run_at, reason="database_unavailable")

    def _wait(self, job: ClaimedJob, failed: int) -> timedelta:
        """Return how long the job waits after so many failures that count; 0: not at all."""
        if not failed:
            return timedelta()
        first = self._handlers[job.kind].first_wait
        wait = wait_by_tries(failed, first=first, longest=LONGEST_WAIT)
        return spread(wait, self._ports.randomness)

    def _run(self, job: ClaimedJob) -> None:
        handler = self._handlers[job.kind]
        if job.tries > handler.tries:
            # No worker reported these tries: each died while it ran the job.
            self._park(job, "worker_died")
            return
        if job.fault is not None:
            self._failed(job, job.fault, "outbox", handler)
            return
        try:
            handler.run(job)
        except (StaleLease, DatabaseUnavailable):
            raise
        except Exception as error:  # noqa: BLE001 (one bad job may not stop the others)
            self._failed(job, type(error).__name__, _place(error), handler)
        else:
            JOBS.add(job.kind, "ran")

    def _failed(self, job: ClaimedJob, reason: str, place: str, handler: Handler) -> None:
        JOBS.add(job.kind, "failed")
        # The message of an exception can carry a name or a number; its place cannot.
        log.error(
            "job_failed",
            job=job.id,
            kind=job.kind,
            subject=job.subject,
            tries=job.tries,
            error=reason,
            place=place,
        )
        if job.tries >= handler.tries:
            self._park(job, reason)
            return
        run_at = self._ports.clock() + self._wait(job, job.tries)
        with self._ports.begin() as work:
            work.outbox.retry(job, run_at=run_at, reason=reason)

    def _park(self, job: ClaimedJob, reason: str) -> None:
        log.error(
            "job_dead_letter",
            alarm="job_dead_letter",
            job=job.id,
            kind=job.kind,
            subject=job.subject,
            reason=reason,
        )
        with self._ports.begin() as work:
            work.outbox.bury(job, self._ports.clock(), reason=reason)


@contextmanager
def _timed(job: ClaimedJob) -> Iterator[None]:
    """Measure how long the job runs, however it ends."""
    began = monotonic()
    try:
        with spans.span(f"job {job.kind}", attributes={"job.id": job.id}):
            yield
    finally:
        JOB_SECONDS.observe(monotonic() - began, job.kind)


def log_fault(thread: str, error: Exception) -> None:
    """Log an error of a worker's thread that keeps running, without the error's message."""
    log.error(
        "worker_failed",
        alarm="worker_failed",
        worker=thread,
        error=type(error).__name__,
        place=_place(error),
    )


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
