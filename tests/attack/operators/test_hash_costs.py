"""The cost of hashes is raised: the time of a try tells nobody which are older (E11)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from statistics import median
from time import process_time

import pytest

from idp.adapters.host_semaphore import HostSemaphore
from idp.adapters.password_hashing import Argon2Hashing
from idp.adapters.stored_costs import FRESH_SECONDS, StoredCosts
from idp.ports import HashCosts
from idp.store.account.hash_costs import cost_of
from idp.store.database import Database
from tests import factories
from tests.fakes import PlainVault

PASSWORD = "Salam#1234"
OLD, NEW, OLDEST = (2048, 2), (8192, 3), (1024, 1)
COSTS = HashCosts(*2 * [frozenset(f"m={memory},t={passes},p=1" for memory, passes in (OLD, NEW))])

EACH = ["m=2048,t=2,p=1", "m=8192,t=3,p=1"]


def argon2(folder, cost, stored=HashCosts):
    slots = HostSemaphore(folder=folder, count=1, queue=1, wait=timedelta(seconds=5))
    memory_kib, time_cost = cost
    return Argon2Hashing(
        [("p1", b"p" * 32)],
        slots,
        memory_kib=memory_kib,
        time_cost=time_cost,
        stored_costs=stored,
    )


class CountedHasher:
    """Counts what each verification costs."""

    def __init__(self, inner, seen):
        self._inner, self._seen = inner, seen

    def verify(self, encoded, secret):
        self._seen.append(cost_of(encoded))
        return self._inner.verify(encoded, secret)


@pytest.fixture
def spent(tmp_path):
    """Return what a try of a password, and of an answer, computes, in its order."""

    def count(hashed, typed="wrong"):
        made, seen = argon2(tmp_path, NEW, lambda: COSTS), []
        made._hasher = CountedHasher(made._hasher, seen)
        made.verify(typed, hashed)
        made.verify_answer(typed, hashed)
        return seen

    return count


@pytest.fixture
def kinds(tmp_path):
    """Hashes of every kind: nobody's, old, new, unreadable."""
    return {
        "nobody": None,
        "old": argon2(tmp_path, OLD).hash(PASSWORD),
        "new": argon2(tmp_path, NEW).hash(PASSWORD),
        "of an unknown pepper": argon2(tmp_path, OLD).hash(PASSWORD).replace("p1:", "p0:"),
        "unreadable": "p1:what?",
        "erased": "",
    }


def test_attack_E11_a_try_computes_one_hash_of_each_cost_whosever_it_is(spent, kinds):
    for hashed in kinds.values():
        assert spent(hashed) == 2 * EACH


@pytest.mark.parametrize("typed", [PASSWORD, "x" * 2000, ""])
def test_attack_E11_what_is_typed_changes_nothing(spent, kinds, typed):
    for hashed in kinds.values():
        assert spent(hashed, typed) == 2 * EACH


def test_attack_E11_a_hash_that_costs_what_no_other_does_is_verified_all_the_same(tmp_path):
    hashed = argon2(tmp_path, OLDEST).hash(PASSWORD)
    made = argon2(tmp_path, NEW, lambda: COSTS)

    assert (made.verify(PASSWORD, hashed), made.verify("x", hashed)) == (True, False)


def test_attack_E11_old_and_new_hashes_are_right_with_their_own_password_alone(tmp_path, kinds):
    made = argon2(tmp_path, NEW, lambda: COSTS)

    right = {kind: made.verify(PASSWORD, hashed) for kind, hashed in kinds.items()}

    assert [kind for kind, is_right in right.items() if is_right] == ["old", "new"]


def test_attack_E11_the_processor_spends_the_same_on_everybody(tmp_path, kinds):
    made = argon2(tmp_path, NEW, lambda: COSTS)
    times: dict[str, list[float]] = {kind: [] for kind in kinds}
    for _ in range(15):
        for kind, hashed in kinds.items():
            begun = process_time()
            made.verify("wrong", hashed)
            times[kind].append(process_time() - begun)
    medians = [median(spent) for spent in times.values()]
    assert max(medians) < 1.5 * min(medians)  # 1 to 12 without the guard


@pytest.fixture
def database(migrated_url) -> Iterator[Database]:
    opened = Database(migrated_url, PlainVault())
    yield opened
    opened.close()


def account(number, password_hash, answer_hash):
    base = factories.account()
    credentials = replace(base.credentials, password_hash=password_hash, answer_hash=answer_hash)
    national_id = replace(base.national_id, value=f"000000000{number}")
    return replace(base, id=f"account-{number}", national_id=national_id, credentials=credentials)


def test_attack_E11_the_costs_in_use_are_those_of_the_accounts(database, tmp_path):
    old, new, oldest = (argon2(tmp_path, cost).hash(PASSWORD) for cost in (OLD, NEW, OLDEST))
    with database.begin() as work:
        for number, hashes in enumerate([(old, old), (new, old), (new, oldest), ("?", "")]):
            assert work.accounts.add(account(number, *hashes))

    assert database.hash_costs() == HashCosts(
        of_passwords=frozenset({"m=2048,t=2,p=1", "m=8192,t=3,p=1"}),
        of_answers=frozenset({"m=2048,t=2,p=1", "m=1024,t=1,p=1"}),
    )


def test_attack_E11_a_cost_that_nobody_has_any_more_is_paid_no_more(database, tmp_path):
    old, new = (argon2(tmp_path, cost).hash(PASSWORD) for cost in (OLD, NEW))
    with database.begin() as work:
        work.accounts.add(account(1, old, new))
        work.accounts.save(account(1, new, new))

    assert database.hash_costs().of_passwords == frozenset({"m=8192,t=3,p=1"})


def test_attack_E11_the_costs_are_asked_for_once_a_minute():
    asked, now = [], [0.0]
    costs = StoredCosts(lambda: asked.append(now[0]) or COSTS, lambda: now[0])
    for at in (0.0, FRESH_SECONDS - 1, FRESH_SECONDS):
        now[0] = at
        assert costs() is COSTS
    assert asked == [0.0, FRESH_SECONDS]
