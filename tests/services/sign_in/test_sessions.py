from dataclasses import replace
from datetime import timedelta

import pytest

from idp.domain.people.account import AccountState
from idp.domain.sign_in.session import ACR_PASSWORD
from idp.services.sign_in.sessions import Proof, SignedIn
from tests.services.house import LIMITS, House


@pytest.fixture
def signed_in(house: House) -> SignedIn:
    with house.begin() as work:
        return house.sessions.open(
            work, house.account(), Proof(house.clock(), ACR_PASSWORD, ("pwd",))
        )


def test_a_session_is_found_by_its_token(house, signed_in):
    assert house.sessions.find_live(signed_in.token) == signed_in.session


def test_an_unknown_token_finds_nothing(house, signed_in):
    assert house.sessions.find_live(signed_in.token[::-1]) is None


def test_a_session_ends_when_it_lies_unused(house, signed_in):  # ASVS 7.3.1
    house.clock.move(LIMITS.idle)
    assert house.sessions.find_live(signed_in.token) is None


def test_a_used_session_does_not_fall_idle(house, signed_in):
    house.clock.move(LIMITS.idle - timedelta(minutes=1))
    house.sessions.find_live(signed_in.token)
    house.clock.move(LIMITS.idle - timedelta(minutes=1))
    assert house.sessions.find_live(signed_in.token) is not None


def test_attack_R16_a_look_at_a_session_is_no_use_of_it(house, signed_in):
    house.clock.move(LIMITS.idle - timedelta(minutes=1))
    assert house.sessions.peek(signed_in.token) == signed_in.session
    house.clock.move(timedelta(minutes=1))
    assert house.sessions.peek(signed_in.token) is None


@pytest.mark.parametrize("token", [None, "unknown"])
def test_attack_R16_a_look_finds_nobody_where_nobody_is(house, signed_in, token):
    assert house.sessions.peek(token) is None


def test_attack_X15_of_many_tokens_those_of_living_sessions_are_told(house, signed_in):
    tokens = [*map(str, range(200)), signed_in.token]
    assert house.sessions.living(tokens) == (signed_in.token,)


def test_attack_X15_no_more_of_them_than_are_asked_for(house, signed_in):
    with house.begin() as work:
        other = house.sessions.open(work, house.account(), Proof(house.clock(), ACR_PASSWORD, ()))
    both = (other.token, signed_in.token)
    assert house.sessions.living(both, at_most=1) == (other.token,)


def test_attack_X15_a_session_that_fell_idle_is_none_of_them(house, signed_in):
    house.clock.move(LIMITS.idle)
    assert house.sessions.living([signed_in.token]) == ()


def test_attack_SE09_a_used_session_ends_at_its_absolute_limit(house, signed_in):  # ASVS 7.3.2
    for _ in range(int(LIMITS.absolute / timedelta(minutes=20))):
        assert house.sessions.find_live(signed_in.token) is not None
        house.later(minutes=20)
    assert house.sessions.find_live(signed_in.token) is None


def test_use_is_written_at_most_once_a_minute(house, signed_in):
    house.later(seconds=59)
    assert house.sessions.find_live(signed_in.token) == signed_in.session
    house.later(seconds=1)
    found = house.sessions.find_live(signed_in.token)
    assert found == replace(signed_in.session, last_seen_at=house.clock())


@pytest.mark.parametrize("state", [AccountState.SUSPENDED, AccountState.CLOSED])
def test_attack_SE08_a_session_dies_with_its_account(house, signed_in, state):
    house.change(state=state)
    assert house.sessions.find_live(signed_in.token) is None


def test_attack_SE08_a_session_of_an_older_epoch_is_dead(house, signed_in):
    house.change(epoch=house.account().epoch + 1)
    assert house.sessions.find_live(signed_in.token) is None


def test_attack_SE08_an_ended_session_is_dead(house, signed_in):
    house.sign_out.sign_out(signed_in.session)
    assert house.sessions.find_live(signed_in.token) is None


def test_attack_SE01_proving_again_kills_the_old_token_and_keeps_the_sid(house, signed_in):
    with house.begin() as work:
        again = house.sessions.prove_again(work, signed_in.session)
    assert house.sessions.find_live(signed_in.token) is None
    assert house.sessions.find_live(again.token).id == signed_in.session.id


def test_a_session_that_ended_meanwhile_is_not_proven_again(house, signed_in):
    house.sign_out.sign_out(signed_in.session)
    with house.begin() as work:
        assert house.sessions.prove_again(work, signed_in.session) is None


def test_the_token_is_in_no_repr(signed_in):
    assert signed_in.token not in repr(signed_in)
