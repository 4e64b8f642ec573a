"""Cleaning up: what has expired is erased or forgotten, once an hour."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from idp.ports import AuditEntry, Begin, ClaimedJob, Clock, Ephemeral, Job, Work
from idp.services.decide_case import CHECK_CASE, UNDECIDED, check_case_job

CLEAN_UP = "clean_up"
KEEP_FINISHED_JOBS = timedelta(days=7)


def clean_up_job(now: datetime) -> Job:
    """Return the job of this hour; whoever puts it first has put it for all."""
    hour = now.strftime("%Y-%m-%dT%H")
    return Job(kind=CLEAN_UP, subject=hour, unique=f"{CLEAN_UP}:{hour}", run_at=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanUp:
    """Runs the job ``clean_up``."""

    begin: Begin
    clock: Clock
    ephemeral: Ephemeral

    def run(self, job: ClaimedJob) -> None:
        """Expire and erase ``branch`` cases of 90 days, and forget what has run out.

        The remnants of decided cases go after 90 days, done jobs after seven. A case whose check
        was parked is checked again: its fault may be mended by now, and no case may be forgotten.
        Raises StaleLease.
        """
        now = self.clock()
        with self.begin() as work:
            for case_id in work.cases.erase_expired(now):
                entry = AuditEntry(at=now, actor="worker", action="case.expired", subject=case_id)
                work.audit.add(entry)
            _check_parked_again(work, now)
            _forget(work, now)
            work.outbox.finish(job, now)
        self.ephemeral.forget_expired()


def _check_parked_again(work: Work, now: datetime) -> None:
    for job in work.outbox.dead():
        case = work.cases.find(job.subject) if job.kind == CHECK_CASE else None
        if case is not None and case.state in UNDECIDED:
            again = check_case_job(case)
            work.outbox.put(replace(again, unique=f"{again.unique}:{job.id}", run_at=now))


def _forget(work: Work, now: datetime) -> None:
    for rows in (
        work.step_ones,
        work.codes,
        work.recoveries,
        work.pending_sign_ins,
        work.once,
        work.contexts,
        work.counters,
    ):
        rows.forget_expired(now)
    work.outbox.forget_finished(now - KEEP_FINISHED_JOBS)
