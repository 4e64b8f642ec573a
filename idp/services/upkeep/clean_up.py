"""Clean-up: expired rows are erased or deleted, at least once an hour (attack D05)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from idp.domain.clients.refusal import KEEP_REFUSALS
from idp.ports import (
    BATCH,
    AuditEntry,
    ClaimedJob,
    Ephemeral,
    Job,
    MailInbox,
    SmsInbox,
)
from idp.services.kernel import Kernel
from idp.services.registration.decide_case import CHECK_CASE
from idp.services.registration.fill_roles import FILL_ROLES
from idp.services.registration.profession import CHECK_PROFESSION
from idp.store.unit_of_work import UnitOfWork

CLEAN_UP = "clean_up"

KEEP_SESSIONS = timedelta(days=90)
"""From the end of the longest possible session: for later questions about a sign-in."""

KEEP_DEAD_GRANTS = timedelta(days=7)
"""For investigating an alarm about a misused token, which is refused without the row too."""

KEEP_FINISHED_JOBS = timedelta(days=7)
"""For so long a second job of the same event is recognised."""

KEEP_DEAD_JOBS = timedelta(days=90)
"""A citizen who got no message asks at the branch."""

KEEP_INVITATIONS = timedelta(days=30)
"""An administrator looks up who was invited, and whether it was used."""

KEEP_INBOX = timedelta(days=7)
"""The development gateway keeps texts as long as the outbox keeps finished jobs."""

NEVER_GIVEN_UP = (CHECK_CASE, CHECK_PROFESSION, FILL_ROLES)
"""Dead letters of these kinds are retried: the fault may be fixed, and no case may be lost."""


def clean_up_job(now: datetime) -> Job:
    """Return the job of this hour; its unique key keeps several processes from repeating it."""
    hour = now.strftime("%Y-%m-%dT%H")
    return Job(kind=CLEAN_UP, subject=hour, unique=f"{CLEAN_UP}:{hour}", run_at=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanUp:
    """Runs the job ``clean_up``."""

    kernel: Kernel
    ephemeral: Ephemeral
    longest_session: timedelta
    inbox: SmsInbox | None = None
    mail_inbox: MailInbox | None = None

    def run(self, job: ClaimedJob) -> None:
        """Delete one batch of each kind of row; while more is left, postpone behind other jobs.

        Each batch is a separate transaction. Deleting millions of rows at once would block sign-ins
        by its locks, run into the statement time-out and start again without end. Raises
        StaleLease.
        """
        now = self.kernel.clock()
        is_more = max(self._counts(now)) >= BATCH
        with self.kernel.begin() as work:
            if is_more:
                work.outbox.postpone(job, run_at=self.kernel.clock(), reason="more")
            else:
                work.outbox.finish(job, now)

    def _counts(self, now: datetime) -> Iterator[int]:
        for forget in (*SWEEPS, self._forget_sessions):
            with self.kernel.begin() as work:
                yield forget(work, now)
        yield self.ephemeral.forget_expired()
        if self.inbox:
            yield self.inbox.forget(now - KEEP_INBOX)
        if self.mail_inbox:
            yield self.mail_inbox.forget(now - KEEP_INBOX)

    def _forget_sessions(self, work: UnitOfWork, now: datetime) -> int:
        return work.sessions.forget_opened(now - self.longest_session - KEEP_SESSIONS)

    def wipe_successors(self) -> None:
        """Erase sealed successors of refresh tokens after their grace; run each minute (D7)."""
        with self.kernel.begin() as work:
            work.grants.wipe_successors(self.kernel.clock())


def _erase_cases(work: UnitOfWork, now: datetime) -> int:
    expired = work.cases.erase_expired(now)
    for case_id in expired:
        work.audit.add(AuditEntry(at=now, actor="worker", action="case.expired", subject=case_id))
    return len(expired)


SWEEPS: tuple[Callable[[UnitOfWork, datetime], int], ...] = (
    lambda work, now: work.outbox.revive(NEVER_GIVEN_UP, now),
    _erase_cases,
    lambda work, now: work.cases.forget_remnants(now),
    lambda work, now: work.step_ones.forget_expired(now),
    lambda work, now: work.codes.forget_expired(now),
    lambda work, now: work.recoveries.forget_expired(now),
    lambda work, now: work.pending_sign_ins.forget_expired(now),
    lambda work, now: work.single_use.forget_expired(now),
    lambda work, now: work.devices.forget_expired(now),
    lambda work, now: work.mobile_changes.forget_decided(now),
    lambda work, now: work.contexts.forget_expired(now),
    lambda work, now: work.invitations.forget_expired(now - KEEP_INVITATIONS),
    lambda work, now: work.counters.forget_expired(now),
    lambda work, now: work.refusals.forget_before(now - KEEP_REFUSALS),
    lambda work, now: work.grants.forget_dead(now - KEEP_DEAD_GRANTS),
    lambda work, now: work.outbox.forget_finished(now - KEEP_FINISHED_JOBS),
    lambda work, now: work.outbox.forget_dead(now - KEEP_DEAD_JOBS),
)
