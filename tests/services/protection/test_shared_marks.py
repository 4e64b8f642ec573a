"""What everybody can cause asks for work past a mark, and never refuses (law 2)."""

import ast
import inspect
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.protection.rate_limits import (
    NO_WORK,
    WAITED,
    EverybodysKey,
    Mark,
    OwnersKey,
    WorkDone,
)
from idp.services.protection import shared_marks
from idp.services.protection.owners_counters import TooMany
from idp.services.protection.shared_marks import (
    LastingMark,
    LastingTally,
    NoTally,
    SharedMark,
    Tally,
    VanishingMark,
    VanishingTally,
    WorkNeeded,
)
from tests.fakes import PlainVault

HOUR = timedelta(hours=1)
MARK = Mark(work_from=3, per=HOUR, harder_every=2, hardest=3)
NETWORK = EverybodysKey.of_network("5.1.1.1")


class Fixed:
    """A tally that stands at one number."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.taken_back = 0

    def count(self, key: str, per: timedelta) -> int:
        return self.number

    def take_back(self, key: str) -> None:
        self.taken_back += 1


def mark(tally: Tally, **changes: bool) -> SharedMark:
    return SharedMark("test", MARK, tally, PlainVault(), **changes)


@pytest.fixture(params=["rows", "vanishing"])
def tally(request, database, clock) -> Tally:
    if request.param == "rows":
        return LastingTally(database.begin, clock)
    return VanishingTally(database.ephemeral(clock))


def asked(shared: SharedMark, done: WorkDone = NO_WORK) -> int | None:
    """The difficulty that an action is asked for; None when it goes by itself."""
    try:
        shared.ask(NETWORK, done)
    except WorkNeeded as needed:
        return needed.difficulty
    return None


def test_actions_below_the_mark_go_by_themselves_and_the_next_needs_work(tally):
    assert [asked(mark(tally)) for _ in range(3)] == [None, None, 0]


def test_an_action_that_was_not_done_is_not_counted(tally):
    shared = mark(tally)
    assert {asked(shared) for _ in range(20)} == {None, 0}


def test_work_gets_harder_with_the_actions_that_were_done(tally):
    shared = mark(tally)
    counts = [shared.ask(NETWORK, WAITED) for _ in range(4)]
    assert (counts, asked(shared)) == ([1, 2, 3, 4], 1)


def test_work_of_one_step_below_is_good_for_a_browser_that_began_before(tally):
    for _ in range(4):
        mark(tally).ask(NETWORK, WAITED)
    assert asked(mark(tally), WorkDone.of(0)) is None


def test_work_of_two_steps_below_is_asked_anew():
    assert asked(mark(Fixed(7)), WorkDone.of(0)) == 2


def test_what_is_taken_back_counts_no_more(tally):
    shared = mark(tally)
    for _ in range(10):
        shared.ask(NETWORK)
        shared.take_back(NETWORK)
    assert asked(shared) is None


def test_a_count_starts_again_after_its_time(tally, clock):
    for _ in range(9):
        mark(tally).ask(NETWORK, WAITED)
    clock.move(HOUR)
    assert asked(mark(tally)) is None


def test_keys_are_counted_apart(tally):
    for _ in range(9):
        mark(tally).ask(NETWORK, WAITED)
    assert mark(tally).ask(EverybodysKey.of_network("5.1.1.2")) == 1


def test_no_network_is_counted_nowhere(tally):
    shared = mark(tally)
    nobody = EverybodysKey.of_network("not an address")
    shared.take_back(nobody)
    assert [shared.ask(nobody) for _ in range(9)] == [0] * 9


def test_switched_off_it_counts_and_asks_for_nothing(tally):
    shared = mark(tally, asks_for_work=False)
    assert [shared.ask(NETWORK) for _ in range(5)] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(("counts", "counted"), [(True, [1, 2]), (False, [])])
def test_steps_count_an_action_with_others(database, clock, counts, counted):
    ephemeral = database.ephemeral(clock)
    tally = VanishingTally(ephemeral) if counts else NoTally()
    shared = VanishingMark("test", MARK, tally, PlainVault())
    assert list(ephemeral.together([*shared.steps(NETWORK), *shared.steps(NETWORK)])) == counted


@pytest.mark.parametrize("counts", [True, False])
def test_steps_back_uncount_an_action_with_others(database, clock, counts):
    ephemeral = database.ephemeral(clock)
    shared = VanishingMark(
        "test", MARK, VanishingTally(ephemeral) if counts else NoTally(), PlainVault()
    )
    for _ in range(10):
        shared.ask(NETWORK)
        ephemeral.together(shared.steps_back(NETWORK))
    assert asked(shared) is None


def test_no_network_has_no_steps(database, clock):
    shared = VanishingMark("test", MARK, VanishingTally(database.ephemeral(clock)), PlainVault())
    nobody = EverybodysKey.of_network("not an address")
    assert [*shared.steps(nobody), *shared.steps_back(nobody)] == []


def test_within_a_transaction_a_row_is_uncounted(database, clock):
    shared = LastingMark("test", MARK, LastingTally(database.begin, clock), PlainVault())
    for _ in range(10):
        shared.ask(NETWORK)
        with database.begin() as work:
            shared.take_back_within(work, NETWORK)
    assert asked(shared) is None


def test_where_nothing_is_counted_nothing_is_asked():
    shared = mark(NoTally())
    shared.take_back(NETWORK)
    assert [asked(shared) for _ in range(9)] == [None] * 9


@given(st.integers(0, 10**9), st.integers(0, 2**12))
def test_at_no_count_does_a_mark_do_anything_but_ask_for_work(count, seconds):
    tally = Fixed(count)
    difficulty = asked(mark(tally), WorkDone(seconds))
    assert (difficulty is not None) == bool(tally.taken_back)
    assert (difficulty or 0) <= MARK.hardest


@given(st.integers(0, 10**9))
def test_at_every_count_enough_work_is_let_through(count):
    assert asked(mark(Fixed(count)), WorkDone.of(MARK.hardest)) is None


def test_the_module_of_marks_can_raise_nothing_but_work():
    tree = ast.parse(inspect.getsource(shared_marks))
    raised = [node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise)]
    assert [ast.unparse(one) for one in raised if one] == ["WorkNeeded(difficulty)"]
    assert not issubclass(WorkNeeded, TooMany)


@pytest.mark.parametrize("method", ["ask", "take_back"])
def test_a_mark_takes_no_key_of_an_owner(method):
    annotation = inspect.signature(getattr(SharedMark, method)).parameters["key"].annotation
    assert annotation == EverybodysKey | None
    assert not issubclass(OwnersKey, EverybodysKey)
