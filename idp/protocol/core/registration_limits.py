"""Rate limits for registrations with one invitation, and changes by one client (attack D14)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from idp.domain.protection.rate_limits import Limit, OwnersKey
from idp.ports import (
    Taken,
)
from idp.store.unit_of_work import UnitOfWork

USUAL = Limit(20, timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class RegistrationLimits:
    """``changes`` by one client, ``registrations`` by one invitation."""

    changes: Limit = USUAL
    registrations: Limit = USUAL

    def take_change(self, work: UnitOfWork, client_id: str, now: datetime) -> Taken:
        """Count a change within ``work``; it may be refused: the client alone moves the counter."""
        return _take(work, OwnersKey.of_client(client_id), self.changes, now)

    def take_registration(self, work: UnitOfWork, invitation_id: str, now: datetime) -> Taken:
        """Count a registration within ``work``."""
        return _take(work, OwnersKey.of_invitation(invitation_id), self.registrations, now)


def _take(work: UnitOfWork, key: OwnersKey, limit: Limit, now: datetime) -> Taken:
    row = f"own:registration:{key.value}"
    return work.counters.take(row, limit=limit.count, per=limit.per, now=now)
