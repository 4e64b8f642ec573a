"""The decision about a registration case: one pure function, readable as the guide's table."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from idp.domain.people.person import Application, Person
from idp.domain.registration.case import DEADLINE, DECIDE_BEFORE_DEADLINE
from idp.domain.registration.case_state import CaseState
from idp.domain.registration.council import CouncilAnswer, CouncilSilent, Judged, Proof, judge_claim
from idp.domain.registration.identity_match import compare_identity

DECISION_POINT = DEADLINE - DECIDE_BEFORE_DEADLINE
FIRST_ALARM, SECOND_ALARM = timedelta(hours=24), timedelta(hours=42)


@dataclass(frozen=True, slots=True)
class Found:
    """The civil registry knows the person; ``capabilities`` are the fields that it can fill."""

    person: Person
    capabilities: frozenset[str]


@dataclass(frozen=True, slots=True)
class NotFound:
    """The civil registry has no person with this national ID and birth date."""


@dataclass(frozen=True, slots=True)
class Unavailable:
    """No answer, or one that cannot be parsed: a failure of ours, never a mismatch."""


RegistryAnswer = Found | NotFound | Unavailable


class PhoneAnswer(StrEnum):
    """Mobile ownership: whose the SIM is. ``no_answer``: the service says that it does not know."""

    MATCH = "match"
    MISMATCH = "mismatch"
    NO_ANSWER = "no_answer"
    UNAVAILABLE = "unavailable"


class Alarm(StrEnum):
    """Alarms for staff. The first three follow each other while a required register is silent."""

    AFTER_24_HOURS = "after_24_hours"
    AFTER_42_HOURS = "after_42_hours"
    OVERDUE = "overdue"
    DECEASED = "deceased"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision about a case.

    ``state`` is ``checking`` while the registries must be asked again. ``message`` is the id of the
    SMS that is due, each at most once a case. ``reasons`` are codes for the desk and the audit.
    ``profession`` is set for an activated case that claims one: proven or refused, never silent.
    """

    state: CaseState
    message: str | None = None
    reasons: tuple[str, ...] = ()
    overdue: bool = False
    alarm: Alarm | None = None
    profession: Proof | None = None

    @property
    def is_decided(self) -> bool:
        """False while the registries must be asked again."""
        return self.state is not CaseState.CHECKING


def verdict(  # noqa: PLR0913 (one argument a column of the table)
    application: Application,
    registry: RegistryAnswer,
    phone: PhoneAnswer,
    *,
    account_exists: bool,
    now: datetime,
    submitted_at: datetime,
    council: CouncilAnswer | None = None,
    review_near_names: bool = False,
) -> Verdict:
    """Return the verdict over the registries' answers.

    ``account_exists``: the national ID has an account now. An outage neither confirms nor refuses a
    citizen. While the civil registry is unavailable, the case stays ``checking``, overdue from 46
    hours on. A confirmed identity without a mobile-ownership answer goes to the branch at 46 hours.
    ``council`` is the answer about the claimed profession, used only where the case would be
    activated: it decides the role, never the account. A silent council is waited for as the civil
    registry is.
    ``review_near_names``: a case that differs only in names one letter apart goes to the branch,
    where the documents are seen; without it, that case is a mismatch.

    Source: the guide (result within 48 hours; branch visit; mismatch is deleted).
    """
    waited = now - submitted_at
    match registry:
        case NotFound():
            return _mismatch("not_found")
        case Found(person, capabilities) if person.national_id == application.national_id:
            identity = compare_identity(application, person, capabilities)
            if review_near_names and identity.is_near:
                return _decided(CaseState.BRANCH, *identity.reasons)
            if not identity.matched:
                return _mismatch(*identity.reasons)
            claimed = _judged(application, person, council)
            return _identity_confirmed(phone, claimed, account_exists=account_exists, waited=waited)
        case _:  # unavailable; a record of another national ID is no answer either
            return wait_for_register("registry_unavailable", waited)


def _judged(
    application: Application, person: Person, council: CouncilAnswer | None
) -> Judged | None:
    if application.physician is None:
        return None
    return judge_claim(application.physician, person, council or CouncilSilent())


def _identity_confirmed(
    phone: PhoneAnswer, claimed: Judged | None, *, account_exists: bool, waited: timedelta
) -> Verdict:
    match phone:
        case PhoneAnswer.MATCH if account_exists:
            return _decided(CaseState.DUPLICATE)
        case PhoneAnswer.MATCH:
            return _activated(claimed, waited)
        case PhoneAnswer.MISMATCH:
            return _decided(CaseState.BRANCH, "phone_mismatch")
        case _ if waited >= DECISION_POINT:
            return _decided(CaseState.BRANCH, f"phone_{phone}")
        case _:
            return Verdict(CaseState.CHECKING, reasons=(f"phone_{phone}",))


def _activated(claimed: Judged | None, waited: timedelta) -> Verdict:
    """Return the verdict of a confirmed case; an unproven claim costs the role, not the account."""
    if claimed is None:
        return _decided(CaseState.ACTIVATED)
    if claimed.is_silent:
        return wait_for_register("council_unavailable", waited)
    activated = _decided(CaseState.ACTIVATED, *(claimed.reasons or ("profession_proven",)))
    return replace(activated, profession=claimed.proof)


def wait_for_register(reason: str, waited: timedelta) -> Verdict:
    """Return the undecided verdict while a required register is silent: alarms, then N20."""
    overdue = waited >= DECISION_POINT
    return Verdict(
        CaseState.CHECKING,
        message="overdue" if overdue else None,
        reasons=(reason,),
        overdue=overdue,
        alarm=_alarm_after(waited),
    )


def _alarm_after(waited: timedelta) -> Alarm | None:
    if waited >= DECISION_POINT:
        return Alarm.OVERDUE
    if waited >= SECOND_ALARM:
        return Alarm.AFTER_42_HOURS
    return Alarm.AFTER_24_HOURS if waited >= FIRST_ALARM else None


def _mismatch(*reasons: str) -> Verdict:
    alarm = Alarm.DECEASED if "deceased" in reasons else None
    return Verdict(CaseState.MISMATCH, CaseState.MISMATCH.value, reasons, alarm=alarm)


def _decided(state: CaseState, *reasons: str) -> Verdict:
    """Return a decision; a decided state's SMS has the id of the state."""
    return Verdict(state, state.value, reasons)
