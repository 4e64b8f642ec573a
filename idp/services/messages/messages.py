"""The SMS that the hub sends: which text, to whom, how long it may wait in the outbox."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from idp import resources
from idp.domain.messages.sms import SmsName, SmsParts, sms_parts
from idp.domain.people.mobile import Mobile
from idp.domain.sign_in.one_time_code import CodePurpose, OneTimeCode
from idp.ports import Job, SmsMessage

SMS = "sms"
SMS_CODE = "sms_code"
"""Two kinds of job, so that a code never waits behind a queue of notices."""

NOTICE_LIFE = timedelta(days=7)


class Notice(StrEnum):
    """The messages without a code; the value is the message id and the name of its text's file."""

    ACTIVATED = "activated"
    BRANCH = "branch"
    MISMATCH = "mismatch"
    DUPLICATE = "duplicate"
    OVERDUE = "N20"
    OWNER_NOTICE = "owner_notice"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 (the name of a message)
    NEW_DEVICE = "new_device"
    MOBILE_CHANGED_OLD = "mobile_changed_old"
    MOBILE_CHANGED_NEW = "mobile_changed_new"
    RECOVERY_OPENED = "recovery_opened"
    PROFESSION_PROVEN = "profession_proven"
    PROFESSION_UNPROVEN = "profession_unproven"
    MOBILE_UNCHANGED = "mobile_unchanged"
    RECOVERY_HELD = "recovery_held"
    ACCOUNT_CLOSED = "account_closed"


OF_ACCOUNT = frozenset(
    {
        *(Notice.OWNER_NOTICE, Notice.PASSWORD_CHANGED, Notice.NEW_DEVICE),
        *(Notice.MOBILE_CHANGED_OLD, Notice.MOBILE_CHANGED_NEW, Notice.RECOVERY_OPENED),
        *(Notice.MOBILE_UNCHANGED, Notice.RECOVERY_HELD, Notice.ACCOUNT_CLOSED),
    }
)
"""Notices whose event's subject is an account: their sending stands in its history."""

THE_ACCOUNT = "حساب کاربری"

ACCOUNT = "account"
"""The member of a message job's payload that names the account whose history tells of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What a message tells of: ``subject`` is a case, account or flow, ``name`` its event."""

    subject: str
    name: str
    at: datetime


def notice_job(notice: Notice, to: Mobile, event: Event, **values: str) -> Job:
    """Return the outbox job of a notice; one event gives one message, however often it is put.

    It carries no name: the number is often not proven to be the person's. A gateway that is away
    for longer than ``NOTICE_LIFE`` loses it, for a text about a person may not lie around.
    """
    text = resources.sms_text(notice)
    return Job(
        kind=SMS,
        subject=event.subject,
        unique=f"{SMS}:{notice}:{event.subject}:{event.name}",
        run_at=event.at,
        payload={ACCOUNT: event.subject} if notice in OF_ACCOUNT else {},
        sms=SmsMessage(
            to=to,
            text=text.format(**values) if values else text,
            message_id=notice,
            expires_at=event.at + NOTICE_LIFE,
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeText:
    """What the text says beside the code: the issuer's host, and the portal of a sign-in.

    Without a portal, or with one whose name nobody has read, a sign-in is to ``THE_ACCOUNT``.
    ``account_id`` is the account whose history tells that a code was sent.
    """

    host: str
    portal: SmsName | None = None
    account_id: str | None = None


def code_job(record: OneTimeCode, code: str, to: Mobile, says: CodeText) -> Job:
    """Return the outbox job that sends ``code``; it dies with the code's record.

    The last line lets a browser offer the code on the issuer's pages only (origin-bound one-time
    codes). The texts are as short as they are because of the bill: with the host of
    ``default.toml`` each is one part of 70 units, but for portals with a name of more than fifteen.
    """
    message_id = code_message_id(record.purpose)
    text = resources.sms_text(message_id).format(
        code=code, host=says.host, portal=says.portal.value if says.portal else THE_ACCOUNT
    )
    return Job(
        kind=SMS_CODE,
        subject=record.flow_id,
        unique=f"{SMS_CODE}:{record.purpose}:{record.flow_id}:{record.digest}",
        run_at=record.asked_at,
        payload={ACCOUNT: says.account_id} if says.account_id else {},
        sms=SmsMessage(to=to, text=text, message_id=message_id, expires_at=record.good_until),
    )


def costliest_code(host: str) -> SmsParts:
    """Return what the longest text of a code takes on the air, with this host on its last line.

    The texts are counted as they are for everybody: a portal with a long name takes more.
    """
    texts = (
        resources.sms_text(code_message_id(purpose)).format(
            code="000000", host=host, portal=THE_ACCOUNT
        )
        for purpose in CodePurpose
    )
    return max((sms_parts(text) for text in texts), key=lambda cost: cost.units)


def code_message_id(purpose: CodePurpose) -> str:
    """Return the message id of a code for ``purpose``."""
    return f"code_{purpose}"
