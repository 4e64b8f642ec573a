"""Clean-up: expired rows are erased or deleted, at least once an hour (attack D05)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from idp.domain.clients.refusal import KEEP_REFUSALS
from idp.ports import (
    BATCH,
    AuditEntry,
    BrokenChain,
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

log = structlog.get_logger("idp.worker")

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
class Retention:
    """For how long rows are kept that only the organisation may delete; zero: for good."""

    audit: timedelta = timedelta(0)
    closed_accounts: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanUp:
    """Runs the job ``clean_up``."""

    kernel: Kernel
    ephemeral: Ephemeral
    longest_session: timedelta
    retention: Retention = Retention()
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
        for sweep in SWEEPS:
            with self.kernel.begin() as work:
                yield sweep.run(work, now)
        for forget in (self._forget_sessions, self._forget_closed_accounts, self._cut_audit):
            with self.kernel.begin() as work:
                yield forget(work, now)
        yield self.ephemeral.forget_expired()
        if self.inbox:
            yield self.inbox.forget(now - KEEP_INBOX)
        if self.mail_inbox:
            yield self.mail_inbox.forget(now - KEEP_INBOX)

    def _forget_sessions(self, work: UnitOfWork, now: datetime) -> int:
        return work.sessions.forget_opened(now - self.longest_session - KEEP_SESSIONS)

    def _forget_closed_accounts(self, work: UnitOfWork, now: datetime) -> int:
        if not self.retention.closed_accounts:
            return 0
        gone = work.accounts.forget_closed(now - self.retention.closed_accounts)
        for account in gone:
            erased = AuditEntry(at=now, actor="worker", action="account.erased", subject=account)
            work.audit.add(erased)
        return len(gone)

    def _cut_audit(self, work: UnitOfWork, now: datetime) -> int:
        """Cut a batch of old entries; a broken chain stays whole, as evidence."""
        if not self.retention.audit:
            return 0
        try:
            last = work.audit.cut(now - self.retention.audit)
        except BrokenChain:
            log.exception("audit_broken", alarm="audit_broken")
            return 0
        if not last:
            return 0
        details = {"until": str(last)}
        work.audit.add(
            AuditEntry(at=now, actor="worker", action="audit.cut", subject="audit", details=details)
        )
        return BATCH

    def wipe_successors(self) -> None:
        """Erase sealed successors of refresh tokens after their grace; run each minute (D7).

        In batches: after an outage of the workers there may be millions.
        """
        wiped = BATCH
        while wiped >= BATCH:
            with self.kernel.begin() as work:
                wiped = work.grants.wipe_successors(self.kernel.clock())


def _erase_cases(work: UnitOfWork, now: datetime) -> int:
    expired = work.cases.erase_expired(now)
    for case_id in expired:
        work.audit.add(AuditEntry(at=now, actor="worker", action="case.expired", subject=case_id))
    return len(expired)


@dataclass(frozen=True, slots=True)
class Sweep:
    """What deletes or ends a batch of rows of these tables; it returns how many."""

    tables: tuple[str, ...]
    run: Callable[[UnitOfWork, datetime], int]


SWEEPS = (
    Sweep(("jobs",), lambda work, now: work.outbox.revive(NEVER_GIVEN_UP, now)),
    Sweep(("cases",), _erase_cases),
    Sweep(("cases",), lambda work, now: work.cases.forget_remnants(now)),
    Sweep(("step_ones",), lambda work, now: work.step_ones.forget_expired(now)),
    Sweep(("codes",), lambda work, now: work.codes.forget_expired(now)),
    Sweep(("recoveries",), lambda work, now: work.recoveries.forget_expired(now)),
    Sweep(("pending_sign_ins",), lambda work, now: work.pending_sign_ins.forget_expired(now)),
    Sweep(("once",), lambda work, now: work.single_use.forget_expired(now)),
    Sweep(("known_devices",), lambda work, now: work.devices.forget_expired(now)),
    Sweep(("mobile_changes",), lambda work, now: work.mobile_changes.forget_decided(now)),
    Sweep(("contexts",), lambda work, now: work.contexts.forget_expired(now)),
    Sweep(
        ("invitations",),
        lambda work, now: work.invitations.forget_expired(now - KEEP_INVITATIONS),
    ),
    Sweep(("counters",), lambda work, now: work.counters.forget_expired(now)),
    Sweep(("refusals",), lambda work, now: work.refusals.forget_before(now - KEEP_REFUSALS)),
    Sweep(
        ("refresh_tokens", "grants"),
        lambda work, now: work.grants.forget_dead(now - KEEP_DEAD_GRANTS),
    ),
    Sweep(("jobs",), lambda work, now: work.outbox.forget_finished(now - KEEP_FINISHED_JOBS)),
    Sweep(("jobs",), lambda work, now: work.outbox.forget_dead(now - KEEP_DEAD_JOBS)),
)
