"""Changing the e-mail address and confirming it by a link. It gets notices and is no factor."""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto

from idp.domain.people.account import Account
from idp.domain.people.email_address import EmailAddress
from idp.domain.protection.rate_limits import OwnersKey
from idp.domain.sign_in.session import Session
from idp.ports import (
    AuditEntry,
    BrokenSeal,
)
from idp.services.kernel import Kernel
from idp.services.messages.mails import Letter, Written, mail_job
from idp.services.protection.owners_counters import OwnersCounter
from idp.store.unit_of_work import UnitOfWork

TICKET = "email_ticket"
TICKET_LIFE = timedelta(hours=24)
"""NIST SP 800-63B: a link sent by e-mail is valid for 24 hours at most."""


class Change(Enum):
    """What became of a change of the address."""

    NONE = auto()
    """Nothing was changed: the account has this address already."""
    SENT = auto()
    """The address is written and its link sent."""
    HELD_BACK = auto()
    """The address is written, without a link: mails are off, or past the day's limit."""


@dataclass(frozen=True, slots=True)
class Links:
    """What has become of an account's links within the day."""

    were_sent: bool
    next_at: datetime | None
    """From when on another link can be sent; None while it can be sent now."""


@dataclass(frozen=True, slots=True)
class _Ticket:
    id: str
    account_id: str
    email: EmailAddress
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmEmail:
    """Changes the citizen's e-mail address, and confirms it by the ticket of the link."""

    kernel: Kernel
    mail: bool
    links: OwnersCounter

    @property
    def is_on(self) -> bool:
        """Return whether mails can be sent; if not, addresses cannot be confirmed."""
        return self.mail

    def change(self, session: Session, email: EmailAddress) -> Change:
        """Write the address, unconfirmed, send its link, and notify a confirmed old address."""
        now = self.kernel.clock()
        with self.kernel.begin() as work:
            account = work.accounts.lock(session.account_id)
            if account is None or account.email == email:
                return Change.NONE
            changed = account.with_email(email, at=now)
            work.accounts.save(changed)
            self._tell_old(work, account, now)
            is_sent = self._send(work, changed, email)
            work.audit.add(_entry(account.id, account.id, "email_changed", now))
        return Change.SENT if is_sent else Change.HELD_BACK

    def send_link(self, session: Session) -> bool:
        """Send a link to the unconfirmed address, and return whether one was sent.

        False: nothing to confirm, mails off, or past the day's limit. Earlier links stay valid.
        """
        with self.kernel.begin() as work:
            account = work.accounts.find(session.account_id)
            if account is None or account.email is None or account.email_confirmed_at is not None:
                return False
            return self._send(work, account, account.email)

    def links_of(self, session: Session) -> Links:
        """Return what has become of the account's links within the day."""
        with self.kernel.begin(read_only=True) as work:
            account = work.accounts.find(session.account_id)
            if account is None:
                return Links(were_sent=False, next_at=None)
            key = OwnersKey.of_account(account)
            return Links(self.links.is_used(work, key), self.links.full_until(work, key))

    def address_of(self, ticket: str) -> EmailAddress | None:
        """Return the address that ``confirm`` would confirm by the ticket, without using it.

        Opening the link changes nothing, so mail scanners that follow links confirm nothing.
        """
        found = self._open(ticket)
        if found is None:
            return None
        with self.kernel.begin(read_only=True) as work:
            is_open = _is_open(work.accounts.find(found.account_id), found)
        return found.email if is_open else None

    def confirm(self, ticket: str) -> EmailAddress | None:
        """Confirm the address that the ticket was sent to, and return it; once, within 24 hours.

        The ticket is bound to account and address: after another change it is invalid. It proves
        that its bearer reads the address's mails and gives no other right (attacks RC3, RC7).
        """
        found, now = self._open(ticket), self.kernel.clock()
        if found is None:
            return None
        with self.kernel.begin() as work:
            account = work.accounts.lock(found.account_id)
            if account is None or not _is_open(account, found):
                return None
            if not work.single_use.take(TICKET, found.id, expires_at=found.expires_at):
                return None
            work.accounts.save(replace(account, email_confirmed_at=now, updated_at=now))
            work.audit.add(_entry(account.id, account.id, "email_confirmed", now))
        return found.email

    def _send(self, work: UnitOfWork, account: Account, email: EmailAddress) -> bool:
        now = self.kernel.clock()
        if not self.mail or not self.links.take(work, OwnersKey.of_account(account)).allowed:
            return False
        ticket = self._ticket(account.id, email, now)
        written = Written(
            account_id=account.id,
            to=email,
            message_id=Letter.CONFIRM,
            event=self.kernel.randomness.identifier(),
            at=now,
            life=TICKET_LIFE,
        )
        link = f"{self.kernel.issuer}/account/email/confirm?ticket={ticket}"
        work.outbox.put(mail_job(written, Letter.CONFIRM, link=link))
        return True

    def _tell_old(self, work: UnitOfWork, old: Account, now: datetime) -> None:
        if old.email is None or old.email_confirmed_at is None:
            return
        written = Written(
            account_id=old.id,
            to=old.email,
            message_id=Letter.CHANGED,
            event=now.isoformat(),
            at=now,
        )
        work.outbox.put(mail_job(written, Letter.CHANGED, issuer=self.kernel.issuer))

    def _ticket(self, account_id: str, email: EmailAddress, now: datetime) -> str:
        expires = (now + TICKET_LIFE).isoformat()
        fields = [self.kernel.randomness.identifier(), account_id, email.value, expires]
        return self.kernel.vault.seal(json.dumps(fields).encode(), purpose=TICKET)

    def _open(self, ticket: str) -> _Ticket | None:
        try:
            opened = self.kernel.vault.open(ticket, purpose=TICKET)
        except BrokenSeal:
            return None
        ticket_id, account_id, email, expires = json.loads(opened)
        found = _Ticket(ticket_id, account_id, EmailAddress(email), datetime.fromisoformat(expires))
        return found if self.kernel.clock() < found.expires_at else None


def _is_open(account: Account | None, ticket: _Ticket) -> bool:
    return (
        account is not None
        and account.is_active
        and account.email == ticket.email
        and account.email_confirmed_at is None
    )


def _entry(actor: str, subject: str, action: str, at: datetime) -> AuditEntry:
    return AuditEntry(at=at, actor=actor, action=action, subject=subject)
