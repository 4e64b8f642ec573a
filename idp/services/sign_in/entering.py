"""The end of a sign-in: a session, a known device and an entry of the audit are written."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from idp.domain.messages.sms import SmsName
from idp.domain.people.account import Account
from idp.domain.sign_in.known_device import KnownDevice
from idp.domain.sign_in.session import Session
from idp.ports import AuditEntry, Entrance, Settlement
from idp.services.kernel import Kernel
from idp.services.protection.password_tries import Visitor
from idp.services.sign_in.known_devices import KnownDevices
from idp.services.sign_in.sessions import Proof, Sessions, SignedIn
from idp.services.sign_out.end_sessions import end_one_session
from idp.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Entered:
    """The citizen is signed in; ``device`` is the next value of the device cookie."""

    session: Session
    token: str = field(repr=False)
    device: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Attempt:
    """The visitor of a sign-in, the browser's live session, and the portal it comes from."""

    visitor: Visitor
    session: Session | None = None
    portal: SmsName | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """An active account whose password was right: the device it is known on, the proof, the tries.

    ``account`` is as it was found before the password was hashed.
    """

    account: Account
    device: KnownDevice | None
    proof: Proof
    settlement: Settlement


@dataclass(frozen=True, slots=True)
class Entering:
    """Writes what a sign-in leaves."""

    kernel: Kernel
    sessions: Sessions
    devices: KnownDevices

    def at_once(self, work: UnitOfWork, arrival: Arrival, attempt: Attempt) -> Entered | None:
        """Write session, device and tries by one statement; None when the account has changed.

        The browser has no session that would be renewed or ended.
        """
        account, visitor = arrival.account, attempt.visitor
        signed_in = self.sessions.new(account, arrival.proof, visitor.origin)
        kept = self.devices.next(work, account, arrival.device, visitor)
        entrance = Entrance(
            session=signed_in.session,
            token=signed_in.token,
            device=kept.device,
            is_new_device=kept.is_new,
            settlement=arrival.settlement,
        )
        if not work.entrances.enter(entrance):
            return None
        self._note_entry(work, account, signed_in.session, visitor)
        return Entered(signed_in.session, signed_in.token, kept.cookie)

    def enter(
        self,
        work: UnitOfWork,
        account: Account,
        proof: Proof,
        attempt: Attempt,
        device: KnownDevice | None = None,
    ) -> Entered:
        """Write the session, or renew the browser's, with its device."""
        signed_in = self._session(work, account, proof, attempt)
        return self.entered(work, account, signed_in, device, attempt.visitor)

    def entered(
        self,
        work: UnitOfWork,
        account: Account,
        signed_in: SignedIn,
        device: KnownDevice | None,
        visitor: Visitor,
    ) -> Entered:
        """Write the device of a session that is written."""
        self._note_entry(work, account, signed_in.session, visitor)
        cookie = self.devices.remember(work, account, device, visitor)
        return Entered(signed_in.session, signed_in.token, cookie)

    def note(
        self,
        work: UnitOfWork,
        account: Account,
        action: str,
        visitor: Visitor,
        details: Mapping[str, str],
    ) -> None:
        """Audit an act of the account's owner, with the browser and platform it came from."""
        origin = {"browser": visitor.origin.browser, "platform": visitor.origin.platform}
        work.audit.add(
            AuditEntry(
                at=self.kernel.clock(),
                actor=account.id,
                action=action,
                subject=account.id,
                details={**details, **origin},
            )
        )

    def _session(
        self, work: UnitOfWork, account: Account, proof: Proof, attempt: Attempt
    ) -> SignedIn:
        """Renew the browser's session of the same account; end one of another account (SE03)."""
        proven, before = None, attempt.session
        if before is not None and before.account_id == account.id:
            proven = self.sessions.prove_again(work, proof.of(before))
        elif before is not None:
            end_one_session(work, before, self.kernel.clock(), "another_account")
        return proven or self.sessions.open(work, account, proof, attempt.visitor.origin)

    def _note_entry(
        self, work: UnitOfWork, account: Account, session: Session, visitor: Visitor
    ) -> None:
        details = {"session": session.id, "amr": " ".join(session.amr)}
        self.note(work, account, "signed_in", visitor, details)
