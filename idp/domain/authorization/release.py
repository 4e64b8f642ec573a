"""The release log: the names of the claims that a client got of a citizen, never their values."""

from dataclasses import dataclass
from datetime import datetime, timedelta

RELEASE_STEP = timedelta(hours=1)
"""``last_at`` is written once an hour at most, because portals request claims often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One set of claims that a client got, with the first and the last time."""

    account_id: str
    client_id: str
    claims: tuple[str, ...]
    first_at: datetime
    last_at: datetime
