"""The delivery of a logout notice to a portal, as administrators see it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

NO_ADDRESS = "no_address"
"""Why nothing was sent: the portal has no back-channel address, or is gone."""


class DeliveryState(StrEnum):
    """Where a delivery stands. ``failed`` is tried again, ``given_up`` only when somebody asks."""

    WAITING = "waiting"
    FAILED = "failed"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"
    NOT_SENT = "not_sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """No person and no session: which portal, and how it went.

    ``last_error`` is a code of the last try that failed; ``next_try`` is None when there is none.
    """

    id: int
    client_id: str
    state: DeliveryState
    created_at: datetime
    tries: int
    last_error: str | None
    next_try: datetime | None
    ended_at: datetime | None
