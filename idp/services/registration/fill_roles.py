"""Filling the roles of an account from the insurance file, which decides no case."""

from dataclasses import dataclass
from datetime import timedelta

from idp.domain.people.account import Account
from idp.ports import AuditEntry, ClaimedJob, InsuranceFile, Job
from idp.services.backoff import spread, wait_by_age
from idp.services.kernel import Kernel

FILL_ROLES = "fill_roles"
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)


def fill_roles_job(account: Account) -> Job:
    """Return the job that asks the insurance file; put it in the transaction of the account."""
    return Job(
        kind=FILL_ROLES,
        subject=account.id,
        unique=f"{FILL_ROLES}:{account.id}",
        run_at=account.created_at,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FillRoles:
    """Runs the job ``fill_roles``."""

    kernel: Kernel
    insurance_file: InsuranceFile

    def run(self, job: ClaimedJob) -> None:
        """Write the insurance file's roles; postpone while it is unavailable. Raises StaleLease."""
        with self.kernel.begin(read_only=True) as work:
            account = work.accounts.find(job.subject)
        roles = self.insurance_file.roles(account.national_id) if account else ()
        if roles is None:
            self._ask_again(job)
            return
        now = self.kernel.clock()
        with self.kernel.begin() as work:
            account = work.accounts.lock(job.subject)
            filled = account and account.with_roles(roles, at=now)
            if account and filled and filled.roles != account.roles:
                work.accounts.save(filled)
                details = {"roles": ",".join(filled.roles)}
                work.audit.add(
                    AuditEntry(
                        at=now,
                        actor="worker",
                        action="account.roles",
                        subject=account.id,
                        details=details,
                    )
                )
            work.outbox.finish(job, now)

    def _ask_again(self, job: ClaimedJob) -> None:
        now = self.kernel.clock()
        wait = wait_by_age(now - job.created_at, first=FIRST_WAIT, longest=LONGEST_WAIT)
        with self.kernel.begin() as work:
            run_at = now + spread(wait, self.kernel.randomness)
            work.outbox.postpone(job, run_at=run_at, reason="insurance_file_unavailable")
