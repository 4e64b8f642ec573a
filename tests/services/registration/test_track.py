"""Tracking a request: what is sent, counted and told, to whom."""

from contextlib import closing, suppress
from datetime import timedelta

import pytest

from idp.domain.registration.case_state import CaseState
from idp.domain.registration.tracking_number import TrackingNumber
from idp.domain.sign_in.one_time_code import CodePurpose, CodeTry
from idp.services.messages.one_time_codes import CodeFor
from idp.services.protection.shared_marks import WorkNeeded
from idp.services.registration.track import TRACKING_LIFE, Track, Tracked
from tests import factories
from tests.codes import WORK_BY_TYPED
from tests.services.house import House, visitor

NUMBER = TrackingNumber(factories.case().tracking_number)
RIGHT = Tracked(NUMBER, factories.MOBILE)
OTHER_PHONE = Tracked(NUMBER, factories.OTHER_MOBILE)
OTHER_NUMBER = Tracked(TrackingNumber("1000000013"), factories.MOBILE)
WRONG_PAIRS = pytest.mark.parametrize("pair", [OTHER_PHONE, OTHER_NUMBER], ids=["phone", "number"])


def track_of(house: House) -> Track:
    with house.begin() as work:
        assert work.cases.add(factories.case())
    return Track(kernel=house.kernel, codes=house.codes)


@pytest.fixture
def track(house):
    return track_of(house)


def decide(house: House, state: CaseState) -> None:
    with house.begin() as work:
        case = work.cases.find(factories.case().id)
        work.cases.save(case.decided(state, (), at=house.clock()).erased())


def case_seen(track: Track, pair: Tracked = RIGHT, browser: str = "browser-1"):
    return track.standing(pair, browser).case


def proven(house: House, track: Track) -> None:
    track.start(RIGHT, visitor())
    assert track.prove(RIGHT, "browser-1", house.code()) is CodeTry.RIGHT


def test_the_phone_of_the_case_gets_a_code_that_shows_the_case(house, track):
    proven(house, track)

    assert case_seen(track).id == factories.case().id


@pytest.mark.parametrize("state", [CaseState.MISMATCH, CaseState.ACTIVATED, CaseState.DUPLICATE])
def test_a_case_whose_data_are_erased_is_still_found(house, track, state):
    decide(house, state)
    proven(house, track)

    assert case_seen(track).state is state


def test_before_the_code_nothing_is_shown(track):
    track.start(RIGHT, visitor())

    assert case_seen(track) is None


def test_a_wrong_code_shows_nothing(house, track):
    track.start(RIGHT, visitor())
    wrong = f"{(int(house.code()) + 1) % 10**6:06}"

    assert track.prove(RIGHT, "browser-1", wrong) is CodeTry.WRONG
    assert case_seen(track) is None


def test_the_code_shows_the_case_to_its_own_browser_only(house, track):
    proven(house, track)

    assert case_seen(track, browser="browser-2") is None


def test_five_minutes_later_the_code_must_be_typed_again(house, track):
    proven(house, track)
    house.later(minutes=5)

    assert case_seen(track) is None


def test_a_case_that_is_deleted_after_the_code_is_not_shown(house, track):
    decide(house, CaseState.MISMATCH)
    proven(house, track)
    with house.begin() as work:
        work.cases.forget_remnants(house.clock() + timedelta(days=91))

    assert case_seen(track) is None


@WRONG_PAIRS
def test_attack_E12_a_wrong_pair_sends_nothing(house, track, pair):
    track.start(pair, visitor())

    assert house.texts() == []


@WRONG_PAIRS
def test_attack_E12_a_wrong_pair_has_no_right_code(track, pair):
    track.start(pair, visitor())

    tries = {track.prove(pair, "browser-1", f"{code:06}") for code in range(5)}

    assert tries == {CodeTry.WRONG}


@WRONG_PAIRS
def test_attack_E12_its_code_stands_as_that_of_the_right_pair(house, track, pair):
    track.start(pair, visitor())
    track.start(RIGHT, visitor())

    assert track.standing(pair, "browser-1") == track.standing(RIGHT, "browser-1")


@WRONG_PAIRS
def test_attack_O08_wrong_pairs_burn_no_code_of_a_phone(house, track, pair):
    for number in range(30):
        track.start(pair, visitor(browser=f"stranger-{number}"))
    flow = house.codes.flow_id(CodePurpose.REGISTRATION, "browser-1")
    with house.begin() as work:
        house.codes.send(work, CodeFor(flow, CodePurpose.REGISTRATION, pair.mobile))

    assert len(house.texts()) == 1


def test_attack_O08_a_phone_gets_five_codes_an_hour_by_tracking_too(house, track):
    for number in range(8):
        track.start(RIGHT, visitor(browser=f"stranger-{number}"))

    assert len(house.texts()) == 5


def test_the_same_pair_in_the_same_browser_keeps_its_code(house, track):
    track.start(RIGHT, visitor())
    track.start(RIGHT, visitor())

    assert len(house.texts()) == 1


def test_a_minute_later_another_code_can_be_had(house, track):
    track.start(RIGHT, visitor())
    house.later(minutes=1)
    track.send_again(RIGHT, visitor())

    assert track.prove(RIGHT, "browser-1", house.code()) is CodeTry.RIGHT


@pytest.fixture
def asking(migrated_sqlite_url):
    """A house that asks for work."""
    with closing(House(migrated_sqlite_url, asks_for_work=True)) as house:
        yield house


def asked_before_work(track: Track, pair: Tracked) -> int:
    for number in range(10):
        try:
            track.start(pair, visitor(browser=f"stranger-{number}"))
        except WorkNeeded:
            return number
    raise AssertionError("no work was asked")


@pytest.mark.parametrize("pair", [RIGHT, OTHER_PHONE, OTHER_NUMBER])
def test_attack_E12_work_is_asked_from_the_third_time_for_any_pair(asking, pair):
    assert asked_before_work(track_of(asking), pair) == WORK_BY_TYPED - 1


def test_attack_O15_typing_a_phone_here_makes_no_other_flow_ask_for_work(asking):
    track = track_of(asking)
    for number in range(10):
        with suppress(WorkNeeded):
            track.start(OTHER_NUMBER, visitor(browser=f"stranger-{number}"))

    track.start(RIGHT, visitor())

    assert len(asking.texts()) == 1


def test_the_pages_carry_the_pair_in_their_own_browser(track):
    sealed = track.start(RIGHT, visitor())

    assert track.opened(sealed, "browser-1") == RIGHT
    assert track.opened(sealed, "browser-2") is None


def test_half_an_hour_later_it_is_typed_again(house, track):
    sealed = track.start(RIGHT, visitor())
    house.clock.move(TRACKING_LIFE)

    assert track.opened(sealed, "browser-1") is None
