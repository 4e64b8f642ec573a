"""Results of using a refresh token, and the conflict of two changes of a client."""

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
    """The result of using a refresh token.

    ``successor`` is the sealed successor, for a repeated use.
    """

    outcome: RefreshOutcome
    token: RefreshToken | None = None
    successor: str | None = field(default=None, repr=False)


class ClientChanged(Exception):
    """The client was changed or removed since it was read; nothing was written."""
