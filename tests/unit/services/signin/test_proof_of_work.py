"""Forms that wait for their proof of work."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from idp.domain.limits import PASSWORD_RATE_ABOVE_NORMAL
from idp.services.proof_of_work import HELD_LIFE, HeldForm, ProofOfWork
from idp.services.sign_in import CodeNeeded, Entered
from idp.services.throttle import TooMany, WorkNeeded
from tests.unit.services.signin.house import PASSWORD, UNKNOWN, USER, House, attempt, enter, visitor

FIELDS = {"username": USER, "password": PASSWORD}
PAGE = "/login"


class PlainPuzzles:
    """Solved by saying whose they are."""

    def make(self, subject: str) -> str:
        return json.dumps({"of": subject})

    def is_solved(self, subject: str, solution: str) -> bool:
        return solution == f"solved {subject}"


@dataclass
class Desk:
    house: House
    work: ProofOfWork = field(init=False)

    def __post_init__(self) -> None:
        house = self.house
        self.work = ProofOfWork(
            house.vault,
            house.database.ephemeral(house.clock),
            house.clock,
            house.chance,
            PlainPuzzles(),
        )

    def hold(self, **who: str) -> HeldForm:
        return self.work.hold(FIELDS, PAGE, visitor(**who))

    def bring(self, held: HeldForm, *, solved: bool = True, page: str = PAGE, **who: str) -> object:
        solution = f"solved {json.loads(held.puzzle)['of']}" if solved else ""
        return self.work.release(held.sealed, solution, page, visitor(**who))


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


@pytest.fixture
def strict(sqlite_url: str) -> Iterator[House]:
    """A house that asks for work."""
    built = House(sqlite_url, asks_for_work=True)
    built.add_account()
    yield built
    built.database.close()


def test_a_solved_form_comes_back_as_it_was(desk):
    assert desk.bring(desk.hold()) == FIELDS


def test_a_solution_is_burned_once(desk):
    held = desk.hold()
    desk.bring(held)
    assert desk.bring(held) is None


def test_a_form_without_solution_is_held_on(desk):
    held = desk.hold()
    desk.house.later(seconds=4)
    again = desk.bring(held, solved=False)
    assert isinstance(again, HeldForm)
    assert again.wait == timedelta(seconds=6)


def test_after_its_wait_a_form_needs_no_solution(desk):
    held = desk.hold()
    desk.house.clock.move(held.wait)
    assert desk.bring(held, solved=False) == FIELDS


def test_a_waited_form_comes_back_once(desk):
    held = desk.hold()
    desk.house.clock.move(held.wait)
    desk.bring(held, solved=False)
    assert desk.bring(held, solved=False) is None


def test_the_wait_grows_with_the_forms_of_one_network(desk):
    waits = [int(desk.hold().wait.total_seconds()) for _ in range(16)]
    assert waits == [10] * 3 + [20] * 3 + [30] * 3 + [60] * 3 + [120] * 4


def test_another_network_does_not_lengthen_the_wait(desk):
    for _ in range(9):
        desk.hold(address="9.9.9.9")
    assert desk.hold().wait == timedelta(seconds=10)


@pytest.mark.parametrize("changed", [{"browser": "browser-2"}, {"page": "/register/details"}])
def test_a_form_is_of_one_browser_and_page(desk, changed):
    assert desk.bring(desk.hold(), **changed) is None


def test_a_form_is_held_for_ten_minutes(desk):
    held = desk.hold()
    desk.house.clock.move(HELD_LIFE)
    assert desk.bring(held) is None


def test_what_is_no_held_form_is_nothing(desk):
    assert desk.work.release("anything", "", PAGE, visitor()) is None


def test_a_form_of_which_nothing_came_can_be_sent_again(desk):
    held = desk.hold()
    desk.bring(held)
    desk.work.give_back(held.sealed, PAGE, visitor())
    assert desk.bring(held) == FIELDS


def test_giving_back_what_was_never_held_changes_nothing(desk):
    desk.work.give_back("anything", PAGE, visitor())


def tries(house: House, count: int, **who: str) -> None:
    """Passwords, each another, for ``count`` accounts that do not exist."""
    for number in range(count):
        house.sign_in.with_password(f"{number:010}", f"x{number}", attempt(**who))


@pytest.mark.parametrize("user", [USER, UNKNOWN.value])
def test_after_twenty_tries_of_a_network_work_is_asked_of_all_alike(strict, user):
    tries(strict, 20)
    with pytest.raises(WorkNeeded):
        strict.sign_in.with_password(user, PASSWORD, attempt())


def test_another_network_goes_on_without_work(strict):
    tries(strict, 20)
    other = strict.sign_in.with_password(USER, PASSWORD, attempt(address="9.9.9.9"))
    assert isinstance(other, CodeNeeded)


def test_who_has_worked_signs_in(strict):
    tries(strict, 20)
    entered = strict.sign_in.with_password(USER, PASSWORD, attempt(has_worked=True))
    assert isinstance(entered, CodeNeeded)


def test_SE12_a_known_device_works_for_nothing(strict):
    device = enter(strict).device  # the first of the twenty
    tries(strict, 19)
    again = strict.sign_in.with_password(USER, PASSWORD, attempt(device=device))
    assert isinstance(again, Entered)


def from_everywhere(house: House, user: str, count: int) -> None:
    for number in range(count):
        house.sign_in.with_password(user, "Wrong1234", attempt(address=f"9.9.{number}.1"))


@pytest.mark.parametrize("user", [USER, UNKNOWN.value])
def test_after_twenty_tries_of_an_account_over_all_networks_work_is_asked(strict, user):
    from_everywhere(strict, user, 20)
    with pytest.raises(WorkNeeded):
        strict.sign_in.with_password(user, PASSWORD, attempt(address="8.8.8.8"))


def test_a_try_that_waits_for_its_work_is_not_counted(strict):
    from_everywhere(strict, USER, 20)
    for _ in range(8):
        with pytest.raises(WorkNeeded):
            strict.sign_in.with_password(USER, "Wrong1234", attempt())
    assert isinstance(
        strict.sign_in.with_password(USER, PASSWORD, attempt(has_worked=True)), CodeNeeded
    )


def test_work_does_not_lift_the_waits_of_an_account(strict):
    for _ in range(5):
        strict.sign_in.with_password(USER, "Wrong1234", attempt(has_worked=True))
    with pytest.raises(TooMany):
        strict.sign_in.with_password(USER, PASSWORD, attempt(has_worked=True))


def test_a_network_is_refused_at_300_however_it_works(strict):
    tries(strict, 20)
    for number in range(280):
        with pytest.raises(WorkNeeded):
            strict.sign_in.with_password(f"{number:010}", "x", attempt())
    with pytest.raises(TooMany):
        strict.sign_in.with_password(USER, PASSWORD, attempt())


def test_in_a_rush_over_all_networks_everybody_works(strict):
    most = 10 * PASSWORD_RATE_ABOVE_NORMAL
    assert not any(strict.throttle.is_rush() for _ in range(most))
    with pytest.raises(WorkNeeded):
        strict.sign_in.with_password(USER, PASSWORD, attempt())


def test_a_rush_is_over_ten_seconds_later(strict):
    for _ in range(10 * PASSWORD_RATE_ABOVE_NORMAL + 1):
        strict.throttle.is_rush()
    strict.later(seconds=10)
    assert not strict.throttle.is_rush()


def test_what_the_last_hour_was_used_to_is_no_rush(strict):
    for _ in range(720):  # a fifth of a try in each second
        strict.throttle.is_rush()
    strict.later(hours=1)
    most = 10 * PASSWORD_RATE_ABOVE_NORMAL + 2
    assert not any(strict.throttle.is_rush() for _ in range(most))
    assert strict.throttle.is_rush()


def test_without_the_setting_nobody_works(house):
    from_everywhere(house, USER, 20)
    tries(house, 30)
    assert isinstance(house.sign_in.with_password(USER, PASSWORD, attempt()), CodeNeeded)
