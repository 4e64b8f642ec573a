"""«تغییر گذرواژه»: the old password, then a new one by the guide's rules."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from idp.domain.people.account import Account
from idp.domain.sign_in.known_device import KnownDevice
from idp.domain.sign_in.session import Session
from idp.ports import (
    AuditEntry,
)
from idp.services.kernel import Kernel
from idp.services.messages.mails import tell_owner
from idp.services.messages.messages import Event, Notice
from idp.services.protection.password_tries import Visitor
from idp.services.recovery.recover import WeakPassword, violations_for
from idp.services.sign_in.known_devices import KnownDevices
from idp.services.sign_in.reauthentication import Reauthentication
from idp.services.sign_in.sessions import Sessions
from idp.services.sign_out.end_sessions import end_sessions
from idp.store.unit_of_work import UnitOfWork


class NotChanged(StrEnum):
    """Why the password was not changed. ``expired``: the session or its epoch has ended."""

    WRONG = "wrong"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Passwords:
    """The old and the new password, as typed."""

    old: str = field(repr=False)
    new: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PasswordChanged:
    """The present session under its new token.

    ``device`` is the next value of the device cookie, None where the device is not known.
    """

    token: str = field(repr=False)
    device: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Known:
    """The known device that the request comes from, and its visitor."""

    device: KnownDevice
    visitor: Visitor


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePassword:
    """Changes the password of the signed-in citizen."""

    kernel: Kernel
    sessions: Sessions
    devices: KnownDevices
    again: Reauthentication

    def change(
        self, session: Session, typed: Passwords, visitor: Visitor
    ) -> PasswordChanged | WeakPassword | NotChanged:
        """Change the password, end all other sessions and all grants, and notify the owner.

        The present session continues under a new token, and its device stays known; all other
        devices are forgotten.

        Raises:
            TooMany, HashingBusy: as ``Reauthentication.check``.

        Source: ASVS 6.2.2, 6.2.3, 6.3.7, 7.2.4, 7.4.3; attack RC5.
        """
        account = self.again.check(session, typed.old, visitor)
        if account is None:
            return NotChanged.WRONG
        weak = violations_for(account, typed.new)
        if weak:
            return WeakPassword(weak)
        device = self.devices.find(visitor.device, account)
        known = _Known(device, visitor) if device else None
        return self._write(session, self.kernel.hashing.hash(typed.new), known)

    def _write(
        self, session: Session, password_hash: str, known: "_Known | None"
    ) -> PasswordChanged | NotChanged:
        now = self.kernel.clock()
        with self.kernel.begin() as work:
            current = work.accounts.lock(session.account_id)
            if current is None or not current.is_active or current.epoch != session.epoch:
                return NotChanged.EXPIRED
            changed = current.with_password(password_hash, at=now)
            proven = replace(session, epoch=changed.epoch, password_at=now)
            raised = self.sessions.prove_again(work, proven)
            if raised is None:
                return NotChanged.EXPIRED
            work.accounts.save(changed)
            end_sessions(
                work, changed.id, now, reason="password_changed", except_session=session.id
            )
            self._tell(work, changed)
            return PasswordChanged(raised.token, self._remembered(work, changed, known))

    def _remembered(self, work: UnitOfWork, account: Account, known: "_Known | None") -> str | None:
        if known is None:
            return None
        return self.devices.remember(work, account, known.device, known.visitor)

    def _tell(self, work: UnitOfWork, account: Account) -> None:
        now = self.kernel.clock()
        event = Event(subject=account.id, name=now.isoformat(), at=now)
        tell_owner(work, Notice.PASSWORD_CHANGED, account, event, self.kernel.issuer)
        work.audit.add(
            AuditEntry(at=now, actor=account.id, action="password_changed", subject=account.id)
        )
