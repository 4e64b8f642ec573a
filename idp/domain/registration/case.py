"""A registration case: from the submission of step two to its decision (48 hours)."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from idp.domain.people.person import Application, Person
from idp.domain.registration.case_state import CaseState
from idp.domain.sign_in.known_device import RegisteringDevice

DEADLINE = timedelta(hours=48)
DECIDE_BEFORE_DEADLINE = timedelta(hours=2)
BRANCH_WAITS = timedelta(days=90)
OPEN_STATES = frozenset({CaseState.RECEIVED, CaseState.CHECKING, CaseState.BRANCH})


class CaseSource(StrEnum):
    """Where a case came from: the hosted pages, or a registration desk with original documents."""

    ONLINE = "online"
    DESK = "desk"


@dataclass(frozen=True, slots=True)
class AcceptedNotice:
    """The moment when the citizen accepted notice 4 (false data is their responsibility)."""

    version: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One submission of step two.

    ``application``, ``password_hash`` and ``answer_hash`` are None once the case is erased: by its
    expiry and by every decision but ``branch``. The id, the keyed hash of the national ID (in the
    store), reason codes and times stay for 90 days. ``person`` is the civil registry's answer, kept
    while the case waits for mobile ownership, the council or the branch, so that the registry is
    asked once; for a case filed at the desk it is what the documents say. ``overdue``: a register
    that must answer is silent at hour 46. ``device`` is the browser that submitted the case, where
    that browser proved the phone.
    """

    id: str
    tracking_number: str
    state: CaseState
    source: CaseSource
    application: Application | None
    password_hash: str | None = field(repr=False)
    answer_hash: str | None = field(repr=False)
    notice: AcceptedNotice
    submitted_at: datetime
    phone_proven: bool
    person: Person | None = None
    device: RegisteringDevice | None = None
    reasons: tuple[str, ...] = ()
    overdue: bool = False
    decided_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """True while the case is received, being checked, or waits for the branch."""
        return self.state in OPEN_STATES

    @property
    def deadline(self) -> datetime:
        """The end of the guide's 48 hours."""
        return self.submitted_at + DEADLINE

    def decided(self, state: CaseState, reasons: tuple[str, ...], *, at: datetime) -> Self:
        """Return the case in ``state`` with the reason codes of the decision.

        Raises:
            ValueError: ``TRANSITIONS`` (case_state.py) has no step from this state to ``state``.
        """
        if not self.state.may_become(state):
            raise ValueError(f"a case cannot go from {self.state} to {state}")
        return replace(self, state=state, reasons=reasons, decided_at=at, overdue=False)

    def erased(self) -> Self:
        """Return the case without what the citizen typed (the guide: the request is deleted)."""
        return replace(
            self, application=None, password_hash=None, answer_hash=None, person=None, device=None
        )
