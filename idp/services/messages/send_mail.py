"""Sending one mail of the outbox: at least once, always with the same Message-ID."""

from dataclasses import dataclass
from datetime import timedelta

import structlog

from idp.ports import ClaimedJob, Mail, MailMessage, MailResult
from idp.services.backoff import spread, wait_by_age
from idp.services.kernel import Kernel
from idp.services.messages.messages import ACCOUNT
from idp.services.messages.send_message import message_sent

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=30)

log = structlog.get_logger("idp.mail")


@dataclass(frozen=True, slots=True, kw_only=True)
class SendMail:
    """Runs the job ``mail``. ``mail`` is None without a mail server: mails are dropped."""

    kernel: Kernel
    mail: Mail | None

    def run(self, job: ClaimedJob) -> None:
        """Send the mail; while the server is unavailable, postpone it until the mail expires.

        A rejected mail is buried, with the alarm ``mail_dead_letter``. Raises StaleLease.
        """
        if job.mail is None:
            self._bury(job, "no_message")
        elif self.mail is None:
            self._finish(job, None)
        else:
            self._send(self.mail, job, job.mail)

    def _send(self, mail: Mail, job: ClaimedJob, message: MailMessage) -> None:
        receipt = mail.send(job.id, message)
        if receipt.result is MailResult.ACCEPTED:
            self._finish(job, message)
        elif receipt.result is MailResult.REJECTED:
            self._bury(job, receipt.reason)
        else:
            self._wait(job, receipt.reason)

    def _finish(self, job: ClaimedJob, sent: MailMessage | None) -> None:
        now = self.kernel.clock()
        with self.kernel.begin() as work:
            work.outbox.finish(job, now)
            if sent is not None:
                work.audit.add(message_sent(job.payload[ACCOUNT], sent.message_id, now))

    def _wait(self, job: ClaimedJob, reason: str) -> None:
        now = self.kernel.clock()
        wait = wait_by_age(now - job.created_at, first=FIRST_WAIT, longest=LONGEST_WAIT)
        log.warning("mail_not_sent", job=job.id, subject=job.subject, reason=reason)
        with self.kernel.begin() as work:
            work.outbox.postpone(
                job, run_at=now + spread(wait, self.kernel.randomness), reason=reason
            )

    def _bury(self, job: ClaimedJob, reason: str) -> None:
        log.error(
            "mail_dead_letter",
            alarm="mail_dead_letter",
            job=job.id,
            subject=job.subject,
            reason=reason,
        )
        with self.kernel.begin() as work:
            work.outbox.bury(job, self.kernel.clock(), reason=reason)
