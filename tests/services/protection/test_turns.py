"""Turns at a flooded account: work decides, nobody is refused."""

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from idp.domain.protection.rate_limits import NO_WORK, EverybodysKey, TurnPrice, WorkDone
from idp.ports import Ephemeral
from idp.services.protection import turns as module
from idp.services.protection.shared_marks import WorkNeeded
from idp.services.protection.turns import FirstOfNetwork, TurnNeeded, Turns
from idp.store.database import Database
from tests.fakes import FixedClock, PlainVault

PRICE = TurnPrice(base=4, hardest=9, doubles_every=timedelta(minutes=1))
DEAREST = WorkDone.of(9)
LONGEST = 300
"""Turns, by seconds, that are sold ahead of time: then the price is the highest."""
FIRST_EVERY = timedelta(minutes=15)
ID = EverybodysKey.of_typed_id("0000000000")


def network(number: int = 0) -> EverybodysKey | None:
    return EverybodysKey.of_network(f"5.1.{number // 250}.{number % 250 + 1}")


@dataclass
class Gate:
    """The turns of one ID, and their clock."""

    turns: Turns
    clock: FixedClock
    firsts: FirstOfNetwork
    ephemeral: Ephemeral

    def ask(self, done: WorkDone = NO_WORK, of: int = 0) -> int | timedelta | None:
        """Return the price that is asked, or the wait; None where it is the turn."""
        try:
            self.turns.take(ID, network(of), done)
        except WorkNeeded as needed:
            return needed.difficulty
        except TurnNeeded as needed:
            return needed.wait
        return None

    def had_first(self) -> None:
        """Let the network, 0, have had its first."""
        self.firsts.take(ID, network(), WorkDone.of(4), 4)

    def sell(self, count: int) -> None:
        """Let so many of one network, 99, have their turn at any price."""
        for _ in range(count):
            self.ask(DEAREST, of=99)


class Faster:
    """What may vanish, where somebody else is always a moment faster."""

    def __init__(self, real: Ephemeral) -> None:
        self._real = real

    def add(self, key: str, *, ttl: timedelta) -> bool:
        return self._real.add(key, ttl=ttl) and False

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)


@pytest.fixture
def make(migrated_sqlite_url: str) -> Iterator[object]:
    clock, vault = FixedClock(), PlainVault()
    database = Database(migrated_sqlite_url, vault, pool_size=2)
    ephemeral = database.ephemeral(clock)

    def gate(price: TurnPrice | None = PRICE, seen=lambda ephemeral: ephemeral) -> Gate:
        firsts = FirstOfNetwork(FIRST_EVERY, PRICE, seen(ephemeral), clock, vault)
        return Gate(Turns(price, firsts, ephemeral, clock, vault), clock, firsts, ephemeral)

    yield gate
    database.close()


@pytest.fixture
def gate(make) -> Gate:
    return make()


def test_a_quiet_account_costs_the_base(gate):
    assert (gate.ask(), gate.ask(WorkDone.of(4))) == (4, None)


def test_the_price_doubles_with_every_minute_of_turns_that_were_sold(gate):
    gate.had_first()
    prices = []
    for _ in range(3):
        gate.sell(60)
        prices.append(gate.ask(WorkDone.of(4)))
    assert prices == [5, 6, 7]


def test_whoever_pays_the_price_waits_for_nothing(gate):
    gate.sell(118)
    assert gate.ask(WorkDone.of(5)) is None


def test_a_second_later_a_turn_is_free_again(gate):
    gate.had_first()
    gate.sell(60)
    before = gate.ask(WorkDone.of(4))
    gate.clock.move(timedelta(seconds=2))
    assert (before, gate.ask(WorkDone.of(4))) == (5, None)


def test_to_ask_for_the_price_takes_no_turn(gate):
    for number in range(300):
        gate.ask(of=number)
    assert gate.ask() == 4


def test_the_first_of_a_network_pays_the_base(gate):
    gate.sell(200)
    assert (gate.ask(), gate.ask(WorkDone.of(4))) == (4, None)


def test_the_second_of_a_network_pays_the_price(gate):
    gate.sell(120)
    gate.ask(WorkDone.of(4))
    assert gate.ask(WorkDone.of(4)) == 6


def test_a_quarter_of_an_hour_later_a_network_has_a_first_again(gate):
    gate.had_first()
    gate.clock.move(FIRST_EVERY)
    gate.sell(120)
    assert gate.ask(WorkDone.of(4)) is None


def test_whoever_pays_the_price_leaves_the_network_its_first(gate):
    gate.sell(120)
    gate.ask(DEAREST)
    assert gate.ask(WorkDone.of(4)) is None


def test_given_back_a_first_is_the_next_ones(gate):
    gate.sell(120)
    gate.ask(WorkDone.of(4))
    gate.ephemeral.together(gate.turns.steps_back(ID, network()))
    assert gate.ask(WorkDone.of(4)) is None


def test_firsts_of_many_networks_pay_more_too(gate):
    gate.sell(LONGEST)
    for number in range(100, 130):
        gate.ask(WorkDone.of(4), of=number)
    assert gate.ask(WorkDone.of(4), of=131) == 5


def test_of_two_who_would_be_the_first_one_is(make):
    gate = make(seen=Faster)
    gate.sell(120)
    assert gate.ask(WorkDone.of(4)) == 6


def test_where_the_price_may_rise_no_more_whoever_pays_it_waits(gate):
    gate.sell(LONGEST + 1)
    waits = [gate.ask(DEAREST, of=99) for _ in range(3)]
    assert waits == [timedelta(seconds=2), timedelta(seconds=3), timedelta(seconds=4)]


def test_however_many_come_nobody_is_refused(gate):
    gate.sell(1000)
    assert gate.ask(DEAREST, of=99) == timedelta(seconds=701)


def test_however_many_of_another_network_wait_the_first_of_a_network_does_not(gate):
    gate.sell(1000)
    assert gate.ask(WorkDone.of(4)) is None


def test_without_a_price_all_wait(make):
    gate = make(price=None)
    assert [gate.ask() for _ in range(3)] == [None, timedelta(seconds=2), timedelta(seconds=3)]


def test_who_has_no_address_takes_turns_too(gate):
    gate.turns.take(ID, None, WorkDone.of(4))
    with pytest.raises(WorkNeeded):
        gate.turns.take(ID, None, NO_WORK)


def test_the_module_of_turns_can_raise_nothing_but_work_and_a_wait():
    tree = ast.parse(inspect.getsource(module))
    raised = [node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise)]
    assert {ast.unparse(one).partition("(")[0] for one in raised if one} == {
        "WorkNeeded",
        "TurnNeeded",
    }
