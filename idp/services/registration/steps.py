"""What a registration is made of: its forms, and where it stands."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from idp.domain.people.account import Account
from idp.domain.people.mobile import Mobile, Operator
from idp.domain.people.national_id import NationalId
from idp.domain.people.person import Details
from idp.domain.protection.rate_limits import NO_WORK, WorkDone
from idp.domain.registration.case import Case, StepOne


class Stage(StrEnum):
    """Which page somebody stands at.

    ``invalid_pair`` and ``exists`` are the guide's two errors of step one. On the physicians' way
    an account's owner stands at ``profession``, and at ``profession_pending`` while the medical
    council is asked.
    """

    GONE = "gone"
    CODE = "code"
    DETAILS = "details"
    INVALID_PAIR = "invalid_pair"
    EXISTS = "exists"
    PENDING = "pending"
    BRANCH = "branch"
    LIMITED = "limited"
    PROFESSION = "profession"
    PROFESSION_PENDING = "profession_pending"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a registration stands: the stage, and what its page needs.

    ``device``, the next value of the device cookie, comes with a case that was just written.
    ``case`` goes with ``pending`` and ``branch``, ``open_from`` (when the limit ends) with
    ``limited``, ``account`` with the profession; ``record`` is None only when it is ``gone``.
    """

    stage: Stage
    record: StepOne | None = None
    case: Case | None = None
    open_from: datetime | None = None
    account: Account | None = None
    device: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class StepOneInput:
    """What step one asks for, and who sent it."""

    national_id: NationalId
    operator: Operator
    mobile: Mobile
    browser: str = field(repr=False)
    address: str = field(repr=False)
    as_physician: bool = False
    work: WorkDone = NO_WORK


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class StepTwoInput:
    """What step two sends; national ID, mobile and operator are the record's."""

    details: Details
    answer_key: str
    password: str
