"""Closing an account for good, by its owner or by the branch."""

from dataclasses import dataclass
from datetime import datetime

from idp.domain.people.account import Account
from idp.domain.sign_in.session import Session
from idp.ports import (
    AuditEntry,
)
from idp.services.kernel import Kernel
from idp.services.messages.mails import tell_owner
from idp.services.messages.messages import Event, Notice
from idp.services.protection.password_tries import Visitor
from idp.services.sign_in.reauthentication import Reauthentication
from idp.services.sign_out.end_sessions import end_sessions
from idp.store.unit_of_work import UnitOfWork


def close_account(work: UnitOfWork, account: Account, now: datetime, issuer: str) -> Account:
    """Close the locked account, notify owner and portals, and erase data that it no longer needs.

    Password, answer, e-mail, residence, roles, profession, consents and known devices are removed.
    Name, national ID and phone stay sealed while the organisation must account for its acts. The
    id, and every ``sub`` made from it, is never reused; the national ID may register again (RG10).
    """
    event = Event(subject=account.id, name="closed", at=now)
    tell_owner(work, Notice.ACCOUNT_CLOSED, account, event, issuer)
    closed = account.closed(at=now)
    work.accounts.save(closed)
    end_sessions(work, account.id, now, reason="account_closed")
    work.consents.revoke_of_account(account.id, now)
    work.devices.forget_all(account.id)
    return closed


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseAccount:
    """Closes the account of the signed-in citizen."""

    kernel: Kernel
    again: Reauthentication

    def close(self, session: Session, typed_password: str, visitor: Visitor) -> bool:
        """Close the account; False when the password is wrong or the session has ended meanwhile.

        Raises:
            TooMany, HashingBusy: as ``Reauthentication.check``.
        """
        if self.again.check(session, typed_password, visitor) is None:
            return False
        now = self.kernel.clock()
        with self.kernel.begin() as work:
            account = work.accounts.lock(session.account_id)
            if account is None or not account.is_active or account.epoch != session.epoch:
                return False
            close_account(work, account, now, self.kernel.issuer)
            work.audit.add(
                AuditEntry(at=now, actor=account.id, action="account_closed", subject=account.id)
            )
        return True
