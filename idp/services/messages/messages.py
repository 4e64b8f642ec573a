"""The SMS that the hub sends: text, recipient, and how long they may wait in the outbox."""

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
    ANSWER_CHANGED = "answer_changed"
    RESIDENCE_CHANGED = "residence_changed"
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
        *(Notice.ANSWER_CHANGED, Notice.RESIDENCE_CHANGED),
        *(Notice.MOBILE_UNCHANGED, Notice.RECOVERY_HELD, Notice.ACCOUNT_CLOSED),
    }
)
"""Notices whose event's subject is an account: the account's history shows that they were sent."""

CODE_AT_PORTAL = "code_sign_in_portal"
"""The text of a sign-in code that names a portal; its message id is that of every sign-in code."""

ACCOUNT = "account"
"""The payload member of a message job that names the account whose history shows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The event of a message: ``subject`` is a case, account or flow, ``name`` its event."""

    subject: str
    name: str
    at: datetime


def notice_job(notice: Notice, to: Mobile, event: Event, **values: str) -> Job:
    """Return the outbox job of a notice; one event gives one message, however often it is put.

    The text has no name of a person: often the number is not proven to be theirs. If no gateway is
    available within ``NOTICE_LIFE``, the notice is wiped, because its text is personal.
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
    """What the text contains besides the code: the issuer's host, and the portal of a sign-in.

    Every text names the organisation, and that of a sign-in the portal too, once it was reviewed.
    ``account_id`` is the account whose history shows that a code was sent.
    """

    host: str
    portal: SmsName | None = None
    account_id: str | None = None


def code_job(record: OneTimeCode, code: str, to: Mobile, says: CodeText) -> Job:
    """Return the outbox job that sends ``code``; it expires with the code.

    The last line lets a browser offer the code on the issuer's pages only (origin-bound one-time
    codes). The texts are short to cost one segment of 70 units with the host of ``default.toml``,
    except for portals with a name longer than fifteen.
    """
    return Job(
        kind=SMS_CODE,
        subject=record.flow_id,
        unique=f"{SMS_CODE}:{record.purpose}:{record.flow_id}:{record.digest}",
        run_at=record.asked_at,
        payload={ACCOUNT: says.account_id} if says.account_id else {},
        sms=SmsMessage(
            to=to,
            text=_code_text(record.purpose, code, says),
            message_id=code_message_id(record.purpose),
            expires_at=record.good_until,
        ),
    )


def _code_text(purpose: CodePurpose, code: str, says: CodeText) -> str:
    """Return the text; at a portal it has the portal's name in place of a warning."""
    if purpose is CodePurpose.SIGN_IN and says.portal:
        pattern = resources.sms_text(CODE_AT_PORTAL)
        return pattern.format(code=code, host=says.host, portal=says.portal.value)
    return resources.sms_text(code_message_id(purpose)).format(code=code, host=says.host)


def costliest_code(host: str) -> SmsParts:
    """Return the SMS segments of the longest code text, with this host on its last line.

    Without a portal's name: one with a long name takes more.
    """
    texts = (_code_text(purpose, "000000", CodeText(host=host)) for purpose in CodePurpose)
    return max((sms_parts(text) for text in texts), key=lambda cost: cost.units)


def code_message_id(purpose: CodePurpose) -> str:
    """Return the message id of a code for ``purpose``."""
    return f"code_{purpose}"
