"""Rows that give rights: sessions, grants, single uses, consents, clients."""

from dataclasses import dataclass, field
from enum import StrEnum

from idp.domain.authorization.grant import RefreshToken


class RefreshOutcome(StrEnum):
    """``taken``: first use. ``repeated``: again within the grace. ``reused``: a replay.

    ``unknown``: never ours or expired.
    """

    TAKEN = "taken"
    REPEATED = "repeated"
    REUSED = "reused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RefreshTake:
    """What became of presenting a refresh token.

    ``successor`` is the sealed one of a repeated use.
    """

    outcome: RefreshOutcome
    token: RefreshToken | None = None
    successor: str | None = field(default=None, repr=False)


class ClientChanged(Exception):
    """Somebody changed or removed the client since it was read; nothing was written."""
