"""By which network an address is counted, and when a mark asks for how much work."""

from datetime import timedelta

import pytest

from idp.domain.protection.addresses import parse_address
from idp.domain.protection.rate_limits import (
    HAD_TURN,
    NO_WORK,
    WAITED,
    EverybodysKey,
    Mark,
    TurnPrice,
    WorkDone,
    network_of,
)
from tests import factories

NO_ADDRESSES = ["", "5.1.1.1, 6.1.1.1", "unknown", "5.1.1.1:", "[5.1.1.1", "::1:x", "[]:1", "_h"]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("5.1.1.1", "5.1.1.1"),
        ("5.1.1.1:4711", "5.1.1.1"),
        (" 5.1.1.1 ", "5.1.1.1"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2:3::4]", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2:3::4]:4711", "2001:db8:1:2::/64"),
        ("[::ffff:5.1.1.1]:80", "5.1.1.1"),
        ("::ffff:5.1.1.1", "5.1.1.1"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_an_address_is_counted_by_its_network(address: str, network: str):
    assert network_of(address) == network


@pytest.mark.parametrize("text", NO_ADDRESSES)
def test_what_is_no_address_is_nobodys_network(text: str):
    assert (network_of(text), EverybodysKey.of_network(text)) == (None, None)


def test_a_long_text_is_no_address():
    assert parse_address("1" * 100_000) is None


def test_a_mark_doubles_the_work_up_to_the_hardest():
    mark = Mark(work_from=3, per=timedelta(hours=1), harder_every=2, hardest=2)
    asked = [mark.difficulty_at(count) for count in range(1, 11)]
    assert asked == [None, None, 0, 0, 1, 1, 2, 2, 2, 2]


@pytest.mark.parametrize("asked", [None, 0, 1, 9])
def test_a_matured_ticket_and_a_turn_are_enough_for_all(asked: int | None):
    assert WAITED.is_enough(asked)
    assert HAD_TURN.is_enough(asked)


@pytest.mark.parametrize(
    ("done", "asked", "enough"),
    [
        (NO_WORK, None, True),
        (NO_WORK, 0, False),
        (WorkDone.of(2), 3, True),
        (WorkDone.of(2), 4, False),
    ],
)
def test_work_is_measured_against_what_is_asked(done: WorkDone, asked: int | None, enough: bool):
    assert done.is_enough(asked) is enough


def test_a_turn_costs_twice_as_much_with_every_minute_of_the_queue_up_to_the_hardest():
    price = TurnPrice(base=4, hardest=6, doubles_every=timedelta(minutes=1))
    asked = [price.at(timedelta(seconds=length)) for length in (0, 59, 60, 119, 120, 180, 9999)]
    assert asked == [4, 4, 5, 5, 6, 6, 6]


def test_from_the_hardest_price_on_whoever_comes_waits():
    price = TurnPrice(base=4, hardest=6, doubles_every=timedelta(minutes=1))
    assert price.longest_by_price == timedelta(minutes=2)


@pytest.mark.parametrize(("done", "is_paid"), [(7, False), (8, True)])
def test_a_turn_is_paid_in_full(done: int, *, is_paid: bool):
    assert WorkDone(done).pays(3) is is_paid


def test_to_have_waited_for_another_queue_pays_no_turn():
    assert not WAITED.pays(0)


@pytest.mark.parametrize(
    ("done", "is_some"), [(NO_WORK, False), (WorkDone.of(0), True), (WAITED, True)]
)
def test_a_form_comes_with_some_work_or_none(done: WorkDone, *, is_some: bool):
    assert done.is_some is is_some


def test_keys_of_everybody_never_meet():
    keys = {
        EverybodysKey.of_network("5.1.1.1"),
        EverybodysKey.of_phone(factories.MOBILE),
        EverybodysKey.of_typed_id("5.1.1.1"),
    }
    assert len(keys) == 3


def test_spellings_of_an_id_are_one_key():
    assert EverybodysKey.of_typed_id("۰۱۲-۳") == EverybodysKey.of_typed_id("012-3")
