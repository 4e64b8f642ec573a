"""Checking mobile ownership of the new number, then changing the mobile or refusing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from idp.domain.people.account import Account, MobileMethod
from idp.domain.people.mobile_change import GIVE_UP, RECOVERY_HOLD, ChangeState, MobileChange
from idp.domain.registration.verdict import PhoneAnswer
from idp.ports import (
    AuditEntry,
    ClaimedJob,
    MobileOwnership,
)
from idp.services.backoff import spread, wait_by_age
from idp.services.kernel import Kernel
from idp.services.messages.mails import tell_owner
from idp.services.messages.messages import Event, Notice, notice_job
from idp.store.unit_of_work import UnitOfWork

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=15)
OPEN_ANSWERS = frozenset({PhoneAnswer.NO_ANSWER, PhoneAnswer.UNAVAILABLE})


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckMobile:
    """Runs the job ``check_mobile``."""

    kernel: Kernel
    mobile_ownership: MobileOwnership

    def run(self, job: ClaimedJob) -> None:
        """Change the mobile when mobile ownership answers ``match``; else refuse the change.

        The service is asked with no transaction open, for ``GIVE_UP`` at most; then the change is
        refused and the branch decides: an outage is no mismatch and no match. Raises StaleLease.
        """
        with self.kernel.begin(read_only=True) as work:
            change = work.mobile_changes.find(job.subject)
            account = work.accounts.find(change.account_id) if change else None
        if change is None or change.mobile is None or account is None:
            with self.kernel.begin() as work:
                work.outbox.finish(job, self.kernel.clock())
            return
        answer = self.mobile_ownership.check(account.national_id, change.mobile)
        now = self.kernel.clock()
        with self.kernel.begin() as work:
            if answer in OPEN_ANSWERS and now - change.asked_at < GIVE_UP:
                self._ask_again(work, job, now - change.asked_at)
            else:
                self._conclude(work, change, answer, now)
                work.outbox.finish(job, now)

    def _ask_again(self, work: UnitOfWork, job: ClaimedJob, age: timedelta) -> None:
        wait = spread(
            wait_by_age(age, first=FIRST_WAIT, longest=LONGEST_WAIT), self.kernel.randomness
        )
        work.outbox.postpone(job, run_at=self.kernel.clock() + wait, reason="ownership_unanswered")

    def _conclude(
        self, work: UnitOfWork, asked: MobileChange, answer: PhoneAnswer, now: datetime
    ) -> None:
        account = work.accounts.lock(asked.account_id)
        change = work.mobile_changes.lock(asked.id)
        if account is None or change is None or change.mobile is None:
            return
        if not account.is_active or account.epoch != change.epoch:
            work.mobile_changes.save(change.decided(ChangeState.REFUSED, "cancelled", at=now))
        elif answer is PhoneAnswer.MATCH:
            self._change(work, account, change, now)
        else:
            self._refuse(work, account, change, f"phone_{answer}", now)

    def _change(
        self, work: UnitOfWork, account: Account, change: MobileChange, now: datetime
    ) -> None:
        """Write the mobile, hold the recovery for 72 hours, notify both numbers (attack O11)."""
        assert change.mobile is not None  # noqa: S101 (callers have looked)
        changed = account.with_mobile(
            change.mobile, MobileMethod.OWNERSHIP, at=now, recovery_held_until=now + RECOVERY_HOLD
        )
        work.accounts.save(changed)
        work.mobile_changes.save(change.decided(ChangeState.CHANGED, "phone_match", at=now))
        event = Event(subject=account.id, name=change.id, at=now)
        work.outbox.put(notice_job(Notice.MOBILE_CHANGED_OLD, account.mobile, event))
        tell_owner(work, Notice.MOBILE_CHANGED_NEW, changed, event, self.kernel.issuer)
        work.audit.add(_entry(account.id, "mobile_changed", now, mobile="ownership"))

    def _refuse(
        self, work: UnitOfWork, account: Account, change: MobileChange, reason: str, now: datetime
    ) -> None:
        work.mobile_changes.save(change.decided(ChangeState.REFUSED, reason, at=now))
        event = Event(subject=account.id, name=change.id, at=now)
        tell_owner(work, Notice.MOBILE_UNCHANGED, account, event, self.kernel.issuer)
        work.audit.add(_entry(account.id, "mobile_unchanged", now, reason=reason))


def _entry(account_id: str, action: str, at: datetime, **details: str) -> AuditEntry:
    return AuditEntry(at=at, actor="worker", action=action, subject=account_id, details=details)
