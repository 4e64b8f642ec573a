"""Another second factor than the code by SMS: a device with the time's code (RFC 6238)."""

import hmac
from struct import pack, unpack_from

import pytest

from idp.domain.sign_in.one_time_code import CodeStanding, CodeTry
from idp.domain.sign_in.session import ACR_PASSWORD_OTP
from idp.services.sign_in.entering import Entered
from idp.services.sign_in.sign_in import CodeNeeded, Refused
from tests.services.house import PASSWORD, USER, House, attempt

SEED = b"12345678901234567890"


def time_code(seconds: float) -> str:
    """RFC 4226 5.3 over steps of 30 seconds."""
    mac = hmac.digest(SEED, pack(">Q", int(seconds) // 30), "sha1")
    (number,) = unpack_from(">I", mac, mac[-1] & 15)
    return f"{(number & 0x7FFFFFFF) % 10**6:06}"


class TimeCodes:
    """A second factor that sends nothing: each step's code is right once."""

    amr = ("otp", "hwk")

    def __init__(self):
        self.clock, self.tries, self.used = None, 0, set()

    def challenge(self, work, flow_id, account, *, portal, again=False):
        """The device needs none."""

    def standing(self, work, flow_id, account):
        return CodeStanding(None, None, self.clock())

    def attempt(self, work, flow_id, account, typed):
        self.tries += 1
        if self.tries > 3:
            return CodeTry.DEAD
        code = time_code(self.clock().timestamp())
        if typed != code or code in self.used:
            return CodeTry.WRONG
        self.used.add(code)
        return CodeTry.RIGHT

    def shown(self):
        return time_code(self.clock().timestamp())


@pytest.fixture
def device():
    return TimeCodes()


@pytest.fixture
def house(migrated_sqlite_url, device):
    opened = House(migrated_sqlite_url, second_factor=device)
    device.clock = opened.clock
    opened.add_account()
    yield opened
    opened.database.close()


@pytest.fixture
def needed(house):
    found = house.sign_in.with_password(USER, PASSWORD, attempt())
    assert isinstance(found, CodeNeeded)
    return found


def test_the_code_of_the_time_is_that_of_the_standard():
    assert time_code(59) == "287082"  # RFC 6238, appendix B, its last six digits


def test_it_finishes_a_sign_in_and_amr_tells_the_truth(house, needed, device):
    entered = house.sign_in.with_code(needed.pending_id, device.shown(), attempt())

    assert isinstance(entered, Entered)
    assert (entered.session.acr, entered.session.amr) == (ACR_PASSWORD_OTP, ("pwd", "otp", "hwk"))


def test_nothing_is_sent_for_it(house, needed):
    house.sign_in.send_again(needed.pending_id, attempt())

    assert house.texts() == []


def test_what_is_wrong_is_refused(house, needed):
    assert house.sign_in.with_code(needed.pending_id, "000000", attempt()) is Refused.CODE_WRONG


def test_its_own_limit_holds(house, needed, device):
    for _ in range(3):
        house.sign_in.with_code(needed.pending_id, "000000", attempt())

    last = house.sign_in.with_code(needed.pending_id, device.shown(), attempt())
    assert last is Refused.CODE_DEAD


def test_it_raises_a_session(house, needed, device):
    entered = house.sign_in.with_code(needed.pending_id, device.shown(), attempt())
    house.later(seconds=30)
    raised = house.sign_in.second_step(entered.session, device.shown(), attempt())

    assert isinstance(raised, Entered)
    assert raised.session.amr == ("pwd", "otp", "hwk")


def test_one_code_does_not_prove_twice(house, needed, device):
    entered = house.sign_in.with_code(needed.pending_id, device.shown(), attempt())

    again = house.sign_in.second_step(entered.session, device.shown(), attempt())
    assert again is Refused.CODE_WRONG
