"""What staff may do to an account."""

from dataclasses import replace
from datetime import timedelta

import pytest

from idp import resources
from idp.domain.authorization.grant import Grant
from idp.domain.clients.client import Client
from idp.domain.people.account import AccountState, MobileMethod
from idp.domain.people.mobile import Mobile
from idp.domain.people.questions import QUESTIONS
from idp.domain.sign_in.session import ACR_PASSWORD, Session
from idp.services.desk.citizens import NewAnswer
from idp.services.desk.desk_acts import DeskAct, DeskRefused, IncompleteAct, UnknownCitizen
from tests import factories
from tests.services.laboratory import HOST, persona_of
from tests.services.officer import FIRST

ACT = DeskAct("o-17", "شعبه ۴ تهران", "کارت ملی", "درخواست بیمه‌شده", FIRST)
NEW_MOBILE = Mobile("+989121111111")


@pytest.fixture
def account(lab, person):
    lab.submit(person)
    lab.work()
    return lab.account_of(person.national_id)


@pytest.fixture
def session(lab, account):
    """A signed-in citizen who visited one portal, which holds an offline grant."""
    now = lab.clock()
    session = Session(
        id="session-1",
        account_id=account.id,
        auth_time=now,
        password_at=now,
        acr=ACR_PASSWORD,
        amr=("pwd",),
        epoch=account.epoch,
        created_at=now,
        last_seen_at=now,
    )
    grant = Grant(
        id="grant-1",
        client_id="history",
        account_id=account.id,
        session_id=session.id,
        account_epoch=account.epoch,
        scopes=("openid", "offline_access"),
        auth_time=now,
        acr=ACR_PASSWORD,
        amr=("pwd",),
        created_at=now,
        expires_at=now + timedelta(days=90),
        offline=True,
    )
    portal = Client(
        client_id="history", name="سوابق بیمه", backchannel_logout_uri="https://p.example/logout"
    )
    with lab.begin() as work:
        factories.put_client(work, portal)
        work.sessions.add(session, "cookie")
        work.grants.add(grant)
        work.sessions.visit(session.id, "history", now)
    return session


def grant_of(lab):
    with lab.begin(read_only=True) as work:
        return work.grants.find("grant-1")


def session_of(lab):
    with lab.begin(read_only=True) as work:
        return work.sessions.find("session-1")


def refusal(act):
    with pytest.raises(DeskRefused) as refused:
        act()
    return refused.value.code


ENDING = {
    "end-sessions": lambda lab, account: lab.citizens.end_sessions(account.id, ACT),
    "suspend": lambda lab, account: lab.citizens.suspend(account.id, ACT),
    "close": lambda lab, account: lab.citizens.close(account.id, ACT),
    "start-recovery": lambda lab, account: lab.citizens.start_recovery(account.id, ACT),
}
each_ending = pytest.mark.parametrize("end", ENDING.values(), ids=ENDING.keys())


@each_ending
def test_the_act_ends_every_session(lab, account, session, end):
    end(lab, account)

    assert session_of(lab).ended_at == lab.clock()


@each_ending
def test_the_act_revokes_offline_grants_too(lab, account, session, end):
    end(lab, account)

    assert grant_of(lab).revoked_at == lab.clock()


@each_ending
def test_the_act_tells_the_portals_once(lab, account, session, end):
    end(lab, account)

    lab.work()

    assert lab.portals.posted == [("https://p.example/logout", "history:session-1")]


@each_ending
def test_the_act_kills_what_is_under_way(lab, account, end):
    end(lab, account)

    with lab.begin(read_only=True) as work:
        assert work.accounts.find(account.id).epoch > account.epoch


@each_ending
def test_the_act_is_audited_with_its_officer(lab, account, end):
    end(lab, account)

    assert lab.audit(account.id)[-1].actor == "officer:o-17"


def test_a_suspended_account_is_resumed(lab, account):
    lab.citizens.suspend(account.national_id, ACT)

    assert lab.citizens.resume(account.national_id, ACT).is_active


def test_an_active_account_is_not_resumed(lab, account):
    assert refusal(lambda: lab.citizens.resume(account.id, ACT)) == "not_suspended"


def test_a_suspended_account_is_not_suspended_again(lab, account):
    lab.citizens.suspend(account.id, ACT)

    assert refusal(lambda: lab.citizens.suspend(account.id, ACT)) == "not_active"


def test_a_closed_account_stays_closed(lab, account):
    lab.citizens.close(account.id, ACT)

    assert refusal(lambda: lab.citizens.resume(account.id, ACT)) == "closed"


def test_a_closed_account_lets_its_national_id_register_anew(lab, account, person):
    lab.citizens.close(account.id, ACT)

    lab.submit(person)
    lab.work()

    assert lab.account_of(person.national_id).id != account.id


def test_an_unknown_citizen_is_unknown(lab):
    with pytest.raises(UnknownCitizen):
        lab.citizens.show(persona_of("ok_male")[0].national_id)


def test_showing_counts_live_sessions(lab, account, session):
    assert lab.citizens.show(account.id).sessions == 1


def code_to(lab, account):
    lab.citizens.send_mobile_code(account.id, NEW_MOBILE, ACT)
    lab.work()
    return lab.last_code(NEW_MOBILE)


def test_a_mobile_is_changed_with_a_code_to_the_new_one(lab, account):
    lab.citizens.change_mobile(account.id, NEW_MOBILE, code_to(lab, account), ACT)

    changed = lab.account_of(account.national_id)
    assert changed.mobile == NEW_MOBILE
    assert changed.assurance.mobile is MobileMethod.OWNERSHIP


def test_both_phones_hear_of_the_change(lab, account):
    lab.citizens.change_mobile(account.id, NEW_MOBILE, code_to(lab, account), ACT)
    lab.work()

    assert lab.texts_to(account.mobile)[-1] == resources.sms_text("mobile_changed_old")
    assert lab.texts_to(NEW_MOBILE)[-1] == resources.sms_text("mobile_changed_new")


def test_changing_the_mobile_ends_sessions(lab, account, session):
    lab.citizens.change_mobile(account.id, NEW_MOBILE, code_to(lab, account), ACT)

    assert session_of(lab).ended_at is not None


def test_a_wrong_code_changes_no_mobile(lab, account):
    code_to(lab, account)

    change = lambda: lab.citizens.change_mobile(account.id, NEW_MOBILE, "x", ACT)  # noqa: E731
    assert refusal(change) == "code_wrong"


def test_a_code_to_one_number_opens_no_other(lab, account):
    code = code_to(lab, account)

    other = Mobile("+989122222222")
    change = lambda: lab.citizens.change_mobile(account.id, other, code, ACT)  # noqa: E731
    assert refusal(change) == "code_wrong"


def test_the_same_number_is_no_change(lab, account):
    send = lambda: lab.citizens.send_mobile_code(account.id, account.mobile, ACT)  # noqa: E731
    assert refusal(send) == "same_mobile"


def test_a_closed_account_gets_no_mobile(lab, account):
    lab.citizens.close(account.id, ACT)

    send = lambda: lab.citizens.send_mobile_code(account.id, NEW_MOBILE, ACT)  # noqa: E731
    assert refusal(send) == "closed"


def test_changing_a_mobile_needs_documents(lab, account):
    with pytest.raises(IncompleteAct):
        lab.citizens.send_mobile_code(account.id, NEW_MOBILE, replace(ACT, documents=""))


def test_an_opened_recovery_is_told_by_sms(lab, account):
    lab.citizens.start_recovery(account.id, ACT)
    lab.work()

    text = resources.sms_text("recovery_opened").format(host=HOST)
    assert lab.texts_to(account.mobile)[-1] == text


def test_an_opened_recovery_leaves_the_password_alone(lab, account):  # the desk chooses none
    opened = lab.citizens.start_recovery(account.id, ACT)

    assert opened.credentials.password_hash == account.credentials.password_hash


def test_a_forgotten_answer_is_replaced_at_the_desk(lab, account):
    lab.citizens.start_recovery(account.id, ACT, NewAnswer(QUESTIONS[1], "خانم کریمی"))

    credentials = lab.account_of(account.national_id).credentials
    assert credentials.question == QUESTIONS[1]
    assert credentials.answer_hash != account.credentials.answer_hash


def test_a_suspended_account_recovers_nothing(lab, account):
    lab.citizens.suspend(account.id, ACT)

    assert refusal(lambda: lab.citizens.start_recovery(account.id, ACT)) == "not_active"


def test_a_suspended_account_keeps_its_state_when_sessions_end(lab, account):
    lab.citizens.suspend(account.id, ACT)
    lab.citizens.end_sessions(account.id, ACT)

    assert lab.account_of(account.national_id).state is AccountState.SUSPENDED


def test_a_second_code_to_a_new_phone_waits(lab, account):
    lab.citizens.send_mobile_code(account.national_id, NEW_MOBILE, ACT)

    again = refusal(lambda: lab.citizens.send_mobile_code(account.national_id, NEW_MOBILE, ACT))

    assert again == "too_many_codes"
