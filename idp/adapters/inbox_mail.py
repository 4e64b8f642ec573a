"""The development mail server: mails are shown on a page."""

from idp.ports import Clock, InboxMail, MailInbox, MailMessage, MailReceipt, MailResult


class InboxMailServer:
    """The port ``Mail`` for a developer's machine and the demo."""

    def __init__(self, inbox: MailInbox, clock: Clock) -> None:
        self._inbox = inbox
        self._clock = clock

    def send(self, uid: int, message: MailMessage) -> MailReceipt:
        """Put the mail into the inbox, once for each ``uid``; it is always accepted."""
        mail = InboxMail(
            uid=uid,
            to=message.to,
            subject=message.subject,
            text=message.text,
            at=self._clock(),
        )
        self._inbox.add(mail)
        return MailReceipt(MailResult.ACCEPTED)
