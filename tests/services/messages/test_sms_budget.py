"""The budget of codes that anybody can have sent (attack O07)."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.domain.sign_in.one_time_code import CodePurpose, CodeTry
from idp.services.messages.sms_budget import BudgetSize, SmsBudget
from tests.codes import budget_size
from tests.services.house import UNKNOWN, USER, House, attempt, visitor
from tests.statements import statements

HOUR = timedelta(hours=1)
SMALL, SAMPLE = budget_size(100, 50), 20
REGISTRATION, RECOVERY = CodePurpose.REGISTRATION, CodePurpose.RECOVERY
CLOSED = sorted(set(CodePurpose) - {REGISTRATION, RECOVERY, CodePurpose.TRACKING})


def number(index: int, prefix: str = "912") -> Mobile:
    return Mobile(f"+98{prefix}{index:07}")


class Pump:
    """Asks for codes to number after number."""

    def __init__(self, house: House, size: BudgetSize) -> None:
        self.house = house
        self.budget = SmsBudget(house.clock, size)

    def ask(self, mobile: Mobile, purpose: CodePurpose = REGISTRATION, *, is_sent: bool = True):
        with self.house.begin() as work:
            return self.budget.allows(work, mobile.e164, mobile, purpose, is_sent=is_sent)

    def flood(self, count: int, *, prefix: str = "912", answered: int = 0, is_sent: bool = True):
        """Ask for ``count`` codes, of which so many come back right; return how many were sent."""
        numbers = [number(index, prefix) for index in range(count)]
        with self.house.begin() as work:
            sent = [
                self.budget.allows(work, one.e164, one, REGISTRATION, is_sent=is_sent)
                for one in numbers
            ]
            for one in numbers[:answered]:
                self.budget.answered(work, one.e164, one, REGISTRATION)
        return sum(sent)


@pytest.fixture
def pump(house):
    return Pump(house, SMALL)


def test_attack_O07_a_prefix_gets_so_many_codes_an_hour(pump):
    assert pump.flood(60) == 50
    assert pump.ask(number(1, "935"))


def test_attack_O07_all_numbers_together_get_so_many_codes_an_hour(pump):
    assert [pump.flood(40, prefix=one) for one in ("912", "935", "920")] == [40, 40, 20]


def test_attack_O07_recovery_and_registration_share_the_budget(pump):
    pump.flood(50)
    assert not pump.ask(number(99), RECOVERY)


def test_the_next_hour_has_its_own_budget(pump):
    pump.flood(60)
    pump.house.clock.move(HOUR)
    assert pump.ask(number(1))


@pytest.mark.parametrize("purpose", CLOSED)
def test_codes_that_a_stranger_cannot_ask_for_always_go(pump, purpose):
    pump.flood(60)
    assert pump.ask(number(99), purpose)


def test_a_phone_that_answered_before_gets_its_codes(pump):
    pump.flood(60, answered=1)
    assert pump.ask(number(0))
    assert not pump.ask(number(1))


def test_a_phone_that_answered_at_sign_in_is_known_too(pump):
    with pump.house.begin() as work:
        pump.budget.answered(work, number(99).e164, number(99), CodePurpose.SIGN_IN)
    pump.flood(60)
    assert pump.ask(number(99), RECOVERY)


def test_thirty_days_after_its_last_answer_a_phone_is_a_stranger_again(pump):
    for _ in range(2):
        pump.flood(1, answered=1)
        pump.house.clock.move(timedelta(days=29))
    pump.flood(60)
    assert pump.ask(number(0))
    pump.house.clock.move(timedelta(days=1, hours=1))
    assert pump.flood(60) == 50


def test_a_code_for_nobody_costs_nothing(pump):
    pump.flood(60, is_sent=False)
    assert pump.flood(60) == 50


def test_a_code_for_nobody_is_refused_with_the_others(pump):
    for prefix in ("912", "935"):
        pump.flood(50, prefix=prefix)
    assert not pump.ask(number(1, "940"), RECOVERY, is_sent=False)


@pytest.fixture
def wide(house):
    """A budget so large that the brake comes first."""
    return Pump(house, budget_size(10 * SAMPLE, 10 * SAMPLE, SAMPLE))


def test_attack_O07_where_few_codes_come_back_a_tenth_of_the_budget_is_left(wide):
    assert wide.flood(SAMPLE + 50, answered=0) == SAMPLE


def test_where_codes_come_back_nothing_is_braked(wide):
    wide.flood(SAMPLE, answered=SAMPLE // 4)
    assert wide.ask(number(9999))


def test_a_prefix_is_braked_by_itself(wide):
    wide.flood(SAMPLE, prefix="935", answered=SAMPLE)
    wide.flood(SAMPLE, answered=0)
    assert [wide.ask(number(9999, prefix)) for prefix in ("912", "935")] == [False, True]


def test_the_hour_before_counts_for_the_brake(wide):
    wide.flood(SAMPLE, answered=0)
    wide.house.clock.move(HOUR)
    assert wide.flood(SAMPLE + 50) == SAMPLE
    wide.house.clock.move(2 * HOUR)
    assert wide.ask(number(9999))


def alarms(lines):
    return [(line["alarm"], line["scope"]) for line in lines if "alarm" in line]


def test_the_alarm_of_a_spent_budget_sounds_once_an_hour(pump):
    with capture_logs() as lines:
        pump.flood(60)
    assert alarms(lines) == [("sms_budget_spent", "912")]


def test_the_alarm_of_a_brake_names_the_poor_conversion(wide):
    with capture_logs() as lines:
        wide.flood(SAMPLE + 5)
    assert alarms(lines) == [("sms_budget_poor_conversion", "912")]


def spend(house):
    """Spend what the house has for an hour."""
    pump = Pump(house, SMALL)
    pump.budget = house.budget
    assert pump.flood(60, prefix="935") < 60


@pytest.mark.parametrize("user", [USER, UNKNOWN.value])
def test_attack_E02_past_the_budget_recovery_looks_the_same_and_sends_nothing(house, user):
    spend(house)
    started = house.recover.start(NationalId.parse(user), visitor())
    assert house.texts() == []
    assert house.recover.prove(started, "123456", visitor()) is CodeTry.WRONG


def sign_in(house):
    pending = house.sign_in.with_password(USER, "Sabz1234xyz", attempt())
    house.sign_in.with_code(pending.pending_id, house.code(), attempt())
    house.later(minutes=2)


def test_who_signed_in_lately_recovers_past_the_budget(house):
    sign_in(house)
    spend(house)
    house.jobs()
    started = house.recover.start(NationalId.parse(USER), visitor())
    assert house.recover.prove(started, house.code(), visitor()) is CodeTry.RIGHT


def test_attack_E02_past_the_budget_a_known_phone_runs_the_statements_of_nobodys(house):
    sign_in(house)
    spend(house)
    ran = []
    for user in (USER, UNKNOWN.value):
        with statements() as seen:
            house.recover.start(NationalId.parse(user), visitor())
        ran.append(seen)
    assert ran[0] == ran[1]


def test_past_the_budget_an_earlier_code_stays_good(house):
    started = house.recover.start(NationalId.parse(USER), visitor())
    code = house.code()
    spend(house)
    house.later(minutes=2)
    house.recover.send_again(started, visitor())
    assert house.recover.prove(started, code, visitor()) is CodeTry.RIGHT
