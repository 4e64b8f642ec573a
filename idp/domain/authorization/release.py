"""The release log: the names of the claims that a client got of a citizen, never their values."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
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


def all_in_one(releases: Sequence[Release]) -> Release | None:
    """Return everything that one client got, as one set; None for no releases.

    The claims are in the order in which they were released first. A client gets the same claims in
    several sets: one in ID tokens, one from userinfo.
    """
    if not releases:
        return None
    in_order = sorted(releases, key=lambda one: one.first_at)
    claims = dict.fromkeys(claim for one in in_order for claim in one.claims)
    last_at = max(one.last_at for one in releases)
    return replace(in_order[0], claims=tuple(claims), last_at=last_at)
