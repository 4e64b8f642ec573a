"""The mails that the hub sends: notices to confirmed addresses, and never a code."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from idp import resources
from idp.domain.people.account import Account
from idp.domain.people.email_address import EmailAddress
from idp.ports import (
    MAIL,
    Job,
    MailMessage,
)
from idp.services.messages.messages import ACCOUNT, NOTICE_LIFE, Event, Notice, notice_job
from idp.store.unit_of_work import UnitOfWork

NOTICE = "notice"
"""The mail text around a notice; it contains the text of the SMS."""


class Letter(StrEnum):
    """Mails that do not copy an SMS; the value is the name of the text's file."""

    CONFIRM = "email_confirm"
    CHANGED = "email_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A mail to write: message id, account, recipient and event. Each event is mailed once."""

    account_id: str
    to: EmailAddress
    message_id: str
    event: str
    at: datetime
    life: timedelta = NOTICE_LIFE


def mail_job(written: Written, file: str, **values: str) -> Job:
    """Return the outbox job of a mail: the first line of its file is the subject."""
    subject, _, body = resources.mail_text(file).partition("\n\n")
    return Job(
        kind=MAIL,
        subject=written.account_id,
        unique=f"{MAIL}:{written.message_id}:{written.account_id}:{written.event}",
        run_at=written.at,
        payload={ACCOUNT: written.account_id},
        mail=MailMessage(
            to=written.to,
            subject=subject,
            text=body.format(**values),
            message_id=f"{MAIL}_{written.message_id}",
            expires_at=written.at + written.life,
        ),
    )


def tell_owner(
    work: UnitOfWork, notice: Notice, account: Account, event: Event, issuer: str, **values: str
) -> None:
    """Put the notice to the account's phone, and to its e-mail address when that is confirmed.

    Source: ASVS 6.3.7 (by another channel).
    """
    work.outbox.put(notice_job(notice, account.mobile, event, **values))
    if account.email is None or account.email_confirmed_at is None:
        return
    text = resources.sms_text(notice)
    written = Written(
        account_id=account.id, to=account.email, message_id=notice, event=event.name, at=event.at
    )
    words = text.format(**values) if values else text
    work.outbox.put(mail_job(written, NOTICE, text=words, issuer=issuer))
