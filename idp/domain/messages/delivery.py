"""The delivery of a logout token to a portal (back-channel logout), as administrators see it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

BACKCHANNEL_LOGOUT = "backchannel_logout"
"""The kind of the jobs that deliver logout tokens."""

NO_ADDRESS = "no_address"
"""Why nothing was sent: the client has no ``backchannel_logout_uri``, or was removed."""


class DeliveryState(StrEnum):
    """The state of a delivery. ``failed`` is retried; ``given_up`` on an administrator's order."""

    WAITING = "waiting"
    FAILED = "failed"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"
    NOT_SENT = "not_sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One delivery to one client; it names no account and no session.

    ``last_error`` is the code of the last failure; ``next_try`` is None when no try is due.
    """

    id: int
    client_id: str
    state: DeliveryState
    created_at: datetime
    tries: int
    last_error: str | None
    next_try: datetime | None
    ended_at: datetime | None
