"""What a portal learnt about a citizen: the names of the claims, never their values."""

from dataclasses import dataclass
from datetime import datetime, timedelta

RELEASE_STEP = timedelta(hours=1)
"""The last time of a release is written once an hour at most: portals ask often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One set of claims that a client got, and between when."""

    account_id: str
    client_id: str
    claims: tuple[str, ...]
    first_at: datetime
    last_at: datetime
