"""Sending one SMS of the outbox: at least once, always with the same message id."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from idp.ports import ClaimedJob, SmsGateway, SmsMessage, SmsReceipt, SmsResult
from idp.services.kernel import Kernel
from idp.services.messages.delivery import Delivery

FIRST_WAIT = timedelta(seconds=3)
LONGEST_WAIT = timedelta(minutes=15)
ON_THE_WAY = timedelta(seconds=10)
"""How long a gateway may take to send: a code with less time left would arrive expired."""


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
            self._delivery.bury(job, "no_message")
            return
        receipt = self._send(job, job.sms)
        if receipt is None:
            self._delivery.bury(job, "expired")
        elif receipt.result is SmsResult.ACCEPTED:
            self._delivery.finish(job, job.sms.message_id)
        elif receipt.result is SmsResult.REJECTED:
            self._delivery.bury(job, receipt.reason or "rejected")
        else:
            self._delivery.postpone(job, receipt.reason or "transient")

    @property
    def _delivery(self) -> Delivery:
        return Delivery(
            kernel=self.kernel, channel="sms", first_wait=FIRST_WAIT, longest_wait=LONGEST_WAIT
        )

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
