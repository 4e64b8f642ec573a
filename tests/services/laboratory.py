"""A case laboratory: real store and worker, registries and a gateway that do as they are told."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import create_engine, func, select

from idp import resources
from idp.domain.people.account import Account
from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.domain.people.person import Application, Person
from idp.domain.people.physician import CouncilNumber, Profession
from idp.domain.persian.jalali import JalaliDate
from idp.domain.registration.case import AcceptedNotice, Case, CaseSource
from idp.domain.registration.case_state import CaseState
from idp.domain.registration.council import CouncilAnswer, NoSuchMember
from idp.domain.registration.identity_match import ALL_CAPABILITIES
from idp.domain.registration.verdict import (
    Found,
    NotFound,
    PhoneAnswer,
    RegistryAnswer,
    Unavailable,
)
from idp.jobs.build import JobUseCases, build_crew
from idp.jobs.worker import WorkerPorts
from idp.ports import AuditHead, SmsReceipt, SmsResult
from idp.services.account.check_mobile import CheckMobile
from idp.services.desk.citizens import Citizens
from idp.services.desk.desk import Desk
from idp.services.messages.send_mail import SendMail
from idp.services.messages.send_message import SendMessage
from idp.services.registration.decide_case import DecideCase, check_case_job
from idp.services.registration.fill_roles import FillRoles
from idp.services.registration.profession import CheckProfession
from idp.services.sign_out.back_channel_logout import BackChannelLogout
from idp.services.upkeep.anchor_audit import AnchorAudit
from idp.services.upkeep.clean_up import CLEAN_UP, CleanUp
from idp.store.messages.outbox import WAITING
from idp.store.sql.tables import jobs
from tests.personas import PERSONAS, application, person
from tests.services.house import House

START = datetime(2026, 3, 21, 8, tzinfo=UTC)
LEASE = timedelta(seconds=60)
HOUR = timedelta(hours=1)
HOST = "account.tamin.ir"
NEXT_DUE = select(func.min(jobs.c.run_at)).where(jobs.c.state == WAITING, jobs.c.kind != CLEAN_UP)


@dataclass
class Registries:
    """All registries in one, with answers that tests set."""

    registry: RegistryAnswer | None = None
    phone: PhoneAnswer = PhoneAnswer.MATCH
    known_roles: tuple[str, ...] | None = ("insured",)
    people: dict[str, Person] = field(default_factory=dict)
    council: CouncilAnswer = field(default_factory=NoSuchMember)
    asked: int = 0
    meanwhile: Callable[[], object] = lambda: None
    """What happens elsewhere while the civil registry is asked."""

    def lookup(self, national_id: NationalId, birth: JalaliDate) -> RegistryAnswer:
        self.asked += 1
        self.meanwhile()
        if self.registry is not None:
            return self.registry
        person = self.people.get(national_id.value)
        return Found(person, ALL_CAPABILITIES) if person else NotFound()

    def check(self, national_id: NationalId, mobile: Mobile) -> PhoneAnswer:
        return self.phone

    def member(self, number: CouncilNumber, profession: Profession) -> CouncilAnswer:
        return self.council

    def roles(self, national_id: NationalId) -> tuple[str, ...] | None:
        return self.known_roles


@dataclass
class Council:
    """The port ``MedicalCouncil`` of the registries."""

    registries: Registries

    def lookup(self, number: CouncilNumber, profession: Profession) -> CouncilAnswer:
        return self.registries.member(number, profession)


@dataclass
class Gateway:
    """Takes everything unless told otherwise; ``sent`` are (uid, number, text)."""

    sent: list[tuple[int, str, str]] = field(default_factory=list)
    result: SmsResult = SmsResult.ACCEPTED
    reason: str | None = None

    def send(self, uid: int, to: Mobile, text: str, *, again: bool) -> SmsReceipt:
        if self.result is SmsResult.ACCEPTED:
            self.sent.append((uid, to.e164, text))
        return SmsReceipt(self.result, reason=self.reason)


@dataclass
class Portals:
    """Takes logout tokens; ``status`` is what it answers."""

    status: int = 200
    posted: list[tuple[str, str]] = field(default_factory=list)

    def get(self, url: str, *, media_types: frozenset[str]) -> bytes:
        raise NotImplementedError

    def post_form(self, url: str, form: dict[str, str]) -> int:
        self.posted.append((url, form["logout_token"]))
        return self.status


@dataclass
class KeptHeads:
    """The port ``AuditAnchor``, in memory."""

    kept: list[tuple[AuditHead, datetime]] = field(default_factory=list)

    def keep(self, head: AuditHead, at: datetime) -> None:
        self.kept.append((head, at))


class Laboratory(House):
    """The house with its worker, and what it asks and tells outside."""

    def __init__(self, url: str) -> None:
        super().__init__(url, start=START)
        self._engine = create_engine(url)
        self.registries = Registries()
        self.gateway = Gateway()
        self.gateways: list[Any] = [self.gateway]
        self.portals = Portals()
        self.anchors = [KeptHeads()]
        self.ephemeral = self.database.ephemeral(self.clock)
        self.desk = Desk(kernel=self.kernel, codes=self.codes)
        self.citizens = Citizens(
            kernel=self.kernel, codes=self.codes, mobile_ownership=self.registries, host=HOST
        )
        self.crew = build_crew(self.worker_ports(), self.use_cases(), poll=timedelta(seconds=1))

    def worker_ports(self) -> WorkerPorts:
        return WorkerPorts(
            begin=self.begin, clock=self.clock, randomness=self.randomness, lease=LEASE
        )

    def use_cases(self) -> JobUseCases:
        kernel, council = self.kernel, Council(self.registries)
        return JobUseCases(
            decide_case=DecideCase(
                kernel=kernel,
                civil_registry=self.registries,
                mobile_ownership=self.registries,
                medical_council=council,
            ),
            check_profession=CheckProfession(kernel=kernel, medical_council=council),
            fill_roles=FillRoles(kernel=kernel, insurance_file=self.registries),
            check_mobile=CheckMobile(kernel=kernel, mobile_ownership=self.registries),
            send_message=SendMessage(kernel=kernel, gateways=self.gateways),
            send_mail=SendMail(kernel=kernel, mail=None),
            back_channel_logout=BackChannelLogout(
                kernel=kernel,
                fetch=self.portals,
                make_logout_token=lambda ended, at: f"{ended.client.client_id}:{ended.session_id}",
            ),
            anchor_audit=AnchorAudit(self.kernel, self.anchors),
            clean_up=CleanUp(
                kernel=self.kernel,
                ephemeral=self.ephemeral,
                longest_session=timedelta(hours=12),
                inbox=self.database.sms_inbox(),
                mail_inbox=self.database.mail_inbox(),
            ),
        )

    def close(self) -> None:
        super().close()
        self._engine.dispose()

    def work(self) -> int:
        """Run everything that is due now."""
        return self.crew.run_due()

    def work_for(self, span: timedelta, step: timedelta | None = None) -> None:
        """Run the worker while the clock moves on by ``span``, at its end and on the way there.

        A worker looks each second; here it looks every ``step``. Without one it looks when a job is
        due, some times at most, for what is due waits for it; it cleans up in the end.
        """
        end = self.clock.now + span
        self.work()
        if step is None:
            self._do_jobs_until(end, max(timedelta(minutes=30), span / 12))
        while self.clock.now < end:
            self.clock.now = min(self.clock.now + (step or span), end)
            self.work()

    def work_at_each_due_job(self, span: timedelta) -> None:
        """Run the worker while the clock moves on by ``span``, each time that a job is due."""
        end = self.clock.now + span
        self.work()
        self._do_jobs_until(end, timedelta())
        self.clock.now = end

    def _do_jobs_until(self, end: datetime, least: timedelta) -> None:
        while (due := self._next_due()) and max(due, self.clock.now + least) < end:
            self.clock.now = max(due, self.clock.now + least)
            for worker in self.crew._workers:
                worker.run_due()

    def _next_due(self) -> datetime | None:
        with self._engine.connect() as connection:
            return connection.scalar(NEXT_DUE)

    def submit(self, application: Application, *, phone_proven: bool = True) -> Case:
        """Do what the end of step two does: one transaction with case and job."""
        now = self.clock()
        case = Case(
            id=self.randomness.identifier(),
            tracking_number=self.randomness.tracking_number(),
            state=CaseState.RECEIVED,
            source=CaseSource.ONLINE,
            application=application,
            password_hash=self.hashing.hash("Secret123"),
            answer_hash=self.hashing.hash("ابی"),
            notice=AcceptedNotice("1", now),
            submitted_at=now,
            phone_proven=phone_proven,
        )
        with self.begin() as work:
            assert work.cases.add(case)
            work.outbox.put(check_case_job(case))
        return case

    def case(self, case: Case) -> Case:
        with self.begin(read_only=True) as work:
            found = work.cases.find(case.id)
        assert found is not None
        return found

    def account_of(self, national_id: NationalId) -> Account | None:
        with self.begin(read_only=True) as work:
            return work.accounts.find_by_national_id(national_id)

    def texts_to(self, mobile: Mobile) -> list[str]:
        return [text for _, to, text in self.gateway.sent if to == mobile.e164]

    def last_code(self, mobile: Mobile) -> str:
        codes = [text for text in self.texts_to(mobile) if f"@{HOST} #" in text]
        return codes[-1].rpartition("#")[2]


def persona_of(name: str) -> tuple[Application, Person | None]:
    """Return what the persona submits and what the civil registry knows."""
    is_known = PERSONAS[name]["registry"] is not None
    return application(name), person(name) if is_known else None


def with_mobile(application: Application, e164: str) -> Application:
    return replace(application, mobile=Mobile(e164))


def sms(notice: str) -> str:
    return resources.sms_text(notice)


UNAVAILABLE = Unavailable()
