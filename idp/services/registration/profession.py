"""The profession of an account: ask the medical council, then give or refuse the profession."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from idp.domain.people.account import Account
from idp.domain.people.physician import DatedClaim, PhysicianClaim
from idp.domain.registration.council import CouncilAnswer, Judged, Proof, judge_claim
from idp.domain.registration.verdict import wait_for_register
from idp.ports import (
    AuditEntry,
    ClaimedJob,
    Job,
    MedicalCouncil,
)
from idp.services.backoff import spread, wait_by_age
from idp.services.kernel import Kernel
from idp.services.messages.messages import Event, Notice, notice_job
from idp.services.sign_out.end_sessions import end_sessions
from idp.store.unit_of_work import UnitOfWork

CHECK_PROFESSION = "check_profession"
NUMBER_TAKEN = "council_number_taken"
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=15)
ONCE_MEMORY = timedelta(days=90)

log = structlog.get_logger("idp.professions")


def check_profession_job(account: Account) -> Job:
    """Return the job that checks the account's claim; put it in the transaction of the claim.

    Raises:
        ValueError: the account claims nothing.
    """
    if account.claim is None:
        raise ValueError("nothing is claimed")
    return Job(
        kind=CHECK_PROFESSION,
        subject=account.id,
        unique=f"{CHECK_PROFESSION}:{account.id}:{account.claim.at.isoformat()}",
        run_at=account.claim.at,
    )


def write_claim(work: UnitOfWork, account: Account) -> None:
    """Write the owner's claim of a profession within ``work``, and put the job that checks it."""
    work.accounts.save(account)
    work.outbox.put(check_profession_job(account))
    work.audit.add(
        AuditEntry(
            at=account.updated_at,
            actor="citizen",
            action="account.profession_claimed",
            subject=account.id,
        )
    )


def give_profession(
    work: UnitOfWork, account: Account, claim: PhysicianClaim, at: datetime
) -> bool:
    """Write a proven profession; False, and an alarm, when another account holds the number.

    One account per council number: a register that has names only cannot tell namesakes apart.
    """
    if not work.accounts.take_council_number(account.id, claim.number):
        log.warning("profession_alarm", alarm=NUMBER_TAKEN, account=account.id)
        return False
    work.accounts.save(account.with_profession(claim, at=at))
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckProfession:
    """Runs the job ``check_profession``: the claim of a citizen who already has an account."""

    kernel: Kernel
    medical_council: MedicalCouncil

    def run(self, job: ClaimedJob) -> None:
        """Give or refuse the profession, or postpone the job. Raises StaleLease.

        The medical council is asked with no transaction open. While it is silent the job waits
        without limit, with the alarms and the message of a case. A profession proven earlier stays
        until a new one is proven.
        """
        with self.kernel.begin(read_only=True) as work:
            account = work.accounts.find(job.subject)
        claim = account.claim if account else None
        answer = None
        if claim is not None:
            asked = claim.claim
            answer = self.medical_council.lookup(asked.number, asked.profession)
        with self.kernel.begin() as work:
            self._conclude(work, job, claim, answer)

    def _conclude(
        self,
        work: UnitOfWork,
        job: ClaimedJob,
        asked: DatedClaim | None,
        answer: CouncilAnswer | None,
    ) -> None:
        now = self.kernel.clock()
        account = work.accounts.lock(job.subject)
        if account is None or asked is None or answer is None or account.claim != asked:
            work.outbox.finish(job, now)  # the account is gone, or the claim has been dropped
            return
        judged = judge_claim(asked.claim, account.person, answer)
        if judged.is_silent:
            self._wait(work, job, account, asked)
            return
        if judged.proof is Proof.PROVEN and not give_profession(work, account, asked.claim, now):
            judged = Judged(Proof.REFUSED, (NUMBER_TAKEN,))
        _write_result(work, account, asked, judged, now)
        work.outbox.finish(job, now)

    def _wait(self, work: UnitOfWork, job: ClaimedJob, account: Account, asked: DatedClaim) -> None:
        now = self.kernel.clock()
        waiting = wait_for_register("council_unavailable", now - asked.at)
        if waiting.alarm:
            _alarm_once(work, account, asked, waiting.alarm, now)
        wait = wait_by_age(now - asked.at, first=FIRST_WAIT, longest=LONGEST_WAIT)
        run_at = now + spread(wait, self.kernel.randomness)
        work.outbox.postpone(job, run_at=run_at, reason=waiting.reasons[0])


def _write_result(
    work: UnitOfWork, account: Account, asked: DatedClaim, judged: Judged, now: datetime
) -> None:
    """Notify the citizen and write the audit. A proven profession ends every session and grant."""
    is_proven = judged.proof is Proof.PROVEN
    if is_proven:
        end_sessions(work, account.id, now, reason="profession_proven")
    else:
        work.accounts.save(account.without_claim(at=now))
    notice = Notice.PROFESSION_PROVEN if is_proven else Notice.PROFESSION_UNPROVEN
    work.outbox.put(notice_job(notice, account.mobile, _event(account, asked, judged.proof, now)))
    work.audit.add(
        AuditEntry(
            at=now,
            actor="worker",
            action=f"account.profession_{judged.proof}",
            subject=account.id,
            details={"reasons": ",".join(judged.reasons)} if judged.reasons else {},
        )
    )


def _alarm_once(
    work: UnitOfWork, account: Account, asked: DatedClaim, alarm: str, now: datetime
) -> None:
    """Log the alarm for staff, once per alarm and claim; put N20 to the citizen when overdue."""
    key = f"{account.id}:{asked.at.isoformat()}:{alarm}"
    if not work.single_use.take("profession_alarm", key, expires_at=now + ONCE_MEMORY):
        return
    log.warning("profession_alarm", alarm=f"profession_{alarm}", account=account.id)
    if alarm == "overdue":
        event = _event(account, asked, alarm, now)
        work.outbox.put(notice_job(Notice.OVERDUE, account.mobile, event))


def _event(account: Account, asked: DatedClaim, name: str, now: datetime) -> Event:
    return Event(subject=account.id, name=f"{asked.at.isoformat()}:{name}", at=now)
