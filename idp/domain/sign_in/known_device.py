"""A browser on which an account has signed in, or was registered."""

from dataclasses import dataclass
from datetime import datetime

from idp.domain.sign_in.origin import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDevice:
    """A row; the browser's cookie has its id and its turn, sealed.

    ``proven_at`` is when the device, still new, proved itself. ``epoch`` is the account's: a device
    of an older epoch is no longer known. ``turn`` grows at a sign-in and so voids older cookies.
    """

    id: str
    account_id: str
    epoch: int
    origin: Origin
    proven_at: datetime
    last_at: datetime
    expires_at: datetime
    turn: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteringDevice:
    """The browser that submitted a case after it had proved the phone.

    Once the account exists, the browser is a known device of it, under the id of the case.
    """

    origin: Origin
    proven_at: datetime
    expires_at: datetime

    def of(self, account_id: str, epoch: int, *, device_id: str) -> KnownDevice:
        """Return the known device for the account that was opened from the case."""
        return KnownDevice(
            id=device_id,
            account_id=account_id,
            epoch=epoch,
            origin=self.origin,
            proven_at=self.proven_at,
            last_at=self.proven_at,
            expires_at=self.expires_at,
        )
