"""Sessions and devices: seen, ended, forgotten, «من نبودم»."""

import pytest

from idp.domain.people.account import AccountState
from idp.domain.sign_in.origin import Origin
from idp.services.sign_in.sign_in import CodeNeeded
from tests import factories
from tests.services.house import PASSWORD, USER, attempt, visitor


def test_living_sessions_are_shown_the_one_used_last_first(house):
    first, second = house.enter(), house.enter()
    locks = house.own_sessions.show(second.session, visitor())
    assert [one.id for one in locks.sessions] == [second.session.id, first.session.id]


def test_ended_and_idle_sessions_are_not_shown(house):
    ended = house.enter().session
    house.own_sessions.end(ended, ended.id)
    house.enter()
    house.later(hours=1)
    here = house.enter().session
    assert [one.id for one in house.own_sessions.show(here, visitor()).sessions] == [here.id]


def test_a_session_tells_where_it_came_from(house):
    phone = Origin("chrome", "android", "5.1.1.0/24")
    house.later(minutes=1)
    pending = house.sign_in.with_password(USER, PASSWORD, attempt())
    who = attempt()
    visit = type(who.visitor)(browser="browser-1", address="5.1.1.1", origin=phone)
    done = house.sign_in.with_code(pending.pending_id, house.code(), type(who)(visit))
    locks = house.own_sessions.show(done.session, visitor(device=done.device))
    assert [one.origin for one in locks.sessions] == [phone]
    assert [one.origin for one in locks.devices] == [phone]
    assert locks.device_id == locks.devices[0].id


def test_a_session_of_no_account_shows_nothing(house):
    assert house.own_sessions.show(factories.session(account_id="gone"), visitor()) is None


def test_another_session_is_ended_with_its_tokens(any_house):
    house = any_house
    other, here = house.enter(), house.enter()
    with house.begin() as work:
        work.grants.add(factories.grant(session_id=other.session.id, offline=True))
        work.sessions.visit(other.session.id, "portal", house.clock())
    assert house.own_sessions.end(here.session, other.session.id)
    assert house.session(other.token) is None
    assert house.session(here.token) is not None
    with house.begin(read_only=True) as work:
        assert not work.grants.find("grant-1").is_live(house.clock())
        assert work.outbox.waiting("backchannel_logout") == 1


def test_nobody_ends_a_session_of_another_account(house):
    here = house.enter().session
    with house.begin() as work:
        work.sessions.add(factories.session("theirs", account_id="account-2"), "token")
    assert not house.own_sessions.end(here, "theirs")
    assert not house.own_sessions.end(here, "unknown")
    with house.begin(read_only=True) as work:
        assert work.sessions.find("theirs").ended_at is None


def test_all_others_are_ended_and_the_present_one_lives(house):
    other, here = house.enter(), house.enter()
    assert house.own_sessions.end_others(here.session) == 1
    assert house.session(other.token) is None
    assert house.session(here.token) is not None


def test_a_forgotten_device_needs_a_code_again(house):
    entered = house.enter()
    locks = house.own_sessions.show(entered.session, visitor(device=entered.device))
    assert house.own_sessions.forget(entered.session, locks.device_id)
    assert not house.own_sessions.forget(entered.session, locks.device_id)
    again = house.sign_in.with_password(USER, PASSWORD, attempt(device=entered.device))
    assert isinstance(again, CodeNeeded)
    assert "device_forgotten" in house.actions()


def test_it_was_not_me_ends_and_forgets_everything_but_this_session(any_house):
    house = any_house
    other, here = house.enter(), house.enter()
    with house.begin() as work:
        work.grants.add(factories.grant(session_id=other.session.id, offline=True))
    token = house.own_sessions.not_me(here.session)
    assert house.session(other.token) is None
    assert house.session(here.token) is None
    assert house.session(token).id == here.session.id
    locks = house.own_sessions.show(house.session(token), visitor(device=here.device))
    assert (len(locks.sessions), locks.devices, locks.device_id) == (1, [], None)
    with house.begin(read_only=True) as work:
        assert not work.grants.find("grant-1").is_live(house.clock())


def test_it_was_not_me_does_not_make_the_sign_in_fresh(house):
    here = house.enter()
    token = house.own_sessions.not_me(here.session)
    assert house.session(token).auth_time == here.session.auth_time


def test_it_was_not_me_ends_a_sign_in_half_done(house):
    here = house.enter()
    house.later(minutes=1)
    pending = house.sign_in.with_password(USER, PASSWORD, attempt(browser="theirs"))
    code = house.code()
    house.own_sessions.not_me(here.session)
    done = house.sign_in.with_code(pending.pending_id, code, attempt(browser="theirs"))
    assert done == "expired"


@pytest.mark.parametrize("changes", [{"epoch": 1}, {"state": AccountState.SUSPENDED}])
def test_it_was_not_me_of_a_dead_session_does_nothing(house, changes):
    here = house.enter().session
    house.change(**changes)
    assert house.own_sessions.not_me(here) is None


def test_it_was_not_me_of_an_ended_session_does_nothing(house):
    here = house.enter().session
    house.own_sessions.end(here, here.id)
    assert house.own_sessions.not_me(here) is None
