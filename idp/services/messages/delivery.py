"""How the job of a message ends: delivered, postponed, or a dead letter."""

from dataclasses import dataclass
from datetime import timedelta

import structlog

from idp.ports import AuditEntry, ClaimedJob
from idp.services.backoff import spread, wait_by_age
from idp.services.kernel import Kernel
from idp.services.messages.messages import ACCOUNT

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Ends jobs of one ``channel`` (``sms``, ``mail``), whose name begins that of its log events.

    Every method raises StaleLease.
    """

    kernel: Kernel
    channel: str
    first_wait: timedelta
    longest_wait: timedelta

    def finish(self, job: ClaimedJob, message_id: str | None) -> None:
        """Finish the job, and write message id and time, not the text, to the account's history.

        ``message_id``: None for a message that was not sent.
        """
        now, account_id = self.kernel.clock(), job.payload.get(ACCOUNT)
        with self.kernel.begin() as work:
            work.outbox.finish(job, now)
            if account_id is not None and message_id is not None:
                work.audit.add(
                    AuditEntry(
                        at=now,
                        actor="worker",
                        action="message.sent",
                        subject=account_id,
                        details={"message": message_id},
                    )
                )

    def postpone(self, job: ClaimedJob, reason: str) -> None:
        """Postpone the job, the longer the older it is; it uses up no try."""
        now, event = self.kernel.clock(), f"{self.channel}_not_sent"
        wait = wait_by_age(now - job.created_at, first=self.first_wait, longest=self.longest_wait)
        run_at = now + spread(wait, self.kernel.randomness)
        log.warning(event, job=job.id, subject=job.subject, reason=reason)
        with self.kernel.begin() as work:
            work.outbox.postpone(job, run_at=run_at, reason=reason)

    def bury(self, job: ClaimedJob, reason: str) -> None:
        """Make the job a dead letter, with an alarm."""
        alarm = f"{self.channel}_dead_letter"
        log.error(alarm, alarm=alarm, job=job.id, subject=job.subject, reason=reason)
        with self.kernel.begin() as work:
            work.outbox.bury(job, self.kernel.clock(), reason=reason)
