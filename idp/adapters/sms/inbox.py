"""The development gateway: messages are shown on a page, not sent."""

from idp.domain.people.mobile import Mobile
from idp.ports import Clock, InboxMessage, SmsInbox, SmsReceipt, SmsResult


class InboxGateway:
    """The port ``SmsGateway`` for a developer's machine and the demo."""

    def __init__(self, inbox: SmsInbox, clock: Clock) -> None:
        self._inbox = inbox
        self._clock = clock

    def send(
        self,
        uid: int,
        to: Mobile,
        text: str,
        *,
        again: bool,  # noqa: ARG002 (the inbox joins two messages of one uid)
    ) -> SmsReceipt:
        """Put the message into the inbox; always accepted."""
        self._inbox.add(InboxMessage(uid=uid, to=to, text=text, at=self._clock()))
        return SmsReceipt(SmsResult.ACCEPTED, str(uid))
