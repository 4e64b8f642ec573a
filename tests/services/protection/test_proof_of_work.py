"""Forms that wait for their proof of work, or for their ticket or turn."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from idp.domain.protection.rate_limits import HAD_TURN, EverybodysKey, WorkDone
from idp.ports import Ephemeral
from idp.services.protection.proof_of_work import HELD_LIFE, HeldForm, ProofOfWork, Released
from idp.services.protection.shared_marks import WorkNeeded
from idp.services.sign_in.sign_in import CodeNeeded
from tests.services.house import PASSWORD, RUSH, USER, House, attempt, visitor

FIELDS = {"username": USER, "password": PASSWORD}
PAGE = "/login"
EVERY = timedelta(seconds=10)
"""Six tickets a minute."""
HARDEST_PUZZLE = 6
LANE = EverybodysKey.of_lane(EverybodysKey.of_typed_id(USER), None)


class PlainPuzzles:
    """Solved by saying whose they are."""

    def make(self, subject: str, difficulty: int) -> str:
        return json.dumps({"of": subject, "difficulty": difficulty})

    def is_solved(self, subject: str, solution: str) -> bool:
        return solution == f"solved {subject}"


class Away:
    """A Redis that nobody reaches: it takes all and keeps nothing."""

    def put(self, key: str, value: str, *, ttl: timedelta) -> None:
        pass

    def find(self, key: str) -> None:
        return None


def proof_of_work(house: House, ephemeral: Ephemeral) -> ProofOfWork:
    return ProofOfWork(
        vault=house.vault,
        ephemeral=ephemeral,
        clock=house.clock,
        randomness=house.randomness,
        puzzles=PlainPuzzles(),
        ticket_every=EVERY,
        hardest_puzzle=HARDEST_PUZZLE,
    )


@dataclass
class Desk:
    house: House
    work: ProofOfWork = field(init=False)

    def __post_init__(self) -> None:
        self.work = proof_of_work(self.house, self.house.database.ephemeral(self.house.clock))

    def hold(
        self,
        difficulty: int = 0,
        *,
        lane: EverybodysKey | None = None,
        done: int = 0,
        **who: str,
    ) -> HeldForm:
        who_comes = visitor(work=WorkDone(done), **who)
        return self.work.hold(FIELDS, PAGE, who_comes, WorkNeeded(difficulty, lane=lane))

    def bring(self, held: HeldForm, *, solved: bool = True, page: str = PAGE, **who: str) -> object:
        solution = ""
        if solved and held.puzzle:
            solution = f"solved {json.loads(held.puzzle)['of']}"
        return self.work.release(held.sealed, solution, page, visitor(**who))


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


@pytest.fixture
def strict(migrated_sqlite_url: str) -> Iterator[House]:
    """A house that asks for work."""
    built = House(migrated_sqlite_url, asks_for_work=True)
    built.add_account()
    yield built
    built.database.close()


@pytest.mark.parametrize("difficulty", [0, 3])
def test_a_solved_form_comes_back_as_it_was_with_the_work_that_was_done(desk, difficulty):
    held = desk.hold(difficulty)
    assert desk.bring(held) == Released(FIELDS, WorkDone.of(difficulty))


def test_a_puzzle_is_as_hard_as_is_asked(desk):
    assert json.loads(desk.hold(3).puzzle)["difficulty"] == 3


def test_a_solution_is_burned_once(desk):
    held = desk.hold()
    desk.bring(held)
    assert desk.bring(held) is None


def test_a_form_that_was_given_back_is_known_as_such(desk):
    held = desk.hold()
    before = desk.work.was_released(held.sealed, PAGE, visitor())
    desk.bring(held)
    assert (before, desk.work.was_released(held.sealed, PAGE, visitor())) == (False, True)


def test_what_is_no_held_form_was_never_given_back(desk):
    assert not desk.work.was_released("anything", PAGE, visitor())


def test_a_form_without_solution_is_held_on(desk):
    held = desk.hold()
    desk.house.later(seconds=4)
    again = desk.bring(held, solved=False)
    assert isinstance(again, HeldForm)
    assert again.wait == timedelta(seconds=6)


def test_when_its_ticket_has_matured_a_form_needs_no_solution(desk):
    held = desk.hold()
    desk.house.clock.move(held.wait)
    assert desk.bring(held, solved=False) == Released(FIELDS, WorkDone(1, has_waited=True))


def test_a_waited_form_comes_back_once(desk):
    held = desk.hold()
    desk.house.clock.move(held.wait)
    desk.bring(held, solved=False)
    assert desk.bring(held, solved=False) is None


def test_tickets_of_one_network_mature_one_after_the_other(desk):
    waits = [int(desk.hold().wait.total_seconds()) for _ in range(5)]
    assert waits == [10, 20, 30, 40, 50]


def test_another_network_does_not_lengthen_the_wait(desk):
    for _ in range(9):
        desk.hold(address="9.9.9.9")
    assert desk.hold().wait == EVERY


def test_what_is_no_address_shares_no_queue(desk):
    assert {desk.hold(address="").wait for _ in range(5)} == {EVERY}


def test_who_waits_behind_many_can_still_send_the_form(desk):
    last = [desk.hold() for _ in range(90)][-1]
    desk.house.clock.move(last.wait)
    assert isinstance(desk.bring(last, solved=False), Released)


def test_whoever_computes_leaves_the_queue_to_those_behind(desk):
    for _ in range(20):
        desk.bring(desk.hold())
    assert desk.hold().wait == EVERY


def test_a_place_is_left_once(desk):
    for _ in range(5):
        desk.hold()
    held = desk.hold()
    for _ in range(4):
        desk.bring(held)
        desk.work.give_back(held.sealed, PAGE, visitor())
    assert desk.hold().wait == 6 * EVERY


def test_a_place_that_was_served_is_left_to_nobody(desk):
    held, behind = desk.hold(), [desk.hold() for _ in range(3)]
    desk.house.clock.move(held.wait)
    desk.bring(held)
    assert desk.hold().wait == behind[-1].wait


# Work of several puzzles: the price of a turn


def test_harder_work_comes_in_several_puzzles(desk):
    held = desk.hold(9)
    assert json.loads(held.puzzle)["difficulty"] == HARDEST_PUZZLE
    assert desk.bring(held) == Released(FIELDS, WorkDone(64))


def test_what_was_done_is_taken_off_and_added(desk):
    held = desk.hold(9, done=448)
    assert held.work == timedelta(seconds=64)
    assert desk.bring(held) == Released(FIELDS, WorkDone(512))


def test_a_last_puzzle_is_no_harder_than_what_is_left(desk):
    assert json.loads(desk.hold(9, done=505).puzzle)["difficulty"] == 3


def test_a_ticket_of_a_lane_waits_as_long_as_the_work_and_is_worth_it(desk):
    held = desk.hold(9, lane=LANE)
    later = desk.hold(9, lane=LANE)
    assert later.wait - held.wait == timedelta(seconds=512)
    desk.house.clock.move(later.wait)
    assert desk.bring(later, solved=False) == Released(FIELDS, WorkDone(512, has_waited=True))


def test_a_ticket_of_a_lane_matures_no_faster_than_others(desk):
    waits = [desk.hold(1, lane=LANE).wait for _ in range(2)]
    assert waits[1] - waits[0] == EVERY


def test_tickets_of_a_lane_make_nobody_of_the_network_wait_who_goes_elsewhere(desk):
    for _ in range(9):
        desk.hold(9, lane=LANE)
    assert desk.hold().wait == EVERY


def test_whoever_computes_leaves_the_lane_to_those_behind(desk):
    first = desk.hold(9, lane=LANE).wait
    for _ in range(9):
        desk.bring(desk.hold(9, lane=LANE))
    assert desk.hold(9, lane=LANE).wait == first + timedelta(seconds=512)


@pytest.mark.parametrize("changed", [{"browser": "browser-2"}, {"page": "/register/details"}])
def test_a_form_is_of_one_browser_and_page(desk, changed):
    assert desk.bring(desk.hold(), **changed) is None


def test_a_form_is_held_for_ten_minutes_after_its_ticket_has_matured(desk):
    held = desk.hold()
    desk.house.clock.move(held.wait + HELD_LIFE)
    assert desk.bring(held) is None


def test_what_is_no_held_form_is_nothing(desk):
    assert desk.work.release("anything", "", PAGE, visitor()) is None


def test_a_form_of_which_nothing_came_can_be_sent_again(desk):
    held = desk.hold()
    desk.bring(held)
    desk.work.give_back(held.sealed, PAGE, visitor())
    assert isinstance(desk.bring(held), Released)


def test_giving_back_what_was_never_held_changes_nothing(desk):
    desk.work.give_back("anything", PAGE, visitor())


def test_a_form_that_waits_for_its_turn_has_nothing_to_compute(desk):
    held = desk.work.hold_for_turn(FIELDS, PAGE, visitor(), EVERY)
    assert (held.puzzle, held.wait) == (None, EVERY)
    assert isinstance(desk.work.release(held.sealed, "solved", PAGE, visitor()), HeldForm)


def test_in_its_turn_the_form_comes_back(desk):
    held = desk.work.hold_for_turn(FIELDS, PAGE, visitor(), EVERY)
    desk.house.clock.move(EVERY)
    assert desk.bring(held) == Released(FIELDS, HAD_TURN)


def try_anywhere(house: House) -> bool:
    """Count a try for the rush; tell whether the rush is on."""
    return house.rush.is_on(house.ephemeral.together(house.rush.steps()))


def test_in_a_rush_over_all_networks_everybody_works(strict):
    assert not any(try_anywhere(strict) for _ in range(10 * RUSH))
    with pytest.raises(WorkNeeded):
        strict.sign_in.with_password(USER, PASSWORD, attempt())


def test_in_a_rush_who_has_worked_signs_in(strict):
    for _ in range(10 * RUSH):
        try_anywhere(strict)
    entered = strict.sign_in.with_password(USER, PASSWORD, attempt(work=WorkDone.of(0)))
    assert isinstance(entered, CodeNeeded)


def test_a_rush_is_over_ten_seconds_later(strict):
    for _ in range(10 * RUSH + 1):
        try_anywhere(strict)
    strict.later(seconds=10)
    assert not try_anywhere(strict)


def test_what_the_last_hour_was_used_to_is_no_rush(strict):
    for _ in range(720):  # a fifth of a try in each second
        try_anywhere(strict)
    strict.later(hours=1)
    assert not any(try_anywhere(strict) for _ in range(10 * RUSH + 2))
    assert try_anywhere(strict)


def test_without_the_setting_nobody_works(house):
    for number in range(90):
        house.sign_in.with_password(f"{number:010}", f"x{number}", attempt())
    for number in range(30):
        house.sign_in.with_password(USER, f"x{number}", attempt())
    assert isinstance(house.sign_in.with_password(USER, PASSWORD, attempt()), CodeNeeded)


# The page of a held form is loaded again.


def test_a_kept_form_is_found_by_its_name_with_a_fresh_puzzle(desk):
    held = desk.hold()
    found = desk.work.look(desk.work.keep(held), PAGE, visitor())
    assert (found.sealed, found.wait) == (held.sealed, held.wait)
    assert desk.bring(found).fields == FIELDS


def test_a_form_has_one_name_however_often_it_is_kept(desk):
    held = desk.hold()
    assert desk.work.keep(held) == desk.work.keep(held)


def test_a_form_that_was_given_back_is_not_shown_again(desk):
    held = desk.hold()
    name = desk.work.keep(held)
    desk.bring(held)
    assert desk.work.look(name, PAGE, visitor()) is None


@pytest.mark.parametrize("who", [{"browser": "another"}, {}])
def test_a_kept_form_is_shown_to_its_browser_on_its_page_alone(desk, who):
    name = desk.work.keep(desk.hold())
    page = PAGE if who else "/register"
    assert desk.work.look(name, page, visitor(**who)) is None


def test_a_name_of_nothing_finds_nothing(desk):
    assert desk.work.look("nothing", PAGE, visitor()) is None


def test_a_kept_form_is_forgotten_ten_minutes_after_its_wait(desk):
    held = desk.hold()
    name = desk.work.keep(held)
    desk.house.clock.move(held.wait + HELD_LIFE)
    assert desk.work.look(name, PAGE, visitor()) is None


def test_where_nothing_can_be_kept_a_form_has_no_name(desk):
    assert proof_of_work(desk.house, Away()).keep(desk.hold()) is None
