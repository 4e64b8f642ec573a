"""The forms of a registration, and its stages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from idp.domain.people.account import Account
from idp.domain.people.mobile import Mobile, Operator
from idp.domain.people.national_id import NationalId
from idp.domain.people.person import Details
from idp.domain.protection.rate_limits import NO_WORK, WorkDone
from idp.domain.registration.case import Case
from idp.domain.registration.step_one import StepOne


class Stage(StrEnum):
    """The page that a registration is at.

    ``invalid_pair`` and ``exists`` are the guide's two errors of step one. An account's owner who
    began on the physicians' page is at ``profession``, and at ``profession_pending`` while the
    medical council is asked.
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
    """The stage of a registration, and what its page needs.

    ``device``, the next value of the device cookie, is set when a case was just written. ``case``
    is set at ``pending`` and ``branch``, ``open_from`` (when the limit ends) at ``limited``,
    ``account`` at the two profession stages. ``record`` is None only at ``gone``.
    """

    stage: Stage
    record: StepOne | None = None
    case: Case | None = None
    open_from: datetime | None = None
    account: Account | None = None
    device: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class StepOneInput:
    """The fields of step one, with browser, address and proof of work."""

    national_id: NationalId
    operator: Operator
    mobile: Mobile
    browser: str = field(repr=False)
    address: str = field(repr=False)
    as_physician: bool = False
    work: WorkDone = NO_WORK


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class StepTwoInput:
    """The fields of step two; national ID, mobile and operator come from the step-one record.

    ``typed`` is the form as it was typed, without passwords and answer.
    """

    details: Details
    answer_key: str
    password: str
    typed: Mapping[str, str] = field(default_factory=dict)
