"""Closing the account."""

import pytest

from idp.domain.people.account import AccountState
from idp.services.sign_in.sign_in import Refused
from tests import factories
from tests.services.house import PASSWORD, USER, attempt, visitor


@pytest.fixture
def house(any_house):
    return any_house


def test_a_closed_account_is_closed_for_good_and_bare(house):
    session = house.enter().session
    assert house.close_account.close(session, PASSWORD, visitor())
    account = house.account()
    assert account.state is AccountState.CLOSED
    assert (account.email, account.residence, account.roles) == (None, None, ())
    assert account.credentials.password_hash == account.credentials.answer_hash == ""
    assert house.actions()[-1] == "account_closed"
    assert house.sign_in.with_password(USER, PASSWORD, attempt()) is Refused.WRONG


def test_a_closed_account_keeps_no_profession(house):
    session = house.enter().session
    house.change(claim=factories.PROVEN, physician=factories.PROVEN)
    assert house.close_account.close(session, PASSWORD, visitor())
    account = house.account()
    assert (account.physician, account.claim) == (None, None)


def test_everything_that_hangs_on_it_ends_and_portals_and_phone_are_told(house):
    entered = house.enter()
    house.jobs()
    with house.begin() as work:
        work.grants.add(factories.grant(session_id=entered.session.id, offline=True))
        work.consents.save(factories.consent())
        work.sessions.visit(entered.session.id, "portal", house.clock())
    house.close_account.close(entered.session, PASSWORD, visitor())
    assert house.session(entered.token) is None
    with house.begin(read_only=True) as work:
        assert not work.grants.find("grant-1").is_live(house.clock())
        assert work.consents.find("account-1", "portal").revoked_at == house.clock()
        assert work.devices.of_account("account-1") == []
    told = {job.sms.message_id if job.sms else job.kind for job in house.jobs()}
    assert told == {"account_closed", "backchannel_logout"}


def test_attack_RG10_the_national_id_may_register_anew_and_inherits_nothing(house):
    house.close_account.close(house.enter().session, PASSWORD, visitor())
    with house.begin() as work:
        assert work.accounts.add(factories.account("account-2"))
        assert work.consents.of_account("account-2") == []
        assert work.accounts.find_by_national_id(factories.NATIONAL_ID).id == "account-2"


def test_a_wrong_password_closes_nothing(house):
    assert not house.close_account.close(house.enter().session, "wrong", visitor())
    assert house.account().is_active


def test_a_session_that_died_meanwhile_closes_nothing(house):
    session = house.enter().session
    house.hashing.meanwhile = lambda: house.change(epoch=1)
    assert not house.close_account.close(session, PASSWORD, visitor())
    assert house.account().is_active
