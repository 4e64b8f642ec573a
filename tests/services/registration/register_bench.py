"""A registration on a real database, with a clock that is moved by hand."""

from dataclasses import dataclass
from datetime import timedelta

from idp.domain.people.mobile import Operator
from idp.domain.people.national_id import NationalId
from idp.domain.protection.rate_limits import Limit, Mark
from idp.domain.registration.case_state import CaseState
from idp.services.messages.messages import SMS_CODE
from idp.services.protection.password_tries import Visitor
from idp.services.registration.register import Register
from idp.services.registration.steps import Standing, StepOneInput, StepTwoInput
from idp.store.database import Database
from tests.factories import (
    MOBILE,
    NATIONAL_ID,
    application,
)
from tests.fakes import CountingVault, FixedClock

BROWSER = "browser-1"
ADDRESS = "192.0.2.1"
AT_ONCE = 8
LEASE = timedelta(minutes=1)
NOW = FixedClock()
MARK = Mark(work_from=20, per=timedelta(hours=1), harder_every=100, hardest=4)
SUBMISSIONS = (Limit(3, timedelta(days=1)), Limit(6, timedelta(days=30)))


@dataclass
class Bench:
    register: Register
    database: Database
    vault: CountingVault
    clock: FixedClock

    def begin(self, *, as_physician: bool = False, national_id: NationalId = NATIONAL_ID) -> str:
        form = StepOneInput(
            national_id, Operator.parse("mci"), MOBILE, BROWSER, ADDRESS, as_physician=as_physician
        )
        standing = self.register.begin(form)
        assert standing.record is not None
        return standing.record.id

    def proven(self, *, as_physician: bool = False) -> str:
        record_id = self.begin(as_physician=as_physician)
        self.register.prove(record_id, BROWSER, self.code())
        return record_id

    def code(self) -> str:
        with self.database.begin() as work:
            job = work.outbox.claim("test", self.clock(), lease=LEASE, kinds=(SMS_CODE,))
            assert job is not None
            assert job.sms is not None
            work.outbox.finish(job, self.clock())
        return job.sms.text[-6:]

    def codes_sent(self) -> int:
        with self.database.begin(read_only=True) as work:
            return work.outbox.waiting(SMS_CODE)

    def submit(self, record_id: str) -> Standing:
        visitor = Visitor(browser=BROWSER, address=ADDRESS)
        return self.register.submit(record_id, visitor, step_two())

    def decide(self, state: CaseState) -> None:
        with self.database.begin() as work:
            [found] = [one for one in work.cases.list() if one.is_open]
            work.cases.save(found.decided(state, ("not_found",), at=self.clock()).erased())

    def cases(self) -> int:
        with self.database.begin(read_only=True) as work:
            return len(work.cases.list())


def step_two() -> StepTwoInput:
    return StepTwoInput(details=application(), answer_key="ابی", password="SabzBagh72")
