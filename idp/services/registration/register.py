"""Registration: step one, the proof of the phone, step two. The guide's S2 to S5."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from idp.domain.people.account import Account
from idp.domain.people.mobile import Mobile
from idp.domain.people.person import Application, Details
from idp.domain.people.physician import PhysicianClaim
from idp.domain.protection.rate_limits import EverybodysKey, OwnersKey
from idp.domain.registration.case import AcceptedNotice, Case, CaseSource
from idp.domain.registration.case_state import CaseState
from idp.domain.registration.step_one import ReadyCase, StepOne
from idp.domain.sign_in.one_time_code import CodePurpose, CodeStanding, CodeTry
from idp.ports import (
    AuditEntry,
)
from idp.services.kernel import Kernel
from idp.services.messages.code_limits import CodeAsker
from idp.services.messages.one_time_codes import CodeFor, OneTimeCodes
from idp.services.protection.owners_counters import OwnersCounter
from idp.services.protection.password_tries import Visitor
from idp.services.protection.shared_marks import SharedMark
from idp.services.registration.decide_case import check_case_job
from idp.services.registration.profession import write_claim
from idp.services.registration.steps import Stage, Standing, StepOneInput, StepTwoInput
from idp.services.sign_in.known_devices import KnownDevices
from idp.store.unit_of_work import UnitOfWork

STEP_ONE_LIFE = timedelta(hours=2)
LONGEST_STEP_TWO = timedelta(hours=24)
"""Longest time for step two, counted from the phone proof, however often it is extended."""
NOTICE_VERSION = "notice-4/1"
"""Version of the guide's notice 4 (liability for false data); a new text gets a new version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """Everything a citizen does until the case is submitted.

    A step-one record belongs to one browser; in any other browser its stage is ``gone``. Before the
    phone is proven, no answer reveals whether an account or a case exists, except where
    ``phone_proof`` is off, as in the guide.
    """

    kernel: Kernel
    codes: OneTimeCodes
    devices: KnownDevices
    submissions: OwnersCounter
    by_network: SharedMark
    phone_proof: bool

    def begin(self, form: StepOneInput) -> Standing:
        """Write the step-one record and send the code, without looking up account or case.

        The same data in the same browser give the same record. A code that reached the phone stays
        valid when the national ID is corrected. If ``phone_proof`` is off, the stage is that of the
        pair of national ID and phone.

        Raises WorkNeeded: many codes were requested from this network, or for this phone.
        """
        if self.phone_proof:
            asker = CodeAsker(EverybodysKey.of_phone(form.mobile), form.address, form.work)
            flow_id = self._flow_of_code(form.browser, form.mobile)
            self.codes.require_work(flow_id, CodePurpose.REGISTRATION, asker)
        with self.kernel.begin() as work:
            record = self._record(work, form)
            work.step_ones.put(record)
            if record.proven_at is None:
                self.codes.send(work, self._code_for(record))
            return self._standing(work, record)

    def resend(self, record_id: str, visitor: Visitor) -> Standing:
        """Send another code, unless the phone has had too many; the answer does not show which.

        Raises WorkNeeded.
        """
        browser = visitor.browser
        before = self.standing(record_id, browser)
        if before.record is not None and before.stage is Stage.CODE:
            key = EverybodysKey.of_phone(before.record.mobile)
            asker = CodeAsker(key, visitor.address, visitor.work)
            code = self._code_for(before.record)
            self.codes.require_work(code.flow_id, code.purpose, asker, again=True)
        with self.kernel.begin() as work:
            record = self._locked(work, record_id, browser)
            if record is not None and record.proven_at is None:
                self.codes.send(work, self._code_for(record), again=True)
            return self._standing(work, record)

    def prove(self, record_id: str, browser: str, typed_code: str) -> CodeTry | None:
        """Try a code; a right one proves the phone in the same commit. None: the record is gone."""
        with self.kernel.begin() as work:
            record = self._locked(work, record_id, browser)
            if record is None:
                return None
            if record.proven_at is not None:  # a second click, or Back
                return CodeTry.RIGHT
            tried = self.codes.attempt(work, self._code_for(record), typed_code)
            if tried is CodeTry.RIGHT:
                work.step_ones.put(replace(record, proven_at=self.kernel.clock()))
        return tried

    def awaited_code(self, record: StepOne) -> CodeStanding:
        """Return what the page of the code may say about the code."""
        with self.kernel.begin(read_only=True) as work:
            return self.codes.standing(work, self._code_for(record))

    def standing(self, record_id: str, browser: str) -> Standing:
        """Return where the registration of this record and browser stands."""
        with self.kernel.begin(read_only=True) as work:
            return self._standing(work, self._own(work.step_ones.find(record_id), browser))

    def open_from(self, record: StepOne) -> datetime | None:
        """Return from when on these data may be submitted again; None while they may be now."""
        with self.kernel.begin(read_only=True) as work:
            return self.submissions.full_until(work, _registrant(record))

    def extend(self, record_id: str, browser: str) -> bool:
        """Restart the 2 hours for step two (WCAG 2.2, 2.2.1), up to 24 hours from the phone proof.

        Return False, and extend nothing, when the record is gone or its phone is not proven.
        """
        with self.kernel.begin() as work:
            record = self._locked(work, record_id, browser)
            if record is None or record.proven_at is None:
                return False
            work.step_ones.put(replace(record, expires_at=self._extended(record)))
        return True

    def submit(self, record_id: str, visitor: Visitor, form: StepTwoInput) -> Standing:
        """Write the case, once; two clicks or two devices see the same case.

        Hashes before the transaction and checks everything again inside it, under the record's
        lock. When the stage is not ``pending``, no case is written; ``limited``: too many.

        Raises WorkNeeded, HashingBusy.
        """
        before = self.standing(record_id, visitor.browser)
        if before.stage is not Stage.DETAILS or before.record is None:
            return before
        self._count(visitor)
        ready = self._ready(before.record, form)
        with self.kernel.begin() as work:
            now = self._standing(work, self._locked(work, record_id, visitor.browser))
            return self._write(work, now, ready, visitor)

    def prepare(self, record_id: str, visitor: Visitor, form: StepTwoInput) -> Standing:
        """Keep step two, hashed, for the citizen to look over; ``send`` writes its case.

        ``limited`` is told here already. Raises WorkNeeded, HashingBusy.
        """
        before = self.standing(record_id, visitor.browser)
        if before.stage is not Stage.DETAILS or before.record is None:
            return before
        self._count(visitor)
        ready = self._ready(before.record, form)
        with self.kernel.begin() as work:
            now = self._standing(work, self._locked(work, record_id, visitor.browser))
            if now.stage is not Stage.DETAILS or now.record is None:
                return now
            open_from = self.submissions.full_until(work, _registrant(now.record))
            if open_from is not None:
                return replace(now, stage=Stage.LIMITED, open_from=open_from)
            typed = now.record.with_typed(form.typed, at=self.kernel.clock())
            record = replace(typed, ready=ready)
            work.step_ones.put(record)
            return replace(now, record=record)

    def send(self, record_id: str, visitor: Visitor, ready_id: str) -> Standing:
        """Write the case of what the citizen looked over, once, as ``submit`` does.

        The stage stays ``details`` when another tab has prepared something else meanwhile, or when
        the form has changed since.
        """
        with self.kernel.begin() as work:
            now = self._standing(work, self._locked(work, record_id, visitor.browser))
            ready = now.record.ready if now.record else None
            if ready is None or ready.id != ready_id:
                return now
            return self._write(work, now, ready, visitor)

    def claim(self, record_id: str, visitor: Visitor, claim: PhysicianClaim) -> Standing:
        """Write the claim of a profession by an account's owner, once, and put its check.

        The account's phone is proven already; the medical council alone gives the role. When the
        stage is not ``profession_pending``, no claim is written. It counts as a submission.

        Raises WorkNeeded.
        """
        before = self.standing(record_id, visitor.browser)
        if before.stage is not Stage.PROFESSION:
            return before
        self._count(visitor)
        with self.kernel.begin() as work:
            now = self._standing(work, self._locked(work, record_id, visitor.browser))
            account = work.accounts.lock(now.account.id) if now.account else None
            if now.record is None or account is None or account.claim is not None:
                return self._standing(work, now.record)
            open_from = self._limited_until(work, now.record)
            if open_from is not None:
                return replace(now, stage=Stage.LIMITED, open_from=open_from)
            claiming = account.claiming(claim, at=self.kernel.clock())
            write_claim(work, claiming)
            return Standing(Stage.PROFESSION_PENDING, now.record, account=claiming)

    def _standing(self, work: UnitOfWork, record: StepOne | None) -> Standing:
        """Return the stage of a record. Before the phone proof nothing is looked up (timing, E03).

        The browser that submitted a case keeps seeing the guide's page about the 48 hours.
        """
        if record is None:
            return Standing(Stage.GONE)
        if record.proven_at is None:
            return Standing(Stage.CODE, record)
        own = work.cases.find(record.case_id) if record.case_id else None
        return Standing(Stage.PENDING, record, own) if own else self._standing_of_pair(work, record)

    def _standing_of_pair(self, work: UnitOfWork, record: StepOne) -> Standing:
        """Return the stage of national ID and phone, once proven or where ``phone_proof`` is off.

        With the phone proof, an account or case with another phone is ignored: the case of this
        phone is decided separately, so an attacker who registers first cannot keep the owner out.
        Without the phone proof, another phone is ``invalid_pair``: neither hijack nor disclosure.
        """
        opened, account = work.cases.find_open_with_account(record.national_id, record.mobile)
        if account is not None and self._is_told_to(record, account):
            return self._standing_of_owner(record, account)
        if opened is not None:
            stage = Stage.BRANCH if opened.state is CaseState.BRANCH else Stage.PENDING
            return Standing(stage, record, opened)
        if not self.phone_proof and work.cases.has_open(record.national_id):
            return Standing(Stage.INVALID_PAIR, record)
        return Standing(Stage.DETAILS, record)

    def _standing_of_owner(self, record: StepOne, account: Account) -> Standing:
        """Return the stage of an account's owner: with phone proof, they may add a profession."""
        if not (record.as_physician and self.phone_proof and account.is_active):
            return Standing(Stage.EXISTS, record)
        stage = Stage.PROFESSION if account.claim is None else Stage.PROFESSION_PENDING
        return Standing(stage, record, account=account)

    def _is_told_to(self, record: StepOne, account: Account) -> bool:
        """Return whether the stage may reveal the account: to its phone, or without proof."""
        return account.mobile == record.mobile or not self.phone_proof

    def _record(self, work: UnitOfWork, form: StepOneInput) -> StepOne:
        """Return the record of this browser and these data: the existing one, or a new one.

        A record whose case is decided is replaced: after a mismatch a citizen may register again.
        """
        now = self.kernel.clock()
        parts = (form.browser, form.national_id.value, form.mobile.e164, str(form.as_physician))
        record_id = self.kernel.vault.digest("|".join(parts), purpose="step_one")
        before = self._own(work.step_ones.lock(record_id), form.browser)
        case = work.cases.find(before.case_id or "") if before is not None else None
        is_over = case is not None and not case.is_open
        if before is not None and not is_over:
            return replace(before, operator=form.operator.code, expires_at=self._extended(before))
        return StepOne(
            id=record_id,
            browser=form.browser,
            national_id=form.national_id,
            mobile=form.mobile,
            operator=form.operator.code,
            expires_at=now + STEP_ONE_LIFE,
            as_physician=form.as_physician,
            proven_at=None if self.phone_proof else now,
        )

    def _extended(self, record: StepOne) -> datetime:
        """Return the record's new end: 2 hours from now, 24 from the phone proof at most."""
        ends_at = self.kernel.clock() + STEP_ONE_LIFE
        if record.proven_at is not None:
            ends_at = min(ends_at, record.proven_at + LONGEST_STEP_TWO)
        return max(ends_at, record.expires_at)

    def _code_for(self, record: StepOne) -> CodeFor:
        """Bind the code to browser and phone: it stays valid when the national ID is corrected."""
        flow_id = self._flow_of_code(record.browser, record.mobile)
        return CodeFor(flow_id, CodePurpose.REGISTRATION, record.mobile)

    def _flow_of_code(self, browser: str, mobile: Mobile) -> str:
        return self.codes.flow_id(CodePurpose.REGISTRATION, browser, mobile.e164)

    def _locked(self, work: UnitOfWork, record_id: str, browser: str) -> StepOne | None:
        return self._own(work.step_ones.lock(record_id), browser)

    def _own(self, record: StepOne | None, browser: str) -> StepOne | None:
        if record is None or not record.is_of(browser, self.kernel.clock()):
            return None
        return record

    def _count(self, visitor: Visitor) -> None:
        self.by_network.ask(EverybodysKey.of_network(visitor.address), visitor.work)

    def _limited_until(self, work: UnitOfWork, record: StepOne) -> datetime | None:
        """Count a submission; past the limit, return when the next one is allowed."""
        taken = self.submissions.take(work, _registrant(record))
        return None if taken.allowed else self.kernel.clock() + taken.retry_after

    def _ready(self, record: StepOne, form: StepTwoInput) -> ReadyCase:
        return ReadyCase(
            id=self.kernel.randomness.identifier(),
            application=_application(record, form.details),
            password_hash=self.kernel.hashing.hash(form.password),
            answer_hash=self.kernel.hashing.hash(form.answer_key),
        )

    def _write(
        self, work: UnitOfWork, now: Standing, ready: ReadyCase, visitor: Visitor
    ) -> Standing:
        """Write the case, its job and the audit's entry, and erase what was typed."""
        if now.stage is not Stage.DETAILS or now.record is None:
            return now
        open_from = self._limited_until(work, now.record)
        if open_from is not None:
            return replace(now, stage=Stage.LIMITED, open_from=open_from)
        case, cookie = self._with_device(work, self._case(ready), visitor)
        if not work.cases.add(case):  # another device was faster
            return self._standing(work, now.record)
        self._write_with_case(work, now.record, case)
        return Standing(Stage.PENDING, now.record, case, device=cookie)

    def _case(self, ready: ReadyCase) -> Case:
        now = self.kernel.clock()
        return Case(
            id=self.kernel.randomness.identifier(),
            tracking_number=self.kernel.randomness.tracking_number(),
            state=CaseState.RECEIVED,
            source=CaseSource.ONLINE,
            application=ready.application,
            password_hash=ready.password_hash,
            answer_hash=ready.answer_hash,
            notice=AcceptedNotice(NOTICE_VERSION, now),
            submitted_at=now,
            phone_proven=self.phone_proof,
        )

    def _with_device(
        self, work: UnitOfWork, case: Case, visitor: Visitor
    ) -> tuple[Case, str | None]:
        """Return the case with the browser that proved its phone, and its next device cookie."""
        if not case.phone_proven:
            return case, None
        device, cookie = self.devices.promise(work, case.id, visitor)
        return replace(case, device=device), cookie

    def _write_with_case(self, work: UnitOfWork, record: StepOne, case: Case) -> None:
        work.step_ones.put(record.submitted(case.id))
        work.outbox.put(check_case_job(case))
        work.audit.add(
            AuditEntry(
                at=case.submitted_at,
                actor="citizen",
                action="case.received",
                subject=case.id,
                details={"notice": case.notice.version},
            )
        )


def _registrant(record: StepOne) -> OwnersKey:
    return OwnersKey.of_registrant(record.national_id, record.mobile)


def _application(record: StepOne, details: Details) -> Application:
    """Return the application; it has a profession only when begun on the physicians' page."""
    return Application.of(
        details if record.as_physician else replace(details, physician=None),
        national_id=record.national_id,
        mobile=record.mobile,
        operator=record.operator,
    )
