"""Listing and ending the sessions and devices of an account, and «من نبودم» (ASVS 7.5.2)."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from idp.domain.people.account import Account
from idp.domain.sign_in.known_device import KnownDevice
from idp.domain.sign_in.session import Session, SessionLimits
from idp.ports import (
    AuditEntry,
)
from idp.services.kernel import Kernel
from idp.services.protection.password_tries import Visitor
from idp.services.sign_in.known_devices import KnownDevices
from idp.services.sign_in.sessions import Sessions
from idp.services.sign_out.end_sessions import end_one_session, end_sessions
from idp.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Locks:
    """The live sessions and known devices of an account, the most recently used first.

    ``device_id`` is the known device that the request comes from, None where it is not known.
    """

    account: Account
    sessions: Sequence[Session]
    devices: Sequence[KnownDevice]
    device_id: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSessions:
    """Acts of the signed-in citizen, on their own account only."""

    kernel: Kernel
    sessions: Sessions
    devices: KnownDevices
    limits: SessionLimits

    def show(self, session: Session, visitor: Visitor) -> Locks | None:
        """Return live sessions and known devices; None when the account does not exist."""
        with self.kernel.begin(read_only=True) as work:
            account = work.accounts.find(session.account_id)
            if account is None:
                return None
            sessions = sorted(self._living(work, account), key=_last_seen, reverse=True)
            devices = self.devices.known_to(work, account)
        here = self.devices.find(visitor.device, account)
        return Locks(account, sessions, devices, here.id if here else None)

    def end(self, session: Session, session_id: str) -> bool:
        """End another session and all its grants; False when the account has no such session."""
        with self.kernel.begin() as work:
            other = work.sessions.find(session_id)
            if other is None or other.account_id != session.account_id:
                return False
            end_one_session(work, other, self.kernel.clock(), "owner", keep_offline=False)
        return True

    def end_others(self, session: Session) -> int:
        """End all other sessions and all grants; return how many sessions were ended."""
        now = self.kernel.clock()
        with self.kernel.begin() as work:
            return end_sessions(
                work, session.account_id, now, reason="owner", except_session=session.id
            )

    def forget(self, session: Session, device_id: str) -> bool:
        """Forget a device, so its next sign-in needs a code. False when there is no such device."""
        with self.kernel.begin() as work:
            if not work.devices.forget(session.account_id, device_id):
                return False
            work.audit.add(self._entry(session, "device_forgotten"))
        return True

    def not_me(self, session: Session) -> str | None:
        """End all other sessions and all grants, forget all devices; return the new token.

        The page asks for a new password next. Until then an attacker who knows the old one needs a
        code, because no device is known. None when the session has ended.
        """
        now = self.kernel.clock()
        with self.kernel.begin() as work:
            account = work.accounts.lock(session.account_id)
            if account is None or not account.is_active or account.epoch != session.epoch:
                return None
            # The same state, a new epoch: it cancels what is under way, such as a pending sign-in.
            changed = account.with_state(account.state, at=now)
            raised = self.sessions.prove_again(work, replace(session, epoch=changed.epoch))
            if raised is None:
                return None
            work.accounts.save(changed)
            end_sessions(work, account.id, now, reason="not_me", except_session=session.id)
            work.devices.forget_all(account.id)
            work.audit.add(self._entry(session, "not_me"))
        return raised.token

    def _living(self, work: UnitOfWork, account: Account) -> Sequence[Session]:
        now = self.kernel.clock()
        return [
            one
            for one in work.sessions.of_account(account.id)
            if one.epoch == account.epoch and one.is_alive(now, self.limits)
        ]

    def _entry(self, session: Session, action: str) -> AuditEntry:
        return AuditEntry(
            at=self.kernel.clock(),
            actor=session.account_id,
            action=action,
            subject=session.account_id,
        )


def _last_seen(session: Session) -> float:
    return session.last_seen_at.timestamp()
