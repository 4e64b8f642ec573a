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
    """A row: the keyed digest of a code. The code itself lives only sealed in its message."""

    flow_id: str
    purpose: CodePurpose
    phone: str = field(repr=False)  # keyed hash of the number
    digest: str = field(repr=False)
    created_at: datetime
    expires_at: datetime


class CodeTry(StrEnum):
    """How a try ended. ``dead``: expired, used, replaced, or five wrong tries before."""

    RIGHT = "right"
    WRONG = "wrong"
    DEAD = "dead"
