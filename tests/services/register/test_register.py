"""The use case against both databases, many at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from idp.domain.account import Account
from idp.domain.mobile import Operator
from idp.domain.one_time_code import CodeTry
from idp.ports import HashLane
from idp.services.messages import SMS_CODE
from idp.services.one_time_codes import OneTimeCodes
from idp.services.password_tries import Visitor
from idp.services.profession import CHECK_PROFESSION
from idp.services.register import (
    Register,
    RegisterTools,
    Rules,
    Stage,
    StepOneForm,
    StepTwoForm,
)
from idp.services.sms_budget import BudgetSize, SmsBudget
from idp.services.throttle import Throttle
from idp.store.database import Database
from tests.factories import MOBILE, NATIONAL_ID, PHYSICIAN, account, application, case
from tests.fakes import CountingChance, CountingVault, FixedClock
from tests.migrated import migrated

BROWSER = "browser-1"
ADDRESS = "192.0.2.1"
AT_ONCE = 8
LEASE = timedelta(minutes=1)
NOW = FixedClock()


class PlainHashing:
    def hash(self, text: str, *, lane: HashLane = HashLane.OWNER) -> str:
        return f"hash of {text}"

    def verify(self, text: str, hashed: str | None, *, lane: HashLane = HashLane.REST) -> bool:
        return hashed == self.hash(text)

    def verify_answer(self, text: str, hashed: str | None) -> bool:
        return self.verify(text, hashed)

    def needs_rehash(self, hashed: str) -> bool:
        return False


@dataclass
class Bench:
    register: Register
    database: Database
    vault: CountingVault
    clock: FixedClock

    def begin(self, *, as_physician: bool = False) -> str:
        form = StepOneForm(
            NATIONAL_ID, Operator.parse("mci"), MOBILE, BROWSER, ADDRESS, as_physician=as_physician
        )
        standing = self.register.begin(form)
        assert standing.record is not None
        return standing.record.id

    def proven(self, *, as_physician: bool = False) -> str:
        record_id = self.begin(as_physician=as_physician)
        self.register.prove(record_id, BROWSER, ADDRESS, self.code())
        return record_id

    def code(self) -> str:
        with self.database.begin() as work:
            job = work.outbox.claim("test", NOW(), lease=LEASE, kinds=(SMS_CODE,))
            assert job is not None
            assert job.sms is not None
            work.outbox.finish(job, NOW())
        return job.sms.text[-6:]

    def cases(self) -> int:
        with self.database.begin(read_only=True) as work:
            return len(work.cases.list())


def step_two() -> StepTwoForm:
    known = application()
    names = ("given_name", "family_name", "certificate_number", "serial", "series", "birth")
    more = ("gender", "residence", "email", "question")
    values: dict[str, Any] = {name: getattr(known, name) for name in (*names, *more)}
    return StepTwoForm(**values, answer_key="ابی", password="SabzBagh72")


@pytest.fixture
def bench(database_url: str):
    migrated(database_url)
    clock, vault, chance = FixedClock(), CountingVault(), CountingChance()
    database = Database(database_url, vault, pool_size=AT_ONCE)
    throttle = Throttle(database.begin, database.ephemeral(clock), clock, by_network=False)
    codes = OneTimeCodes(
        begin=database.begin,
        vault=vault,
        chance=chance,
        clock=clock,
        throttle=throttle,
        budget=SmsBudget(clock, BudgetSize(10_000, 1000)),
        host="account.tamin.ir",
    )
    tools = RegisterTools(
        begin=database.begin,
        clock=clock,
        chance=chance,
        vault=vault,
        hashing=PlainHashing(),
        codes=codes,
        throttle=throttle,
        rules=Rules(phone_proof=True, per_day=3, per_month=6),
    )
    yield Bench(Register(tools), database, vault, clock)
    database.close()


def at_once(act: Callable[[], Any]) -> list[Any]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        running = [pool.submit(act) for _ in range(AT_ONCE)]
        return [one.result() for one in running]


def test_many_submissions_of_one_record_are_one_case(bench):
    record_id = bench.proven()
    answers = at_once(
        lambda: bench.register.submit(
            record_id, Visitor(browser=BROWSER, address=ADDRESS), step_two()
        )
    )
    assert {answer.stage for answer in answers} == {Stage.PENDING}
    assert len({answer.case.id for answer in answers}) == bench.cases() == 1


def test_many_submissions_of_one_pair_from_two_records_are_one_case(bench):
    records = [bench.proven()]
    with bench.database.begin() as work:
        first = work.step_ones.find(records[0])
        second = replace(first, id="token-of-another-device".ljust(43, "-"))
        work.step_ones.add(second)
    waiting = [*records, second.id] * (AT_ONCE // 2)
    answers = at_once(
        lambda: bench.register.submit(
            waiting.pop(), Visitor(browser=BROWSER, address=ADDRESS), step_two()
        )
    )
    assert {answer.stage for answer in answers} == {Stage.PENDING}
    assert bench.cases() == 1


def test_a_right_code_many_times_at_once_proves_the_phone(bench):
    record_id, code = bench.begin(), bench.code()
    tries = at_once(lambda: bench.register.prove(record_id, BROWSER, ADDRESS, code))
    assert tries == [CodeTry.RIGHT] * AT_ONCE
    assert bench.register.standing(record_id, BROWSER).stage is Stage.DETAILS


def test_wrong_codes_at_once_are_counted_one_by_one(bench):
    record_id, code = bench.begin(), bench.code()
    tries = at_once(lambda: bench.register.prove(record_id, BROWSER, ADDRESS, "000000"))
    assert tries.count(CodeTry.WRONG) <= 5
    assert bench.register.prove(record_id, BROWSER, ADDRESS, code) is CodeTry.DEAD


def test_an_unproven_record_submits_nothing(bench):
    answer = bench.register.submit(
        bench.begin(), Visitor(browser=BROWSER, address=ADDRESS), step_two()
    )
    assert (answer.stage, bench.cases()) == (Stage.CODE, 0)


def test_another_browser_finds_nothing(bench):
    record_id = bench.proven()
    assert bench.register.standing(record_id, "browser-2").stage is Stage.GONE
    assert (
        bench.register.submit(
            record_id, Visitor(browser="browser-2", address=ADDRESS), step_two()
        ).record
        is None
    )


@pytest.mark.parametrize("known", [account(), case()], ids=["account", "case"])
def test_attack_E03_before_the_proof_nobody_is_looked_up(bench, known):
    bench.begin()
    before = len(bench.vault.opened)
    with bench.database.begin() as work:
        (work.accounts if isinstance(known, Account) else work.cases).add(known)
    bench.vault.opened.clear()
    bench.begin()
    assert len(bench.vault.opened) == before


def test_step_two_gets_its_whole_time_again(bench):  # WCAG 2.2, 2.2.1
    record_id = bench.proven()
    bench.clock.move(timedelta(minutes=110))
    assert bench.register.extend(record_id, BROWSER)
    bench.clock.move(timedelta(minutes=119))
    assert bench.register.standing(record_id, BROWSER).stage is Stage.DETAILS


def test_step_two_is_open_for_a_day_at_most(bench):
    record_id = bench.proven()
    for _ in range(24):
        bench.clock.move(timedelta(hours=1))
        bench.register.extend(record_id, BROWSER)
    assert bench.register.standing(record_id, BROWSER).stage is Stage.GONE


@pytest.mark.parametrize("browser", [BROWSER, "browser-2"])
def test_nobody_extends_what_is_not_proven_or_not_theirs(bench, browser):
    record_id = bench.begin() if browser == BROWSER else bench.proven()
    assert not bench.register.extend(record_id, browser)


def test_many_claims_of_an_owner_are_one(bench):
    with bench.database.begin() as work:
        work.accounts.add(account())
    record_id = bench.proven(as_physician=True)
    visitor = Visitor(browser=BROWSER, address=ADDRESS)

    answers = at_once(lambda: bench.register.claim(record_id, visitor, PHYSICIAN))

    with bench.database.begin(read_only=True) as work:
        assert work.outbox.waiting(CHECK_PROFESSION) == 1
    assert {answer.stage for answer in answers} == {Stage.PROFESSION_PENDING}


def test_who_has_no_account_claims_nothing(bench):
    record_id = bench.proven(as_physician=True)
    visitor = Visitor(browser=BROWSER, address=ADDRESS)

    assert bench.register.claim(record_id, visitor, PHYSICIAN).stage is Stage.DETAILS
