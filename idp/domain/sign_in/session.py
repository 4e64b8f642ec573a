"""A hub session: one browser of one signed-in citizen."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from idp.domain.sign_in.origin import NOWHERE, Origin

ACR_PASSWORD = "https://account.tamin.ir/acr/password"  # noqa: S105 (the value of a claim)
ACR_PASSWORD_OTP = "https://account.tamin.ir/acr/password-otp"  # noqa: S105
ACR_VALUES = (ACR_PASSWORD, ACR_PASSWORD_OTP)
TOUCH_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long a session lives without use, and at most."""

    idle: timedelta
    absolute: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A row; the cookie holds a token of which the row keeps only a digest.

    ``id`` is neither the cookie's value nor sent to portals: each gets a ``sid`` derived from it.
    ``epoch`` is the account's epoch at sign-in: a session of an older epoch is dead.
    ``auth_time``, ``acr`` and ``amr`` describe the authentication that portals are told of.
    ``password_at`` is when the password was typed last: reauthentication is asked for by it.
    """

    id: str
    account_id: str
    auth_time: datetime
    acr: str
    amr: tuple[str, ...]
    password_at: datetime
    epoch: int
    created_at: datetime
    last_seen_at: datetime
    ended_at: datetime | None = None
    origin: Origin = NOWHERE

    def is_touch_due(self, now: datetime) -> bool:
        """Return whether ``last_seen_at`` must be written at ``now``: once a minute is enough."""
        return now - self.last_seen_at >= TOUCH_EVERY

    def is_alive(self, now: datetime, limits: SessionLimits) -> bool:
        """Return whether the session may still be used at ``now`` (ASVS 7.3.1, 7.3.2)."""
        return (
            self.ended_at is None
            and now - self.last_seen_at < limits.idle
            and now - self.created_at < limits.absolute
        )
