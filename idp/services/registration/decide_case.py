"""Deciding a case: ask the registries, judge, and write everything in one transaction."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from idp.domain.people.account import (
    Account,
    AccountState,
    Assurance,
    Credentials,
    IdentityMethod,
    MobileMethod,
)
from idp.domain.people.person import Application, Person
from idp.domain.people.physician import PhysicianClaim
from idp.domain.registration.case import Case
from idp.domain.registration.case_state import CaseState
from idp.domain.registration.council import CouncilAnswer, Proof
from idp.domain.registration.identity_match import capabilities_of
from idp.domain.registration.verdict import (
    DECISION_POINT,
    Alarm,
    Found,
    PhoneAnswer,
    RegistryAnswer,
    Unavailable,
    Verdict,
    verdict,
)
from idp.ports import (
    AuditEntry,
    CivilRegistry,
    ClaimedJob,
    Job,
    MedicalCouncil,
    MobileOwnership,
)
from idp.services.backoff import spread, wait_by_age
from idp.services.kernel import Kernel
from idp.services.messages.messages import Event, Notice, notice_job
from idp.services.registration.fill_roles import fill_roles_job
from idp.services.registration.profession import NUMBER_TAKEN, give_profession
from idp.services.sign_in.known_devices import know_registering_device
from idp.store.unit_of_work import UnitOfWork
from idp.telemetry.catalogue import CASE_SECONDS, CASES_DECIDED

CHECK_CASE = "check_case"
ACCOUNT_OPENED = "account.opened"
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=15)
ALARM_MEMORY = timedelta(days=90)
UNDECIDED = frozenset({CaseState.RECEIVED, CaseState.CHECKING})

log = structlog.get_logger("idp.cases")


def check_case_job(case: Case) -> Job:
    """Return the job that decides ``case``; put it in the transaction that adds the case."""
    return Job(
        kind=CHECK_CASE,
        subject=case.id,
        unique=f"{CHECK_CASE}:{case.id}",
        run_at=case.submitted_at,
    )


@dataclass(frozen=True, slots=True)
class _Answers:
    registry: RegistryAnswer
    phone: PhoneAnswer
    council: CouncilAnswer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideCase:
    """Runs the job ``check_case``."""

    kernel: Kernel
    civil_registry: CivilRegistry
    mobile_ownership: MobileOwnership
    medical_council: MedicalCouncil
    review_near_names: bool = False

    def run(self, job: ClaimedJob) -> None:
        """Decide the case that ``job`` names, or postpone the job. Raises StaleLease.

        The registries are asked with no transaction open. Account or erasure, message, audit and
        the end of the job are one transaction under the lock of the case. A case that was decided
        meanwhile stays unchanged. An outage uses up no try: the job waits for the civil registry
        and the council without limit, for mobile ownership until ``DECISION_POINT``.
        """
        with self.kernel.begin(read_only=True) as work:
            case = work.cases.find(job.subject)
        answers = None
        if case and case.application and _is_undecided(case):
            answers = self._ask(case.application, case.person)
        with self.kernel.begin() as work:
            state = self._conclude(work, job, answers)
        if state is not None and case is not None:
            CASES_DECIDED.add(state.value)
            CASE_SECONDS.observe((self.kernel.clock() - case.submitted_at).total_seconds())

    def _ask(self, application: Application, known: Person | None) -> _Answers:
        """Ask the registries; the civil registry only while the case has no person yet."""
        registry: RegistryAnswer
        if known is None:
            answer = self.civil_registry.lookup(application.national_id, application.birth)
            registry = _answer_about(application, answer)
        else:
            registry = Found(known, capabilities_of(known))
        if not isinstance(registry, Found):
            # Without a person the phone decides nothing, so mobile ownership is not asked.
            return _Answers(registry, PhoneAnswer.UNAVAILABLE)
        phone = self.mobile_ownership.check(application.national_id, application.mobile)
        if phone is not PhoneAnswer.MATCH:
            return _Answers(registry, phone)
        return _Answers(registry, phone, self._ask_council(application.physician))

    def _ask_council(self, claim: PhysicianClaim | None) -> CouncilAnswer | None:
        if claim is None:
            return None
        return self.medical_council.lookup(claim.number, claim.profession)

    def _conclude(
        self, work: UnitOfWork, job: ClaimedJob, answers: _Answers | None
    ) -> CaseState | None:
        """End or postpone the job; return the state that was decided, if one was."""
        now = self.kernel.clock()
        case = work.cases.lock(job.subject)
        if case is None or case.application is None or answers is None or not _is_undecided(case):
            work.outbox.finish(job, now)
            return None
        owner = work.accounts.find_by_national_id(case.application.national_id)
        judged = self._judge(case, answers, account_exists=owner is not None, now=now)
        if not judged.is_decided:
            checking = _still_checking(work, _with_person(case, answers), judged, now)
            self._ask_again(work, job, checking, now)
            return None
        if judged.state is CaseState.ACTIVATED:
            judged = self._activate(work, case, judged, answers)
            owner = work.accounts.find_by_national_id(case.application.national_id)
        _write_decision(work, case, judged, answers, now)
        if judged.state is CaseState.DUPLICATE and owner:
            event = Event(subject=owner.id, name=case.id, at=now)
            work.outbox.put(notice_job(Notice.OWNER_NOTICE, owner.mobile, event))
        work.outbox.finish(job, now)
        return judged.state

    def _judge(
        self, case: Case, answers: _Answers, *, account_exists: bool, now: datetime
    ) -> Verdict:
        assert case.application is not None  # noqa: S101 (callers have looked)
        return verdict(
            case.application,
            answers.registry,
            answers.phone,
            account_exists=account_exists,
            now=now,
            submitted_at=case.submitted_at,
            council=answers.council,
            review_near_names=self.review_near_names,
        )

    def _activate(
        self, work: UnitOfWork, case: Case, judged: Verdict, answers: _Answers
    ) -> Verdict:
        """Add the account, with a proven profession, and return the verdict that then holds.

        It is ``duplicate`` when another case of the person was activated first. A council number
        that another account holds makes the profession ``refused``.
        """
        assert isinstance(answers.registry, Found)  # noqa: S101 (activated means found)
        now = self.kernel.clock()
        account = account_of_case(
            case,
            answers.registry.person,
            account_id=self.kernel.randomness.identifier(),
            assurance=Assurance(IdentityMethod.REGISTRY, MobileMethod.OWNERSHIP, now),
        )
        if not work.accounts.add(account):
            return self._judge(case, answers, account_exists=True, now=now)
        know_registering_device(work, case, account)
        work.outbox.put(fill_roles_job(account))
        _audit_opening(work, account, now)
        claim = case.application and case.application.physician
        if not claim or judged.profession is not Proof.PROVEN:
            return judged
        if give_profession(work, account, claim, now):
            return judged
        return replace(judged, profession=Proof.REFUSED, reasons=(NUMBER_TAKEN,))

    def _ask_again(self, work: UnitOfWork, job: ClaimedJob, case: Case, now: datetime) -> None:
        age = now - case.submitted_at
        wait = spread(
            wait_by_age(age, first=FIRST_WAIT, longest=LONGEST_WAIT), self.kernel.randomness
        )
        run_at = now + wait
        decision_point = case.submitted_at + DECISION_POINT
        if now < decision_point:
            run_at = min(run_at, decision_point)
        work.outbox.postpone(job, run_at=run_at, reason=case.reasons[0] if case.reasons else "")


def checks_of(account: Account) -> dict[str, str]:
    """Return what confirmed identity and phone, as details of the audit entry for the owner."""
    return {"identity": account.assurance.method.value, "mobile": account.assurance.mobile.value}


def account_of_case(
    case: Case, person: Person, *, account_id: str, assurance: Assurance
) -> Account:
    """Return the account of a confirmed case: the registry's person, the citizen's secrets.

    Fields that only served the check (certificate number, series, serial) are left out.

    Raises:
        ValueError: the case has been erased.
    """
    application, password, answer = case.application, case.password_hash, case.answer_hash
    if application is None or password is None or answer is None:
        raise ValueError("an erased case gives no account")
    at = assurance.at
    return Account(
        id=account_id,
        state=AccountState.ACTIVE,
        national_id=application.national_id,
        mobile=application.mobile,
        phone_proven=case.phone_proven,
        person=replace(person, certificate_number=None, series=None, serial=None),
        residence=application.residence,
        email=application.email,
        credentials=Credentials(password, answer, application.question, case.submitted_at),
        roles=(),
        assurance=assurance,
        created_at=at,
        updated_at=at,
    )


def _is_undecided(case: Case) -> bool:
    return case.state in UNDECIDED


def _answer_about(application: Application, answer: RegistryAnswer) -> RegistryAnswer:
    """Return the answer; a record of another national ID is none, and is neither used nor kept."""
    is_other = isinstance(answer, Found) and answer.person.national_id != application.national_id
    return Unavailable() if is_other else answer


def _with_person(case: Case, answers: _Answers) -> Case:
    """Return the case with the civil registry's person, so that the registry is asked once only."""
    if not isinstance(answers.registry, Found):
        return case
    return replace(case, person=answers.registry.person)


def _still_checking(work: UnitOfWork, case: Case, judged: Verdict, now: datetime) -> Case:
    """Write an undecided case: person, reasons and ``overdue``; put the message N20 once."""
    checking = replace(
        case,
        state=CaseState.CHECKING,
        reasons=judged.reasons,
        overdue=case.overdue or judged.overdue,
    )
    work.cases.save(checking)
    if judged.overdue and case.application and not case.overdue:
        event = Event(subject=case.id, name="overdue", at=now)
        work.outbox.put(notice_job(Notice.OVERDUE, case.application.mobile, event))
        _audit(work, case.id, "case.overdue", judged.reasons, now)
    _alarm_once(work, case.id, judged.alarm, now)
    return checking


def _write_decision(
    work: UnitOfWork, case: Case, judged: Verdict, answers: _Answers, now: datetime
) -> None:
    """Write state, message and audit; erase the application unless the branch still needs it."""
    assert case.application is not None  # noqa: S101 (callers have looked)
    decided = case.decided(judged.state, judged.reasons, at=now)
    is_for_branch = judged.state is CaseState.BRANCH
    work.cases.save(_with_person(decided, answers) if is_for_branch else decided.erased())
    event = Event(subject=case.id, name=judged.state, at=now)
    work.outbox.put(notice_job(Notice(judged.state), case.application.mobile, event))
    _audit(work, case.id, f"case.{judged.state}", judged.reasons, now)
    if judged.profession is Proof.REFUSED:
        unproven = Notice.PROFESSION_UNPROVEN
        work.outbox.put(notice_job(unproven, case.application.mobile, event))
        _audit(work, case.id, f"case.{unproven}", judged.reasons, now)
    _alarm_once(work, case.id, judged.alarm, now)


def _audit_opening(work: UnitOfWork, account: Account, now: datetime) -> None:
    work.audit.add(
        AuditEntry(
            at=now,
            actor="worker",
            action=ACCOUNT_OPENED,
            subject=account.id,
            details=checks_of(account),
        )
    )


def _audit(
    work: UnitOfWork, case_id: str, action: str, reasons: tuple[str, ...], now: datetime
) -> None:
    details = {"reasons": ",".join(reasons)} if reasons else {}
    work.audit.add(
        AuditEntry(at=now, actor="worker", action=action, subject=case_id, details=details)
    )


def _alarm_once(work: UnitOfWork, case_id: str, alarm: Alarm | None, now: datetime) -> None:
    """Log the alarm for staff, once per alarm and case, whichever worker is first."""
    if alarm is None:
        return
    if work.single_use.take("case_alarm", f"{case_id}:{alarm}", expires_at=now + ALARM_MEMORY):
        log.warning("case_alarm", alarm=f"case_{alarm}", case=case_id)
