"""What the owner alone can cause may be refused, and says until when (laws 1 and 2)."""

from datetime import timedelta

import pytest

from idp.domain.protection.rate_limits import Limit, OwnersKey
from idp.ports import Backoff
from idp.services.protection.owners_counters import OwnersCounter, OwnersTries, TooMany
from tests import factories
from tests.fakes import PlainVault

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OWNER, OTHER = OwnersKey.of_client("client-1"), OwnersKey.of_client("client-2")


@pytest.fixture
def counter(clock) -> OwnersCounter:
    return OwnersCounter("code", (Limit(2, HOUR), Limit(3, DAY)), clock, PlainVault())


@pytest.fixture
def tries(clock) -> OwnersTries:
    backoff = Backoff(free=2, first=MINUTE, longest=HOUR, memory=DAY)
    return OwnersTries("password", backoff, clock, PlainVault())


def take(database, counter, key=OWNER):
    with database.begin() as work:
        return counter.take(work, key)


def test_so_many_are_allowed_and_the_next_is_told_when(database, counter, clock):
    allowed = [take(database, counter).allowed for _ in range(2)]
    clock.move(MINUTE)
    refused = take(database, counter)
    assert (allowed, refused.allowed, refused.retry_after) == ([True, True], False, 59 * MINUTE)


def test_a_refused_action_is_not_counted(database, counter, clock):
    for _ in range(9):
        take(database, counter)
    clock.move(HOUR)
    assert take(database, counter).allowed


def test_of_several_limits_the_longest_wait_is_told(database, counter, clock):
    for _ in range(2):
        take(database, counter)
    clock.move(HOUR)
    for _ in range(3):
        last = take(database, counter)
    assert (last.allowed, last.retry_after) == (False, 23 * HOUR)


def test_what_did_not_happen_is_given_back(database, counter):
    for _ in range(9):
        take(database, counter)
        with database.begin() as work:
            counter.give_back(work, OWNER)
    assert take(database, counter).allowed


def test_owners_are_counted_apart(database, counter):
    for _ in range(3):
        take(database, counter)
    assert take(database, counter, OTHER).allowed


def test_required_it_refuses_with_its_time(database, counter):
    for _ in range(2):
        with database.begin() as work:
            counter.require(work, OWNER)
    with database.begin() as work, pytest.raises(TooMany) as refusal:
        counter.require(work, OWNER)
    assert refusal.value.retry_after == HOUR


def try_once(database, tries):
    with database.begin() as work:
        tries.take(work, OWNER)


def test_some_tries_are_free_and_then_a_wait_runs(database, tries, clock):
    try_once(database, tries)
    try_once(database, tries)
    with pytest.raises(TooMany) as refusal:
        try_once(database, tries)
    clock.move(MINUTE)
    try_once(database, tries)
    assert refusal.value.retry_after == MINUTE


def test_a_right_one_forgets_the_tries(database, tries):
    try_once(database, tries)
    try_once(database, tries)
    with database.begin() as work:
        work.counters.settle(tries.settlement(OWNER))
    try_once(database, tries)


def test_kinds_of_owners_never_meet_in_one_key():
    of_account = OwnersKey.of_account(factories.account(account_id="x"))
    of_pair = OwnersKey.of_registrant(factories.NATIONAL_ID, factories.MOBILE)
    others = (OwnersKey.of_client("x"), OwnersKey.of_desk("x"), OwnersKey.of_invitation("x"))
    assert len({of_account, of_pair, *others}) == 5
