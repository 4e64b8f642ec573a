"""A change of an account's mobile, which waits for the mobile-ownership answer."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from idp.domain.people.mobile import Mobile

RECOVERY_HOLD = timedelta(hours=72)
"""How long after a change no code recovers the password: the owner has time to notice (O11)."""

GIVE_UP = timedelta(hours=24)
"""How long mobile ownership is asked; then the branch decides."""


class ChangeState(StrEnum):
    """The state of a change; after ``refused`` the branch decides."""

    WAITING = "waiting"
    CHANGED = "changed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class MobileChange:
    """A row; at most one of an account waits. ``mobile`` is None once the change is decided.

    ``epoch`` is the account's when both numbers were proven. A later epoch (a new password, «من
    نبودم») cancels the change.
    """

    id: str
    account_id: str
    epoch: int
    mobile: Mobile | None = field(repr=False)
    state: ChangeState
    asked_at: datetime
    decided_at: datetime | None = None
    reason: str | None = None

    def decided(self, state: ChangeState, reason: str, *, at: datetime) -> Self:
        """Return the decided change, without the new number."""
        return replace(self, state=state, reason=reason, decided_at=at, mobile=None)
