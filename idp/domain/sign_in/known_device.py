"""A browser on which an account has signed in, or was registered."""

from dataclasses import dataclass
from datetime import datetime

from idp.domain.sign_in.origin import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDevice:
    """A row; the browser's cookie seals its id and its turn.

    ``proven_at`` is when the device was new and proved itself. ``epoch`` is the account's: a device
    of an older epoch is forgotten. ``turn`` grows with each sign-in, and makes older cookies void.
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

    It is a known device of the account as soon as there is one, under the id of the case.
    """

    origin: Origin
    proven_at: datetime
    expires_at: datetime

    def of(self, account_id: str, epoch: int, *, device_id: str) -> KnownDevice:
        """Return the device of the account that came of the case."""
        return KnownDevice(
            id=device_id,
            account_id=account_id,
            epoch=epoch,
            origin=self.origin,
            proven_at=self.proven_at,
            last_at=self.proven_at,
            expires_at=self.expires_at,
        )
