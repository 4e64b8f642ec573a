"""The states of a registration case, and which may follow which."""

from enum import StrEnum


class CaseState(StrEnum):
    """Where a case is. ``received`` and ``checking`` are the guide's 48 hours."""

    RECEIVED = "received"
    CHECKING = "checking"
    ACTIVATED = "activated"
    BRANCH = "branch"
    MISMATCH = "mismatch"
    DUPLICATE = "duplicate"
    EXPIRED = "expired"

    def may_become(self, other: "CaseState") -> bool:
        """Return whether a case may go from this state to ``other``; staying is no change."""
        return other in TRANSITIONS[self]


_DECIDED = frozenset(
    {CaseState.ACTIVATED, CaseState.BRANCH, CaseState.MISMATCH, CaseState.DUPLICATE}
)

TRANSITIONS = {
    CaseState.RECEIVED: _DECIDED | {CaseState.CHECKING},
    CaseState.CHECKING: _DECIDED,
    CaseState.BRANCH: frozenset({CaseState.ACTIVATED, CaseState.MISMATCH, CaseState.EXPIRED}),
    CaseState.ACTIVATED: frozenset[CaseState](),
    CaseState.MISMATCH: frozenset[CaseState](),
    CaseState.DUPLICATE: frozenset[CaseState](),
    CaseState.EXPIRED: frozenset[CaseState](),
}
"""A branch's desk activates or rejects (``mismatch``); after 90 days without a visit it expires."""
