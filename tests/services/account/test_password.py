"""The password asked for again, and its change."""

import pytest

from idp.domain.people.account import AccountState
from idp.domain.sign_in.session import ACR_PASSWORD_OTP
from idp.ports import HashingBusy
from idp.services.account.change_password import NotChanged, PasswordChanged, Passwords
from idp.services.protection.owners_counters import TooMany
from idp.services.recovery.recover import WeakPassword
from tests import factories
from tests.services.house import NEW_PASSWORD, PASSWORD, visitor

TYPED = Passwords(PASSWORD, NEW_PASSWORD)


def test_a_sign_in_is_fresh_for_five_minutes(house):
    session = house.enter().session
    house.later(minutes=5)
    assert house.again.is_fresh(session)
    house.later(seconds=1)
    assert not house.again.is_fresh(session)


def test_attack_SE01_proving_again_gives_a_new_token(house):
    entered = house.enter()
    house.later(minutes=10)
    proven = house.again.prove(entered.session, PASSWORD, visitor())
    assert house.again.is_fresh(proven.session)
    assert house.session(entered.token) is None
    assert house.session(proven.token).id == entered.session.id


def test_attack_SE06_an_old_second_step_does_not_become_fresh(house):
    before = house.enter().session
    house.later(minutes=10)
    after = house.again.prove(before, PASSWORD, visitor()).session
    assert (after.auth_time, after.acr, after.amr) == (before.auth_time, before.acr, before.amr)


def as_physician(house):
    house.change(physician=factories.PROVEN)
    entered = house.enter()
    assert entered.session.acr == ACR_PASSWORD_OTP
    return entered.session


def test_a_physician_who_proves_the_password_again_stays_signed_in(house):
    proven = house.again.prove(as_physician(house), PASSWORD, visitor())
    assert house.session(proven.token) is not None


def test_a_physician_who_changes_the_password_stays_signed_in(house):
    changed = house.password.change(as_physician(house), TYPED, visitor())
    assert house.session(changed.token) is not None


@pytest.mark.parametrize("typed", ["wrong", "x" * 1025, ""])
def test_a_wrong_password_proves_nothing_and_is_told_in_the_history(house, typed):
    entered = house.enter()
    assert house.again.prove(entered.session, typed, visitor()) is None
    assert house.session(entered.token) == entered.session
    assert house.actions()[-1] == "password_refused"


def test_attack_SE11_tries_at_the_page_are_counted_with_those_at_sign_in(house):
    entered = house.enter()
    for _ in range(10):
        house.again.prove(entered.session, "wrong", visitor())
    with pytest.raises(TooMany):
        house.again.prove(entered.session, PASSWORD, visitor())


def test_a_right_password_forgets_the_wrong_ones(house):
    entered = house.enter()
    who = visitor(device=entered.device)
    for _ in range(2):
        for _ in range(4):
            house.again.check(entered.session, "wrong", who)
        assert house.again.check(entered.session, PASSWORD, who) is not None


def test_a_session_that_was_ended_meanwhile_proves_nothing(house):
    session = house.enter().session
    with house.begin() as work:
        work.sessions.end(session.id, house.clock())
    assert house.again.prove(session, PASSWORD, visitor()) is None


def test_a_suspended_account_proves_nothing(house):
    session = house.enter().session
    house.change(state=AccountState.SUSPENDED)
    assert house.again.prove(session, PASSWORD, visitor()) is None


def test_the_new_password_is_the_one_that_counts(any_house):
    house = any_house
    done = house.password.change(house.enter().session, TYPED, visitor())
    assert isinstance(done, PasswordChanged)
    assert house.account().credentials.password_hash == f"1:{NEW_PASSWORD}"
    assert house.actions()[-1] == "password_changed"


def test_attack_RC5_every_other_session_ends_and_every_token(any_house):
    house = any_house
    other, mine = house.enter(address="5.2.2.2"), house.enter()
    with house.begin() as work:
        work.grants.add(factories.grant(session_id=mine.session.id))
        work.sessions.visit(other.session.id, "portal", house.clock())
    done = house.password.change(mine.session, TYPED, visitor())
    assert house.session(other.token) is None
    assert house.session(done.token).id == mine.session.id
    with house.begin(read_only=True) as work:
        assert not work.grants.find("grant-1").is_live(house.clock())
        assert work.outbox.waiting("backchannel_logout") == 1


def test_attack_SE01_the_present_session_gets_a_new_token(house):
    mine = house.enter()
    house.password.change(mine.session, TYPED, visitor())
    assert house.session(mine.token) is None


def test_the_present_device_stays_known_and_others_do_not(house):
    other, mine = house.enter(), house.enter()
    done = house.password.change(mine.session, TYPED, visitor(device=mine.device))
    assert house.devices.find(done.device, house.account()) is not None
    assert house.devices.find(other.device, house.account()) is None


def test_a_device_that_was_not_known_does_not_become_so(house):
    assert house.password.change(house.enter().session, TYPED, visitor()).device is None


def test_the_phone_is_told(house):
    session = house.enter().session
    house.texts()
    house.password.change(session, TYPED, visitor())
    assert any("گذرواژه حساب شما تغییر کرد" in text for text in house.texts())


def test_a_wrong_old_password_changes_nothing(house):  # ASVS 6.2.3
    session = house.enter().session
    typed = Passwords("wrong", NEW_PASSWORD)
    assert house.password.change(session, typed, visitor()) is NotChanged.WRONG
    assert house.account().credentials.password_hash == f"1:{PASSWORD}"


def test_a_password_with_the_persons_name_is_refused(house):
    session = house.enter().session
    weak = house.password.change(session, Passwords(PASSWORD, "Ahmadinezhad1"), visitor())
    assert weak == WeakPassword(("contains_name",))


def test_of_two_changes_at_once_one_wins(house):
    session = house.enter().session
    house.hashing.meanwhile = lambda: house.change(epoch=1)
    assert house.password.change(session, TYPED, visitor()) is NotChanged.EXPIRED


def test_a_session_that_ended_while_the_hash_was_computed_changes_nothing(house):
    session = house.enter().session

    def end() -> None:
        with house.begin() as work:
            work.sessions.end(session.id, house.clock())

    house.hashing.meanwhile = end
    assert house.password.change(session, TYPED, visitor()) is NotChanged.EXPIRED
    assert house.account().epoch == 0


def test_a_busy_machine_changes_nothing(house):
    session = house.enter().session
    house.hashing.busy_to_hash = True
    with pytest.raises(HashingBusy):
        house.password.change(session, TYPED, visitor())
    house.hashing.busy_to_hash = False
    assert house.account().credentials.password_hash == f"1:{PASSWORD}"
