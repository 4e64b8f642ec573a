"""One-time codes by SMS: six digits, bound to flow, purpose and phone."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

CODE_LIFE = timedelta(minutes=5)
CODE_TRIES = 5


class CodePurpose(StrEnum):
    """What a code is for; a code of one purpose opens nothing else (attack O05)."""

    REGISTRATION = "registration"
    SIGN_IN = "sign_in"
    RECOVERY = "recovery"
    LEAVE_MOBILE = "leave_mobile"
    CHANGE_MOBILE = "change_mobile"
    BRANCH = "branch"


@dataclass(frozen=True, slots=True, kw_only=True)
class OneTimeCode:
    """A row: the keyed digest of a code. The code itself lives only sealed in its message.

    ``asked_at`` is when a code of the flow was asked for last, and pages speak of that time alone:
    where strangers used a phone up, none was sent then, ``digest`` is that of an earlier code or of
    none, and ``good_until`` is when that one ends (5 minutes after it was sent).
    """

    flow_id: str
    purpose: CodePurpose
    phone: str = field(repr=False)  # keyed hash of the number
    digest: str = field(repr=False)
    asked_at: datetime
    good_until: datetime
    tries: int = 0
    used_at: datetime | None = None

    @property
    def ends_at(self) -> datetime:
        """Until when pages say that the code is good."""
        return self.asked_at + CODE_LIFE

    def is_live(self, now: datetime) -> bool:
        """Return whether pages call a code good: asked for lately, not used, not tried out."""
        return self.used_at is None and self.tries < CODE_TRIES and now < self.ends_at


@dataclass(frozen=True, slots=True)
class CodeStanding:
    """What a page may say of the code of a flow, however often it is loaded.

    ``asked_at`` and ``ends_at`` are of the code that is good, None where none is. Another one can
    be had from ``again_at`` on; ``is_spent``: not sooner, for the owner's own count is used up.
    """

    asked_at: datetime | None
    ends_at: datetime | None
    again_at: datetime
    is_spent: bool = False


class CodeTry(StrEnum):
    """How a try ended. ``dead``: expired, used, never asked for, or five wrong tries before."""

    RIGHT = "right"
    WRONG = "wrong"
    DEAD = "dead"
