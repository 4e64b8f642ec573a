"""The change of the own country and city."""

from dataclasses import dataclass

from idp.domain.people.places import Residence
from idp.domain.protection.rate_limits import OwnersKey
from idp.domain.sign_in.session import Session
from idp.ports import AuditEntry
from idp.services.account.own_changes import locked_account
from idp.services.kernel import Kernel
from idp.services.messages.mails import tell_owner
from idp.services.messages.messages import Event, Notice
from idp.services.protection.owners_counters import OwnersCounter


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeResidence:
    """Changes the residence; the page requires reauthentication before."""

    kernel: Kernel
    changes: OwnersCounter
    """Changes that an account may make, so that no session sends notice after notice."""

    def change(self, session: Session, residence: Residence) -> bool:
        """Save the residence, and notify the owner; nothing happens when it is the present one.

        False when the session has ended meanwhile. Raises TooMany.
        """
        now = self.kernel.clock()
        with self.kernel.begin() as work:
            account = locked_account(work, session)
            if account is None:
                return False
            if account.residence == residence:
                return True
            self.changes.require(work, OwnersKey.of_account(account))
            changed = account.with_residence(residence, at=now)
            work.accounts.save(changed)
            event = Event(subject=account.id, name=now.isoformat(), at=now)
            tell_owner(work, Notice.RESIDENCE_CHANGED, changed, event, self.kernel.issuer)
            work.audit.add(
                AuditEntry(at=now, actor=account.id, action="residence_changed", subject=account.id)
            )
        return True
