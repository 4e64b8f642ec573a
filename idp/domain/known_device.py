"""A browser on which an account has signed in."""

from dataclasses import dataclass
from datetime import datetime

from idp.domain.origin import Origin


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
