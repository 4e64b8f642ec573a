"""A change of the own mobile that waits for the answer about whose the new number is."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from idp.domain.people.mobile import Mobile

RECOVERY_HOLD = timedelta(hours=72)
"""So long after a change no code recovers the password: the owner has time to notice (O11)."""

GIVE_UP = timedelta(hours=24)
"""So long the registry is asked; then the branch decides."""


class ChangeState(StrEnum):
    """How far the change is; ``refused`` leads to the branch."""

    WAITING = "waiting"
    CHANGED = "changed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class MobileChange:
    """A row; at most one of an account waits. ``mobile`` is None once it is decided.

    ``epoch`` is the account's when both numbers were proven: a new password or «من نبودم» since
    then cancels the change.
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
        """Return the change as it ended, without the number."""
        return replace(self, state=state, reason=reason, decided_at=at, mobile=None)
