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
    TRACKING = "tracking"
    LEAVE_MOBILE = "leave_mobile"
    CHANGE_MOBILE = "change_mobile"
    BRANCH = "branch"


@dataclass(frozen=True, slots=True, kw_only=True)
class OneTimeCode:
    """A row with the keyed digest of a code. The code itself is only in its message, sealed.

    ``asked_at`` is when the flow last requested a code; pages show that time alone. When a limit or
    the SMS budget was reached, nothing was sent then: ``digest`` belongs to an earlier code or to
    none, and ``good_until`` is when that earlier code expires (5 minutes after it was sent).
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
        """When the code expires, as pages say."""
        return self.asked_at + CODE_LIFE

    def is_live(self, now: datetime) -> bool:
        """Return whether pages call the code valid: neither expired, nor used, nor out of tries."""
        return self.used_at is None and self.tries < CODE_TRIES and now < self.ends_at


@dataclass(frozen=True, slots=True)
class CodeStanding:
    """What a page may say about the code of a flow, however often it is loaded.

    ``asked_at`` and ``ends_at`` are those of the valid code, None without one. Another code can be
    requested from ``again_at`` on; ``is_spent``: the owner's counter is full until then.
    ``is_always_asked``: the account requires a code at every sign-in, whatever the device.
    """

    asked_at: datetime | None
    ends_at: datetime | None
    again_at: datetime
    is_spent: bool = False
    is_always_asked: bool = False


class CodeTry(StrEnum):
    """The result of a try. ``dead``: expired, used, never requested, or five wrong tries before."""

    RIGHT = "right"
    WRONG = "wrong"
    DEAD = "dead"
