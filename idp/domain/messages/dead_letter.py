"""Dead letters: jobs that failed for good, as operators see them."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """One job that nobody tries again; it holds neither message nor payload.

    ``subject`` is what the job was for: the id of a case, an account, a session or a flow of a
    citizen. ``reason`` is the code of the last failure, ``expired`` when nobody took the message in
    time.
    """

    id: int
    kind: str
    subject: str
    reason: str | None
    tries: int
    created_at: datetime
    ended_at: datetime
