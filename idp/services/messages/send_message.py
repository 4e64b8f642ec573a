"""Sending one SMS of the outbox: at least once, always with the same message id."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from idp.ports import (
    AuditEntry,
    ClaimedJob,
    SmsGateway,
    SmsMessage,
    SmsReceipt,
    SmsResult,
)
from idp.services.backoff import spread, wait_by_age
from idp.services.kernel import Kernel
from idp.services.messages.messages import ACCOUNT

FIRST_WAIT = timedelta(seconds=3)
LONGEST_WAIT = timedelta(minutes=15)
ON_THE_WAY = timedelta(seconds=10)
"""How long a gateway may take to send: a code with less time left would arrive expired."""

log = structlog.get_logger("idp.sms")


def message_sent(account_id: str, message_id: str, at: datetime) -> AuditEntry:
    """Return the audit entry of a message that a gateway accepted."""
    return AuditEntry(
        at=at,
        actor="worker",
        action="message.sent",
        subject=account_id,
        details={"message": message_id},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SendMessage:
    """Runs the jobs ``sms`` and ``sms_code``. Gateways are tried in their order."""

    kernel: Kernel
    gateways: Sequence[SmsGateway]

    def run(self, job: ClaimedJob) -> None:
        """Send the message by the first gateway that accepts it, with the job's id as message id.

        ``again`` tells a gateway that an earlier worker may have sent it. When a gateway is
        unavailable, cuts the line or rejects the text, the next one is tried: a text sent twice is
        better than none. If none accepts it but one may recover, the job is postponed and uses up
        no try. A rejected number, or a text that all reject, is buried, with the alarm
        ``sms_dead_letter``. An expired message is never sent: a late code only helps a thief.

        Raises StaleLease.
        """
        if job.sms is None:
            self._bury(job, "no_message")
            return
        receipt = self._send(job, job.sms)
        if receipt is None:
            self._bury(job, "expired")
        elif receipt.result is SmsResult.ACCEPTED:
            self._finish(job, job.sms)
        elif receipt.result is SmsResult.REJECTED:
            self._bury(job, receipt.reason or "rejected")
        else:
            self._wait(job, receipt.reason or "transient")

    def _send(self, job: ClaimedJob, message: SmsMessage) -> SmsReceipt | None:
        """Return the receipt that decides, or None when the message expires before that.

        A temporary failure of one gateway outweighs another's rejection of the text.
        """
        receipts = []
        for gateway in self.gateways:
            if (
                message.expires_at is not None
                and self.kernel.clock() + ON_THE_WAY >= message.expires_at
            ):
                return None
            receipt = gateway.send(job.id, message.to, message.text, again=job.was_begun_before)
            if receipt.is_final:
                return receipt
            receipts.append(receipt)
        hopeful = [one for one in receipts if one.result is SmsResult.TRANSIENT]
        return (hopeful or receipts)[0]

    def _finish(self, job: ClaimedJob, message: SmsMessage) -> None:
        """Finish the job, and write message id and time, not the text, to the account's history."""
        now, account_id = self.kernel.clock(), job.payload.get(ACCOUNT)
        with self.kernel.begin() as work:
            work.outbox.finish(job, now)
            if account_id is not None:
                work.audit.add(message_sent(account_id, message.message_id, now))

    def _wait(self, job: ClaimedJob, reason: str) -> None:
        now = self.kernel.clock()
        wait = wait_by_age(now - job.created_at, first=FIRST_WAIT, longest=LONGEST_WAIT)
        log.warning("sms_not_sent", job=job.id, subject=job.subject, reason=reason)
        with self.kernel.begin() as work:
            work.outbox.postpone(
                job, run_at=now + spread(wait, self.kernel.randomness), reason=reason
            )

    def _bury(self, job: ClaimedJob, reason: str) -> None:
        log.error(
            "sms_dead_letter",
            alarm="sms_dead_letter",
            job=job.id,
            subject=job.subject,
            reason=reason,
        )
        with self.kernel.begin() as work:
            work.outbox.bury(job, self.kernel.clock(), reason=reason)
