"""Mail by SMTP (RFC 5321), over TLS from the start or by STARTTLS."""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime

from idp.domain.people.email_address import EmailAddress, InvalidEmail
from idp.ports import Clock, MailMessage, MailReceipt, MailResult
from idp.settings.sections import MailSection

LOWEST_PERMANENT = 500
"""Reply codes from here on are permanent failures (RFC 5321, 4.2.1)."""


class SmtpMail:
    """The port ``Mail``. Each mail has a connection of its own, because mails are few."""

    def __init__(
        self, account: MailSection, clock: Clock, *, name: str, tls: ssl.SSLContext | None = None
    ) -> None:
        """``name`` is the issuer's host, the domain of the Message-IDs."""
        self._account = account
        self._clock = clock
        self._name = name
        self._tls = tls or ssl.create_default_context()

    def send(self, uid: int, message: MailMessage) -> MailReceipt:
        """Send the mail; network errors become a receipt, whose reason has no address."""
        to = message.to.value
        if not _is_address(to):
            return MailReceipt(MailResult.REJECTED, "address")
        try:
            with self._connected() as server:
                # The recipient is named here, so smtplib does not read the headers for it.
                server.send_message(self._letter(uid, message), to_addrs=[to])
        except smtplib.SMTPRecipientsRefused as error:
            return _refused(max(code for code, _ in error.recipients.values()))
        except smtplib.SMTPAuthenticationError:
            return MailReceipt(MailResult.TRANSIENT, "login")
        except smtplib.SMTPResponseException as error:
            return _refused(error.smtp_code)
        except (smtplib.SMTPException, OSError) as error:
            return MailReceipt(MailResult.TRANSIENT, type(error).__name__)
        return MailReceipt(MailResult.ACCEPTED)

    def _connected(self) -> smtplib.SMTP:
        account = self._account
        timeout = account.timeout_seconds
        if account.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                account.host, account.port, timeout=timeout, context=self._tls
            )
        else:
            server = smtplib.SMTP(account.host, account.port, timeout=timeout)
        try:
            if account.security == "starttls":
                server.starttls(context=self._tls)
            if account.user:
                server.login(account.user, account.password.get_secret_value())
        except BaseException:
            server.close()
            raise
        return server

    def _letter(self, uid: int, message: MailMessage) -> EmailMessage:
        letter = EmailMessage()
        letter["Subject"] = message.subject
        letter["From"] = self._account.sender
        letter["To"] = message.to.value
        letter["Date"] = format_datetime(self._clock())
        # The same for every try, so that mail programs join duplicates.
        letter["Message-ID"] = f"<{uid}.{message.message_id}@{self._name}>"
        letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office replies
        letter.set_content(message.text, cte="base64")  # not every server takes eight bits
        return letter


def _is_address(text: str) -> bool:
    """Return whether a stored address would still be accepted today (attack X16)."""
    try:
        return EmailAddress.parse(text).value == text
    except InvalidEmail:
        return False


def _refused(code: int) -> MailReceipt:
    result = MailResult.REJECTED if code >= LOWEST_PERMANENT else MailResult.TRANSIENT
    return MailReceipt(result, f"smtp_{code}")
