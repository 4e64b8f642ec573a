"""The cookie of a known device tells nothing of anybody else's account."""

from datetime import timedelta

import pytest

from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.services.sign_in.entering import Entered
from idp.services.sign_in.known_devices import MOST_PEOPLE, PURPOSE
from idp.services.sign_in.sign_in import CodeNeeded
from tests import factories
from tests.factories import with_check_digit
from tests.services.house import PASSWORD, UNKNOWN, USER, House, attempt
from tests.statements import statements

STRANGER = factories.OTHER_NATIONAL_ID.value


@pytest.fixture
def device(house: House) -> str:
    """The cookie of a device on which somebody signed in."""
    needed = house.sign_in.with_password(USER, PASSWORD, attempt())
    assert isinstance(needed, CodeNeeded)
    entered = house.sign_in.with_code(needed.pending_id, house.code(), attempt())
    assert isinstance(entered, Entered)
    return entered.device


def refused(house: House, typed: str, device: str) -> list[str]:
    with statements() as seen:
        house.sign_in.with_password(typed, "Wrong1234", attempt(device=device))
    return seen


def test_attack_E01_the_same_statements_run_for_a_stranger_and_for_nobody(
    house: House, device: str
):
    house.add_account(id="account-2", national_id=factories.OTHER_NATIONAL_ID)
    assert refused(house, STRANGER, device) == refused(house, UNKNOWN.value, device)


def test_a_device_that_was_forgotten_meanwhile_does_not_come_back(house: House, device: str):
    """Its owner forgets it while somebody's password on it is being computed."""
    account = factories.account()
    known = house.devices.find(device, account)
    with house.begin() as work:
        work.devices.forget(account.id, known.id)
        house.devices.remember(work, account, known, attempt().visitor)
        assert work.devices.of_account(account.id) == []


def enter(house: House, user: str, cookie: str | None) -> tuple[str, bool]:
    """Sign in with this cookie; return the next one, and whether a code was asked."""
    house.clock.move(timedelta(minutes=5))
    result = house.sign_in.with_password(user, PASSWORD, attempt(device=cookie))
    if isinstance(result, Entered):
        return result.device, False
    entered = house.sign_in.with_code(result.pending_id, house.code(), attempt(device=cookie))
    return entered.device, True


@pytest.fixture
def neighbour(house: House) -> str:
    """Another citizen who signs in at the same browser."""
    house.add_account(id="account-2", national_id=factories.OTHER_NATIONAL_ID)
    return STRANGER


def devices_of(house: House, account_id: str) -> int:
    with house.begin() as work:
        return len(work.devices.of_account(account_id))


def test_everybody_at_a_browser_is_asked_for_a_code_once(house: House, neighbour: str):
    cookie, asked = None, []
    for user in (USER, neighbour, USER, neighbour, USER):
        cookie, was_asked = enter(house, user, cookie)
        asked.append(was_asked)
    assert asked == [True, True, False, False, False]


def test_a_browser_is_one_device_of_each_account(house: House, neighbour: str):
    cookie = None
    for user in (USER, neighbour) * 3:
        cookie, _ = enter(house, user, cookie)
    assert [devices_of(house, one) for one in ("account-1", "account-2")] == [1, 1]


def test_attack_SE17_a_copy_of_the_cookie_dies_with_its_owners_next_sign_in(
    house: House, neighbour: str
):
    copy, _ = enter(house, USER, None)
    cookie, _ = enter(house, neighbour, copy)
    enter(house, USER, cookie)
    assert enter(house, USER, copy)[1]


def test_another_browsers_cookie_names_nobody_here(house: House, neighbour: str):
    theirs, _ = enter(house, neighbour, None)
    assert enter(house, USER, theirs)[1]


def after_others(house: House, count: int) -> str:
    """Return the cookie of a browser where somebody signed in, and ``count`` others after."""
    cookie, _ = enter(house, USER, None)
    for number in range(count):
        other = NationalId.parse(with_check_digit(f"0012345{number:02}"))
        mobile = Mobile.parse(f"0912000{number:04}")
        house.add_account(id=f"other-{number}", national_id=other, mobile=mobile)
        cookie, _ = enter(house, other.value, cookie)
    return cookie


@pytest.mark.parametrize(("others", "is_asked"), [(MOST_PEOPLE - 1, False), (MOST_PEOPLE, True)])
def test_a_cookie_holds_the_last_eight_people(house: House, others: int, is_asked: bool):
    assert enter(house, USER, after_others(house, others))[1] == is_asked


def test_attack_X15_however_many_devices_are_planted_the_own_one_is_known(
    house: House, neighbour: str
):
    """Cookies of a sibling host's own sign-ins come first; each is sealed by us and names eight."""
    planted = [
        house.vault.seal(f"{number:043}:0".encode(), purpose=PURPOSE) for number in range(40)
    ]
    cookie, _ = enter(house, USER, None)
    assert not enter(house, USER, " ".join([*planted, cookie]))[1]


def test_a_device_that_was_forgotten_leaves_no_trace_in_the_list(house: House, neighbour: str):
    cookie, _ = enter(house, USER, None)
    cookie, _ = enter(house, neighbour, cookie)
    with house.begin() as work:
        work.devices.forget_all("account-1")
    cookie, was_asked = enter(house, USER, cookie)
    assert was_asked
    assert not enter(house, neighbour, cookie)[1]
