"""How often a password may be tried: by its owner on a known device, and by anybody elsewhere."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from idp.domain.protection.rate_limits import HAD_TURN, WAITED, EverybodysKey, OwnersKey, WorkDone
from idp.ports import DatabaseUnavailable, Ephemeral, HashingBusy, HashLane
from idp.services.forms.repeated_forms import FormAnswer, FormRepeated, RepeatedForms
from idp.services.protection.owners_counters import TooMany
from idp.services.protection.password_tries import Guess
from idp.services.protection.shared_marks import LastingMark, LastingTally, WorkNeeded
from idp.services.protection.turns import TurnNeeded
from idp.services.sign_in.entering import Entered
from idp.services.sign_in.sign_in import CodeNeeded, Refused
from tests import factories
from tests.services.house import BY_ACCOUNT, PASSWORD, UNKNOWN, USER, House, attempt, enter

FREE = 10
"""On a known device."""


@pytest.fixture
def strict(migrated_sqlite_url):
    """A house that asks for work."""
    built = House(migrated_sqlite_url, asks_for_work=True)
    built.add_account()
    yield built
    built.database.close()


def guess(house, count, *, user=USER, address="9.9.{}.1", work=WAITED, first=0):
    """Wrong passwords, each another, from a network each."""
    for number in range(first, first + count):
        who = attempt(address=address.format(number), work=work)
        assert house.sign_in.with_password(user, f"Wrong{number}", who) is Refused.WRONG


# On a known device: the owner's own counter


def test_a_known_device_has_ten_tries_and_then_waits(house):
    device = enter(house).device
    for _ in range(FREE):
        house.sign_in.with_password(USER, "Wrong1234", attempt(device=device))
    with pytest.raises(TooMany) as refusal:
        house.sign_in.with_password(USER, PASSWORD, attempt(device=device))
    assert refusal.value.retry_after == timedelta(seconds=2)


def test_its_waits_double_up_to_a_quarter_of_an_hour(house):
    device, waits = enter(house).device, []
    for _ in range(FREE + 12):
        try:
            house.sign_in.with_password(USER, "Wrong1234", attempt(device=device))
        except TooMany as refusal:
            waits.append(refusal.retry_after.total_seconds())
            house.clock.move(refusal.retry_after)
            house.sign_in.with_password(USER, "Wrong1234", attempt(device=device))
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]


def test_a_right_password_forgets_the_failures_of_the_device(house):
    device = enter(house).device
    for _ in range(FREE - 1):
        house.sign_in.with_password(USER, "Wrong1234", attempt(device=device))
    device = house.sign_in.with_password(USER, PASSWORD, attempt(device=device)).device
    for _ in range(FREE):
        again = house.sign_in.with_password(USER, "Wrong1234", attempt(device=device))
        assert again is Refused.WRONG


def test_attack_SE12_what_strangers_do_to_an_account_never_meets_its_known_device(strict):
    device = enter(strict).device
    guess(strict, 120, work=HAD_TURN)
    guess(strict, 70, user="0000000000", address="5.1.1.1")
    again = strict.sign_in.with_password(USER, PASSWORD, attempt(device=device))
    assert isinstance(again, Entered)


def test_a_device_of_another_account_is_a_strangers(strict):
    device = enter(strict).device
    guess(strict, 4, user=UNKNOWN.value)
    with pytest.raises(WorkNeeded):
        strict.sign_in.with_password(UNKNOWN.value, PASSWORD, attempt(device=device))


def test_a_known_device_goes_before_all_others_to_its_hash(house):
    device = enter(house).device
    house.sign_in.with_password(USER, PASSWORD, attempt(device=device))
    house.sign_in.with_password(USER, PASSWORD, attempt(work=WAITED))
    house.sign_in.with_password(USER, PASSWORD, attempt())
    assert house.hashing.lanes[-3:] == [HashLane.OWNER, HashLane.WORKED, HashLane.REST]


def test_on_a_known_device_a_busy_machine_counts_no_try(house):
    device = enter(house).device
    house.hashing.busy = True
    for _ in range(FREE + 1):
        with pytest.raises(HashingBusy):
            house.sign_in.with_password(USER, PASSWORD, attempt(device=device))


# Elsewhere: marks, which ask for work


@pytest.mark.parametrize("user", [USER, UNKNOWN.value])
@pytest.mark.parametrize("last", [PASSWORD, "Wrong1234"])
def test_attack_E02_the_fifth_try_needs_work_for_known_and_unknown_right_and_wrong(
    strict, user, last
):
    guess(strict, 4, user=user)
    with pytest.raises(WorkNeeded) as needed:
        strict.sign_in.with_password(user, last, attempt())
    assert (needed.value.difficulty, len(strict.hashing.verified)) == (0, 4)


@pytest.mark.parametrize("user", [USER, UNKNOWN.value])
def test_with_every_ten_more_the_work_doubles(strict, user):
    guess(strict, 4, user=user)
    difficulties = []
    for number in range(6):
        with pytest.raises(WorkNeeded) as needed:
            strict.sign_in.with_password(user, "Wrong1234", attempt())
        difficulties.append(needed.value.difficulty)
        guess(strict, 10, user=user, first=10 * (number + 1))
    assert difficulties == [0, 1, 2, 3, 4, 4]


def test_who_has_done_the_work_signs_in(strict):
    guess(strict, 20)
    entered = strict.sign_in.with_password(USER, PASSWORD, attempt(work=WorkDone.of(1)))
    assert isinstance(entered, CodeNeeded)


def test_a_try_that_waits_for_its_work_is_not_counted(strict):
    guess(strict, 4)
    for _ in range(30):
        with pytest.raises(WorkNeeded) as needed:
            strict.sign_in.with_password(USER, "Wrong1234", attempt())
    assert needed.value.difficulty == 0


def test_right_passwords_are_never_counted(strict):
    for _ in range(70):
        right = strict.sign_in.with_password(USER, PASSWORD, attempt())
        assert isinstance(right, CodeNeeded)


def test_a_day_later_an_account_is_as_new(strict):
    guess(strict, 30)
    strict.later(days=1)
    assert isinstance(strict.sign_in.with_password(USER, PASSWORD, attempt()), CodeNeeded)


def test_a_busy_machine_counts_no_try(strict):
    strict.hashing.busy = True
    for _ in range(9):
        with pytest.raises(HashingBusy):
            strict.sign_in.with_password(USER, PASSWORD, attempt())


@pytest.mark.parametrize("user", [USER, UNKNOWN.value])
def test_from_the_sixtieth_wrong_one_of_a_network_work_is_asked_of_all_alike(strict, user):
    for number in range(59):
        strict.sign_in.with_password(f"{number:010}", f"x{number}", attempt())
    with pytest.raises(WorkNeeded):
        strict.sign_in.with_password(user, PASSWORD, attempt())


def test_another_network_goes_on_without_work(strict):
    for number in range(59):
        strict.sign_in.with_password(f"{number:010}", f"x{number}", attempt())
    other = strict.sign_in.with_password(USER, PASSWORD, attempt(address="9.9.9.9"))
    assert isinstance(other, CodeNeeded)


def test_the_harder_of_two_marks_is_what_is_asked(strict):
    guess(strict, 30)
    for number in range(59):
        strict.sign_in.with_password(f"{number:010}", f"x{number}", attempt())
    with pytest.raises(WorkNeeded) as needed:
        strict.sign_in.with_password(USER, PASSWORD, attempt())
    assert needed.value.difficulty == 2


def test_what_one_mark_refuses_the_other_does_not_count(strict):
    guess(strict, 4)
    for _ in range(70):
        with pytest.raises(WorkNeeded):
            strict.sign_in.with_password(USER, "Wrong1234", attempt())
    other = strict.sign_in.with_password(UNKNOWN.value, "Wrong1234", attempt())
    assert other is Refused.WRONG


@pytest.mark.parametrize(
    "typed",
    [
        "۹۹۹۴۸۶۳۱۷۷",
        "٩٩٩٤٨٦٣١٧٧",
        "999-4863177",
        " 9994863177",
        "9994863177" + " " * 1100,
        " " * 1100 + "9994863177",
    ],
)
def test_attack_SE11_every_spelling_that_finds_the_account_counts_at_it(strict, typed):
    right = strict.sign_in.with_password(typed, PASSWORD, attempt())
    guess(strict, 4, user=typed)
    with pytest.raises(WorkNeeded):
        strict.sign_in.with_password(USER, "Wrong1234", attempt())
    assert isinstance(right, CodeNeeded)


@pytest.mark.parametrize("number", range(3))
def test_attack_SE11_no_end_of_a_long_text_makes_another_counter_of_the_account(strict, number):
    typed = "9994863177" + " " * 1014 + f"x{number}"
    assert strict.sign_in.with_password(typed, PASSWORD, attempt()) is Refused.WRONG


def test_attack_SE10_parallel_tries_verify_no_more_than_the_mark(migrated_url):
    house = House(migrated_url, asks_for_work=True)
    house.add_account()

    def once(number: int) -> str:
        try:
            house.sign_in.with_password(USER, f"Wrong{number}xyz", attempt())
        except WorkNeeded:
            return "asked"
        return "verified"

    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(once, range(100)))
    house.database.close()
    assert results.count("verified") <= 4


# From the hundredth wrong one a day: turns, whose price is test_turns.py's


@pytest.mark.parametrize("user", [USER, UNKNOWN.value])
def test_past_a_hundred_a_turn_has_a_price_for_known_and_unknown_alike(strict, user):
    guess(strict, 100, user=user)
    guess(strict, 61, user=user, work=WorkDone.of(10))
    strict.sign_in.with_password(user, "Wrong1234", attempt(work=WorkDone.of(4)))
    with pytest.raises(WorkNeeded) as needed:
        strict.sign_in.with_password(user, "Wrong1234", attempt(work=WorkDone.of(4)))
    assert needed.value.difficulty == 5


def test_whose_turn_it_is_signs_in(strict):
    guess(strict, 100)
    entered = strict.sign_in.with_password(USER, PASSWORD, attempt(work=HAD_TURN))
    assert isinstance(entered, CodeNeeded)


def test_whoever_pays_the_price_signs_in_at_once(strict):
    guess(strict, 100)
    guess(strict, 200, work=WorkDone.of(10))
    entered = strict.sign_in.with_password(USER, PASSWORD, attempt(work=WorkDone.of(8)))
    assert isinstance(entered, CodeNeeded)


def test_without_work_there_is_no_turn(strict):
    guess(strict, 100)
    with pytest.raises(WorkNeeded):
        strict.sign_in.with_password(USER, PASSWORD, attempt())


def test_a_try_that_waits_for_its_turn_is_not_counted(strict):
    guess(strict, 100)
    for number in range(20):
        who = attempt(address=f"8.8.{number}.8", work=WAITED)
        with pytest.raises(WorkNeeded):
            strict.sign_in.with_password(USER, "Wrong1234", who)
    assert strict.by_account.ask(EverybodysKey.of_typed_id(USER), WAITED) == 101


def test_a_right_password_leaves_its_network_the_first_place(strict):
    guess(strict, 100)
    guess(strict, 61, work=WorkDone.of(10))
    for _ in range(3):
        who = attempt(work=WorkDone.of(4))
        assert isinstance(strict.sign_in.with_password(USER, PASSWORD, who), CodeNeeded)


def test_a_busy_machine_leaves_a_network_its_first_place(strict):
    guess(strict, 100)
    guess(strict, 61, work=WorkDone.of(10))
    strict.hashing.busy = True
    with pytest.raises(HashingBusy):
        strict.sign_in.with_password(USER, PASSWORD, attempt(work=WorkDone.of(4)))
    strict.hashing.busy = False
    entered = strict.sign_in.with_password(USER, PASSWORD, attempt(work=WorkDone.of(4)))
    assert isinstance(entered, CodeNeeded)


def test_without_the_proof_of_work_turns_are_left(house):
    guess(house, 100, work=WorkDone())
    waits = []
    for _ in range(3):
        try:
            house.sign_in.with_password(USER, "Wrong1234", attempt())
        except TurnNeeded as turn:
            waits.append(turn.wait)
    assert waits == [timedelta(seconds=2), timedelta(seconds=3)]


class Asked:
    """What may vanish, and how often it was asked."""

    def __init__(self, real: Ephemeral) -> None:
        self._real = real
        self.times = 0

    def __getattr__(self, name: str) -> object:
        self.times += 1
        return getattr(self._real, name)


@pytest.mark.parametrize(("password", "times"), [("Wrong1234", 1), (PASSWORD, 2)])
def test_a_try_takes_one_round_trip_and_a_right_one_another(strict, password, times):
    asked = Asked(strict.ephemeral)
    forms = RepeatedForms(strict.vault, asked, lambda _: None)
    sign_in = replace(strict.sign_in, tries=replace(strict.tries, forms=forms))
    sign_in.with_password(USER, password, attempt())
    assert asked.times == times


def test_a_form_that_comes_twice_is_one_try(strict):
    """With the first one's answer, and before anything is counted or hashed."""
    guess = Guess(USER, "Wrong1234", replace(attempt().visitor, form="form-1"))
    strict.tries.take(guess, None)
    strict.tries.forms.remember("form-1", FormAnswer(303, "/login", []))
    with pytest.raises(FormRepeated) as repeated:
        strict.tries.take(guess, None)
    assert repeated.value.answer.location == "/login"
    assert strict.by_account.count(EverybodysKey.of_typed_id(USER)) == 2
    assert strict.by_network.count(EverybodysKey.of_network(guess.visitor.address)) == 2


def test_a_form_that_comes_twice_is_one_try_of_its_owner(strict):
    device = OwnersKey.of_device(factories.known_device())
    guess = Guess(USER, "Wrong1234", replace(attempt().visitor, form="form-1"))
    strict.tries.take(guess, device)
    strict.tries.forms.remember("form-1", FormAnswer(303, "/login", []))
    with pytest.raises(FormRepeated):
        strict.tries.take(guess, device)


def test_a_right_try_is_given_back_with_the_answer_of_its_form(strict):
    forms, network = strict.tries.forms, EverybodysKey.of_network(attempt().visitor.address)
    guess = Guess(USER, PASSWORD, replace(attempt().visitor, form="form-1"))
    strict.tries.take(guess, None)
    forms.begin()
    strict.tries.settle_network(guess, None)
    forms.remember("form-1", FormAnswer(303, "/", []))
    assert strict.by_network.count(network) == 1


def test_without_the_database_no_network_counts_a_try(strict):
    def away(**_more: bool) -> None:
        raise DatabaseUnavailable

    tally = LastingTally(away, strict.clock)
    by_account = LastingMark("password", BY_ACCOUNT, tally, strict.vault)
    tries = replace(strict.tries, by_account=by_account)
    with pytest.raises(DatabaseUnavailable):
        replace(strict.sign_in, tries=tries).with_password(USER, PASSWORD, attempt())
    assert strict.by_network.count(EverybodysKey.of_network(attempt().visitor.address)) == 1
