"""The states of a registration case, and which may follow which."""

from enum import StrEnum


class CaseState(StrEnum):
    """The state of a case. ``received`` and ``checking`` are the guide's 48 hours."""

    RECEIVED = "received"
    CHECKING = "checking"
    ACTIVATED = "activated"
    BRANCH = "branch"
    MISMATCH = "mismatch"
    DUPLICATE = "duplicate"
    EXPIRED = "expired"

    def may_become(self, other: "CaseState") -> bool:
        """Return whether a case may go from this state to ``other``; False for the same state."""
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
"""A branch case is activated or rejected (``mismatch``) at the desk, or expires after 90 days."""
