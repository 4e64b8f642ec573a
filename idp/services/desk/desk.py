"""The registration desk of a branch: activate cases, file them from documents, reject them."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from idp.domain.messages.sms import SmsParts, sms_parts
from idp.domain.people.account import Account, Assurance, IdentityMethod, MobileMethod
from idp.domain.people.person import Application, Person, RegistryBirth
from idp.domain.people.questions import answer_key
from idp.domain.protection.rate_limits import OwnersKey
from idp.domain.registration.case import AcceptedNotice, Case, CaseSource
from idp.domain.registration.case_state import CaseState
from idp.domain.sign_in.one_time_code import CodePurpose, CodeTry
from idp.ports import (
    AuditEntry,
)
from idp.resources import sms_text
from idp.services.desk.desk_acts import (
    APART,
    DeskAct,
    DeskRefused,
    UnknownCase,
    lately,
    refuse_alone,
)
from idp.services.kernel import Kernel
from idp.services.messages.messages import Event, Notice, notice_job
from idp.services.messages.one_time_codes import Asked, CodeFor, OneTimeCodes
from idp.services.registration.decide_case import ACCOUNT_OPENED, account_of_case, checks_of
from idp.services.registration.fill_roles import fill_roles_job
from idp.services.registration.profession import check_profession_job
from idp.services.sign_in.known_devices import know_registering_device
from idp.store.unit_of_work import UnitOfWork

NOTICE_ON_PAPER = "paper"
CASE_FILED = "case.filed"
CASE_CODE_SENT = "case.code_sent"
MESSAGES_OF_ACTIONS = {f"case.{notice}": notice for notice in Notice} | {
    "case.overdue": Notice.OVERDUE,
    "case.rejected": Notice.MISMATCH,
}


@dataclass(frozen=True, slots=True)
class Filing:
    """A case entered from original documents; only the citizen types the ``answer``."""

    application: Application
    answer: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message of a case: its message id, when it was put into the outbox, its SMS segments."""

    message_id: str
    at: datetime
    parts: SmsParts


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Acts on cases. Cases are named by id or by tracking number."""

    kernel: Kernel
    codes: OneTimeCodes

    def list(
        self, *, state: CaseState | None = None, overdue: bool | None = None, limit: int = 100
    ) -> Sequence[Case]:
        """Return cases, oldest first."""
        with self.kernel.begin(read_only=True) as work:
            return work.cases.list(state=state, overdue=overdue, limit=limit)

    def show(self, reference: str) -> tuple[Case, Sequence[AuditEntry]]:
        """Return the case and its audit. Raises UnknownCase."""
        with self.kernel.begin(read_only=True) as work:
            case = _find(work, reference)
            return case, work.audit.tail(subject=case.id)

    def send_code(self, reference: str, act: DeskAct) -> Case:
        """Send a code to the phone of a case that waits for the branch.

        Raises:
            UnknownCase, IncompleteAct: as they say.
            DeskRefused: the case does not wait for the branch, an account exists by now (change its
                phone or start its recovery instead), or too many codes were sent for the case.
        """
        act.with_documents()
        with self.kernel.begin() as work:
            case, application = _waiting(work, _find(work, reference))
            if self.codes.send(work, _code_for(case, application), again=True) is not Asked.SENT:
                raise DeskRefused("too_many_codes")
            work.audit.add(act.entry(CASE_CODE_SENT, case.id, self.kernel.clock()))
        return case

    def activate(self, reference: str, code: str, act: DeskAct) -> Account:
        """Activate a case that waits for the branch; ``code`` confirms its phone.

        Identity and phone then have the assurance ``branch``. The medical council is asked
        afterwards about a profession that the case claims; the citizen gets the result by SMS.

        In the first 72 hours of a case two officers must act: no registry confirms the phone as the
        person's, and an officer who closed an account could open another in its place.

        Raises:
            UnknownCase, IncompleteAct, DeskRefused: as ``send_code``, and for a wrong code.
        """
        act.with_documents()
        with self.kernel.begin(read_only=True) as work:
            case, application = _waiting(work, _find(work, reference))
            _refuse_one_officer(work, case, act, self.kernel.clock())
        if self.codes.check(_code_for(case, application), code) is not CodeTry.RIGHT:
            raise DeskRefused("code_wrong")
        with self.kernel.begin() as work:
            locked = work.cases.lock(case.id)
            case, application = _waiting(work, locked or case)
            account = self._account_of(case, application)
            if not work.accounts.add(account):
                raise DeskRefused("account_exists")
            know_registering_device(work, case, account)
            now = account.created_at
            work.outbox.put(fill_roles_job(account))
            if account.claim:
                work.outbox.put(check_profession_job(account))
            done = case.decided(CaseState.ACTIVATED, ("activated_by_branch",), at=now)
            work.cases.save(done.erased())
            event = Event(subject=case.id, name="activated", at=now)
            work.outbox.put(notice_job(Notice.ACTIVATED, account.mobile, event))
            work.audit.add(act.entry("case.activated", case.id, now, account=account.id))
            work.audit.add(act.entry(ACCOUNT_OPENED, account.id, now, **checks_of(account)))
        return account

    def file(self, filing: Filing, act: DeskAct) -> Case:
        """File the case of a citizen whose data did not match, from original documents.

        Officers confirm the identity in place of the registry (``identity_assurance.method``
        becomes ``branch``), and ``activate`` confirms the phone by a code. In the first 72 hours,
        two officers must share ``file``, ``send_code`` and ``activate``.

        No officer chooses a password: the account starts with a random one that is kept nowhere.
        The citizen sets the first one by the ordinary recovery: the code to the phone, then the
        answer that the citizen typed here.

        Raises:
            IncompleteAct: a part of the act is missing.
            InvalidAnswer: the answer cannot be used as a security answer.
            DeskRefused: an account exists (change its phone or start its recovery), or a case with
                this phone is open.
            HashingBusy: too many hashes at once; try again.
        """
        act.with_documents()
        case = self._filed(filing)
        with self.kernel.begin() as work:
            if work.accounts.find_by_national_id(filing.application.national_id):
                raise DeskRefused("account_exists")
            if not work.cases.add(case):
                raise DeskRefused("case_open")
            work.audit.add(act.entry(CASE_FILED, case.id, case.submitted_at))
        return case

    def reject(self, reference: str, act: DeskAct) -> Case:
        """Erase an open case and tell the citizen, who may register again at once.

        Raises:
            UnknownCase, IncompleteAct: as they say.
            DeskRefused: the case has been decided.
        """
        now = self.kernel.clock()
        with self.kernel.begin() as work:
            case = work.cases.lock(_find(work, reference).id)
            if case is None or not case.is_open or case.application is None:
                raise DeskRefused("already_decided")
            mobile = case.application.mobile
            done = case.decided(CaseState.MISMATCH, ("rejected_by_branch",), at=now).erased()
            work.cases.save(done)
            event = Event(subject=case.id, name="rejected", at=now)
            work.outbox.put(notice_job(Notice.MISMATCH, mobile, event))
            work.audit.add(act.entry("case.rejected", case.id, now))
        return done

    def _account_of(self, case: Case, application: Application) -> Account:
        now = self.kernel.clock()
        account = account_of_case(
            replace(case, phone_proven=True),
            case.person or _person_of(application),
            account_id=self.kernel.randomness.identifier(),
            assurance=Assurance(IdentityMethod.BRANCH, MobileMethod.BRANCH, now),
        )
        claim = application.physician
        return account.claiming(claim, at=now) if claim else account

    def _filed(self, filing: Filing) -> Case:
        now = self.kernel.clock()
        return Case(
            id=self.kernel.randomness.identifier(),
            tracking_number=self.kernel.randomness.tracking_number(),
            state=CaseState.BRANCH,
            source=CaseSource.DESK,
            application=filing.application,
            password_hash=self.kernel.hashing.hash(self.kernel.randomness.token()),
            answer_hash=self.kernel.hashing.hash(answer_key(filing.answer)),
            notice=AcceptedNotice(NOTICE_ON_PAPER, now),
            submitted_at=now,
            phone_proven=False,
            person=_person_of(filing.application),
            reasons=("filed_from_documents",),
            decided_at=now,
        )


def sent_messages(audit: Sequence[AuditEntry]) -> Sequence[SentMessage]:
    """Return the messages that the acts in ``audit`` have put into the outbox, in its order."""
    return [
        SentMessage(notice.value, entry.at, sms_parts(sms_text(notice)))
        for entry in audit
        if (notice := MESSAGES_OF_ACTIONS.get(entry.action))
    ]


def _find(work: UnitOfWork, reference: str) -> Case:
    case = None
    with suppress(ValueError):
        case = work.cases.find_by_tracking_number(reference) or work.cases.find(reference)
    if case is None:
        raise UnknownCase
    return case


def _waiting(work: UnitOfWork, case: Case) -> tuple[Case, Application]:
    """Return the case and its application when the branch may decide it. Raises DeskRefused."""
    if case.state is not CaseState.BRANCH or case.application is None:
        raise DeskRefused("not_waiting_for_branch")
    if work.accounts.find_by_national_id(case.application.national_id):
        raise DeskRefused("account_exists")
    return case, case.application


def _refuse_one_officer(work: UnitOfWork, case: Case, act: DeskAct, now: datetime) -> None:
    """Raise DeskRefused when one person alone would activate a case of under 72 hours (OP9)."""
    if now - case.submitted_at >= APART:
        return
    sent = lately(work, case.id, {CASE_CODE_SENT}, now)[:1]  # the newest code, which is typed now
    refuse_alone(act, [*sent, *lately(work, case.id, {CASE_FILED}, now)])


def _code_for(case: Case, application: Application) -> CodeFor:
    return CodeFor(
        case.id, CodePurpose.BRANCH, application.mobile, owner=OwnersKey.of_desk(case.id)
    )


def _person_of(application: Application) -> Person:
    """Return the person as officers entered it from the documents."""
    birth = application.birth
    return Person(
        national_id=application.national_id,
        given_name=application.given_name.value,
        family_name=application.family_name.value,
        birth=RegistryBirth(birth.year, birth.month, birth.day),
        gender=application.gender,
    )
