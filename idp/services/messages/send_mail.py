"""Sending one mail of the outbox: at least once, always with the same Message-ID."""

from dataclasses import dataclass
from datetime import timedelta

from idp.ports import ClaimedJob, Mail, MailMessage, MailResult
from idp.services.kernel import Kernel
from idp.services.messages.delivery import Delivery

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=30)


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
            self._delivery.bury(job, "no_message")
        elif self.mail is None:
            self._delivery.finish(job, None)
        else:
            self._send(self.mail, job, job.mail)

    @property
    def _delivery(self) -> Delivery:
        return Delivery(
            kernel=self.kernel, channel="mail", first_wait=FIRST_WAIT, longest_wait=LONGEST_WAIT
        )

    def _send(self, mail: Mail, job: ClaimedJob, message: MailMessage) -> None:
        receipt = mail.send(job.id, message)
        if receipt.result is MailResult.ACCEPTED:
            self._delivery.finish(job, message.message_id)
        elif receipt.result is MailResult.REJECTED:
            self._delivery.bury(job, receipt.reason)
        else:
            self._delivery.postpone(job, receipt.reason)
