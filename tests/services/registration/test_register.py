"""The use case against both databases, many at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from idp.domain.people.account import Account
from idp.domain.people.mobile import Operator
from idp.domain.protection.rate_limits import NO_WORK, WAITED, EverybodysKey, WorkDone
from idp.domain.registration.case_state import CaseState
from idp.domain.sign_in.one_time_code import CodeTry
from idp.services.messages.one_time_codes import OneTimeCodes
from idp.services.protection.owners_counters import OwnersCounter
from idp.services.protection.password_tries import Visitor
from idp.services.protection.shared_marks import (
    LastingTally,
    WorkNeeded,
)
from idp.services.registration.profession import CHECK_PROFESSION
from idp.services.registration.register import Register
from idp.services.registration.steps import Stage, StepOneInput
from tests.codes import WORK_BY_TYPED, code_limits
from tests.factories import (
    MOBILE,
    NATIONAL_ID,
    OTHER_NATIONAL_ID,
    PHYSICIAN,
    account,
    case,
)
from tests.fakes import PlainHashing
from tests.services.registration.register_bench import (
    ADDRESS,
    AT_ONCE,
    BROWSER,
    NOW,
    SUBMISSIONS,
    Bench,
    step_two,
)


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
        work.step_ones.put(second)
    waiting = [*records, second.id] * (AT_ONCE // 2)
    answers = at_once(
        lambda: bench.register.submit(
            waiting.pop(), Visitor(browser=BROWSER, address=ADDRESS), step_two()
        )
    )
    assert {answer.stage for answer in answers} == {Stage.PENDING}
    assert bench.cases() == 1


class FasterDevice(OwnersCounter):
    """Another device submits the same pair after the last look at what is there."""

    def take(self, work, key):
        assert work.cases.add(case())
        return super().take(work, key)


def test_of_two_devices_the_slower_one_sees_the_case_of_the_faster(bench):
    counter = FasterDevice("registration", SUBMISSIONS, bench.clock, bench.vault)
    slower = replace(bench.register, submissions=counter)
    record_id = bench.proven()
    answer = slower.submit(record_id, Visitor(browser=BROWSER, address=ADDRESS), step_two())
    assert (answer.stage, answer.case.id, bench.cases()) == (Stage.PENDING, case().id, 1)


VISITOR = Visitor(browser=BROWSER, address=ADDRESS)


def test_many_who_send_what_they_looked_over_are_one_case(bench):
    record_id = bench.proven()
    ready = bench.register.prepare(record_id, VISITOR, step_two()).record.ready
    answers = at_once(lambda: bench.register.send(record_id, VISITOR, ready.id))
    assert bench.cases() == 1
    assert {answer.stage for answer in answers} == {Stage.PENDING}


def test_an_unproven_record_prepares_nothing(bench):
    record_id = bench.begin()
    assert bench.register.prepare(record_id, VISITOR, step_two()).stage is Stage.CODE


class MeanwhileHashing(PlainHashing):
    """Somebody submits the same registration while this one is hashed."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        super().__init__()
        self.meanwhile = [meanwhile]

    def hash(self, text: str, **options: Any) -> str:
        while self.meanwhile:
            self.meanwhile.pop()()
        return super().hash(text, **options)


def test_what_was_submitted_meanwhile_is_not_prepared_again(bench):
    record_id = bench.proven()
    hashing = MeanwhileHashing(lambda: bench.submit(record_id))
    kernel = replace(bench.register.kernel, hashing=hashing)
    answer = replace(bench.register, kernel=kernel).prepare(record_id, VISITOR, step_two())
    assert (answer.stage, answer.record.ready) == (Stage.PENDING, None)


def test_a_case_that_came_meanwhile_is_not_written_twice(bench):
    record_id = bench.proven()
    ready = bench.register.prepare(record_id, VISITOR, step_two()).record.ready
    with bench.database.begin() as work:
        assert work.cases.add(case())
    assert bench.register.send(record_id, VISITOR, ready.id).stage is Stage.PENDING
    assert bench.cases() == 1


def test_the_same_data_in_the_same_browser_are_the_same_registration(bench):
    first = bench.begin()
    assert bench.begin() == first
    assert bench.codes_sent() == 1


def test_a_corrected_national_id_keeps_the_code_that_came(bench):
    wrong = bench.begin(national_id=OTHER_NATIONAL_ID)
    code = bench.code()
    right = bench.begin()
    assert right != wrong
    assert bench.codes_sent() == 0
    assert bench.register.prove(right, BROWSER, code) is CodeTry.RIGHT


def test_a_registration_begun_again_after_the_proof_stands_at_step_two(bench):
    record_id = bench.proven()
    assert bench.begin() == record_id
    assert bench.register.standing(record_id, BROWSER).stage is Stage.DETAILS
    assert bench.codes_sent() == 0


def test_a_registration_begun_again_while_its_case_is_open_stands_at_the_case(bench):
    record_id = bench.proven()
    bench.submit(record_id)
    assert bench.register.standing(bench.begin(), BROWSER).stage is Stage.PENDING


def test_who_did_not_match_begins_anew_at_once_in_the_same_browser(bench):
    record_id = bench.proven()
    bench.submit(record_id)
    bench.decide(CaseState.MISMATCH)
    assert bench.register.standing(bench.begin(), BROWSER).stage is Stage.CODE


def test_the_page_of_the_code_knows_when_it_was_asked_for(bench):
    record = bench.register.standing(bench.begin(), BROWSER).record
    bench.clock.move(timedelta(minutes=1))
    assert bench.register.awaited_code(record).asked_at == NOW()


def test_the_third_submission_of_a_day_says_from_when_on_a_fourth_is_open(bench):
    for _ in range(3):
        record_id = bench.proven()
        bench.submit(record_id)
        bench.decide(CaseState.MISMATCH)
        bench.clock.move(timedelta(minutes=1))
    record = bench.register.standing(bench.proven(), BROWSER).record
    assert bench.register.open_from(record) == NOW() + timedelta(days=1)
    assert bench.submit(record.id).stage is Stage.LIMITED


def test_a_first_submission_is_open(bench):
    record = bench.register.standing(bench.proven(), BROWSER).record
    assert bench.register.open_from(record) is None


def test_a_right_code_many_times_at_once_proves_the_phone(bench):
    record_id, code = bench.begin(), bench.code()
    tries = at_once(lambda: bench.register.prove(record_id, BROWSER, code))
    assert tries == [CodeTry.RIGHT] * AT_ONCE
    assert bench.register.standing(record_id, BROWSER).stage is Stage.DETAILS


def test_wrong_codes_at_once_are_counted_one_by_one(bench):
    record_id, code = bench.begin(), bench.code()
    tries = at_once(lambda: bench.register.prove(record_id, BROWSER, "000000"))
    assert tries.count(CodeTry.WRONG) <= 5
    assert bench.register.prove(record_id, BROWSER, code) is CodeTry.DEAD


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
    bench.vault.opened.clear()
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


def test_from_the_twentieth_submission_of_a_network_work_is_asked(bench):
    record_id = bench.proven()
    mark = bench.register.by_network
    for _ in range(19):
        mark.ask(EverybodysKey.of_network(ADDRESS))
    with pytest.raises(WorkNeeded):
        bench.submit(record_id)


def working(bench: Bench) -> Register:
    """The use case where codes ask for work."""
    tally = LastingTally(bench.database.begin, bench.clock)
    limits = code_limits(bench.clock, bench.vault, tally=tally)
    codes = OneTimeCodes(kernel=bench.register.kernel, limits=limits, host="account.tamin.ir")
    return replace(bench.register, codes=codes)


def step_one_of(browser: str, work: WorkDone = NO_WORK) -> StepOneInput:
    form = StepOneInput(NATIONAL_ID, Operator.parse("mci"), MOBILE, browser, ADDRESS)
    return replace(form, work=work)


def test_from_the_third_code_a_day_to_a_phone_work_is_asked(bench):
    register = working(bench)
    for number in range(WORK_BY_TYPED - 1):
        register.begin(step_one_of(f"browser-{number}"))
    with pytest.raises(WorkNeeded):
        register.begin(step_one_of("browser-9"))
    assert register.begin(step_one_of("browser-9", WAITED)).stage is Stage.CODE


def test_another_code_is_asked_for_work_too(bench):
    register = working(bench)
    standing = register.begin(step_one_of(BROWSER))
    for number in range(2, 2 + WORK_BY_TYPED):
        register.begin(step_one_of(f"browser-{number}", WAITED))
    bench.clock.move(timedelta(minutes=1))
    with pytest.raises(WorkNeeded):
        register.resend(standing.record.id, Visitor(browser=BROWSER, address=ADDRESS))


def test_asking_again_for_nothing_is_gone(bench):
    assert bench.register.resend("x", Visitor(browser=BROWSER, address=ADDRESS)).record is None


def test_another_code_comes_after_a_minute(bench):
    record_id = bench.begin()
    bench.clock.move(timedelta(minutes=1))
    bench.register.resend(record_id, Visitor(browser=BROWSER, address=ADDRESS))
    assert bench.codes_sent() == 2
