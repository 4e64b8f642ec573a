"""The e-mail address: confirmed by a link, told of changes, never a factor."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from idp.domain.people.account import AccountState
from idp.domain.people.email_address import EmailAddress
from idp.ports import MAIL, MailReceipt, MailResult
from idp.services.account.change_password import Passwords
from idp.services.account.confirm_email import Change, Links
from idp.services.messages.send_mail import SendMail
from tests import factories
from tests.services.house import NEW_PASSWORD, PASSWORD, USER, attempt, visitor

NEW = EmailAddress("new@example.ir")


@pytest.fixture
def session(house):
    return house.enter().session


def mails(house):
    return [job.mail for job in house.jobs() if job.mail]


def ticket_of(mail):
    return re.search(r"ticket=(\S+)", mail.text)[1]


def confirmed(house):
    return house.account().email_confirmed_at


def changed(house, session, email=NEW):
    """Change the address and return the ticket of its mail."""
    assert house.email.change(session, email) is Change.SENT
    return ticket_of(mails(house)[-1])


def test_a_new_address_is_unconfirmed_until_its_link_is_used(any_house):
    house = any_house
    session = house.enter().session
    house.jobs()
    ticket = changed(house, session)
    assert (house.account().email, confirmed(house)) == (NEW, None)
    assert house.email.address_of(ticket) == NEW
    assert house.email.confirm(ticket) == NEW
    assert confirmed(house) == house.clock()
    assert house.actions()[-2:] == ["email_changed", "email_confirmed"]


def test_opening_a_link_confirms_nothing(house, session):
    house.email.address_of(changed(house, session))
    assert confirmed(house) is None


def test_attack_RC3_a_link_works_once(house, session):
    ticket = changed(house, session)
    assert house.email.confirm(ticket)
    house.change(email_confirmed_at=None)
    assert not house.email.confirm(ticket)


def test_attack_RC3_a_link_dies_after_a_day(house, session):
    ticket = changed(house, session)
    house.later(hours=24)
    assert not house.email.address_of(ticket)
    assert not house.email.confirm(ticket)


def test_a_link_is_for_the_address_that_it_was_sent_to(house, session):
    ticket = changed(house, session)
    house.email.change(session, EmailAddress("newer@example.ir"))
    assert not house.email.confirm(ticket)
    assert confirmed(house) is None


@pytest.mark.parametrize("ticket", ["", "made up", "k1.AAAA", "\x00"])
def test_a_made_up_ticket_confirms_nothing(house, ticket):
    assert not house.email.address_of(ticket)
    assert not house.email.confirm(ticket)


def test_a_ticket_is_no_other_seal_of_ours(house):
    assert not house.email.confirm(house.enter().device)


def test_a_closed_account_confirms_nothing(house, session):
    ticket = changed(house, session)
    house.change(state=AccountState.CLOSED)
    assert not house.email.confirm(ticket)


def test_the_link_holds_no_personal_value(house, session):
    house.email.change(session, NEW)
    link = ticket_of(mails(house)[-1])
    assert not any(one in link for one in ("new", "example", USER, "account-1"))


def test_attack_RC2_the_link_begins_with_the_issuer(house, session):
    house.email.change(session, NEW)
    assert "https://account.tamin.ir/account/email/confirm?ticket=" in mails(house)[-1].text


def test_a_confirmed_old_address_is_told(house, session):
    house.change(email_confirmed_at=house.clock())
    house.jobs()
    house.email.change(session, NEW)
    assert {mail.to for mail in mails(house)} == {factories.EMAIL, NEW}


def test_an_unconfirmed_old_address_is_told_nothing(house, session):
    house.email.change(session, NEW)
    assert [mail.to for mail in mails(house)] == [NEW]


def test_the_same_address_again_is_no_change(house, session):
    assert house.email.change(session, factories.EMAIL) is Change.NONE
    assert house.email.change(factories.session(account_id="gone"), NEW) is Change.NONE


def test_a_link_is_sent_again_within_the_days_budget(house, session):
    sent = [house.email.send_link(session) for _ in range(6)]
    assert sent == [True] * 5 + [False]
    house.later(days=1)
    assert house.email.send_link(session)


def test_past_the_budget_the_page_knows_when_the_next_link_can_go(house, session):
    assert house.email.links_of(session).next_at is None
    for _ in range(5):
        house.email.send_link(session)
    assert house.email.links_of(session).next_at == house.clock() + timedelta(days=1)


def test_past_the_budget_a_new_address_is_written_without_a_link(house, session):
    for _ in range(5):
        house.email.send_link(session)
    assert house.email.change(session, NEW) is Change.HELD_BACK
    assert house.account().email == NEW


def test_that_a_link_was_sent_is_known_for_a_day(house, session):
    assert not house.email.links_of(session).were_sent
    house.email.change(session, NEW)
    assert house.email.links_of(session).were_sent
    house.later(days=1)
    assert not house.email.links_of(session).were_sent


def test_an_account_that_is_gone_has_and_awaits_no_link(house):
    gone = factories.session(account_id="gone")
    assert house.email.links_of(gone) == Links(were_sent=False, next_at=None)


def test_there_is_no_link_for_a_confirmed_or_missing_address(house, session):
    house.change(email_confirmed_at=house.clock())
    assert not house.email.send_link(session)
    house.change(email=None, email_confirmed_at=None)
    assert not house.email.send_link(session)


def test_without_a_mail_server_nothing_is_written(house, session):
    email = replace(house.email, mail=False)
    assert not email.is_on
    house.jobs()
    assert email.change(session, NEW) is Change.HELD_BACK
    assert mails(house) == []


def test_notices_go_to_a_confirmed_address_too_and_codes_never(house):
    house.change(email_confirmed_at=house.clock())
    session = house.enter().session
    house.jobs()
    house.password.change(session, Passwords(PASSWORD, NEW_PASSWORD), visitor())
    [mail] = mails(house)
    assert "گذرواژه حساب شما تغییر کرد" in mail.text
    assert mail.subject == "حساب کاربری شما در سازمان تأمین اجتماعی"
    house.later(minutes=2)
    house.sign_in.with_password(USER, NEW_PASSWORD, attempt())
    assert mails(house) == []


def test_an_unconfirmed_address_gets_no_notice(house, session):
    house.jobs()
    house.password.change(session, Passwords(PASSWORD, NEW_PASSWORD), visitor())
    assert mails(house) == []


class Server:
    def __init__(self, result=MailResult.ACCEPTED):
        self.receipt, self.sent = MailReceipt(result, "smtp_550"), []

    def send(self, uid, message):
        self.sent.append((uid, message))
        return self.receipt


def run(house, server, job=None):
    """Put one mail, run its job, and return the job."""
    with house.begin() as work:
        job = job or factories.job(
            kind=MAIL, mail=factories.mail(), payload={"account": "account-1"}
        )
        work.outbox.put(job)
        claimed = work.outbox.claim("w", house.clock(), lease=timedelta(minutes=1), kinds=(MAIL,))
    SendMail(kernel=house.kernel, mail=server).run(claimed)
    return claimed


def left(house):
    with house.begin(read_only=True) as work:
        return work.outbox.waiting(MAIL), [job.reason for job in work.outbox.dead()]


def test_a_mail_is_sent_and_told_in_the_history(house):
    server = Server()
    claimed = run(house, server)
    assert server.sent == [(claimed.id, factories.mail())]
    assert (left(house), house.actions()) == ((0, []), ["message.sent"])


def test_a_refused_mail_ends(house):
    run(house, Server(MailResult.REJECTED))
    assert (left(house), house.actions()) == ((0, ["smtp_550"]), [])


def test_a_server_that_is_away_is_waited_for(house):
    run(house, Server(MailResult.TRANSIENT))
    assert left(house) == (1, [])


def test_where_no_server_is_named_mails_are_dropped(house):
    run(house, None)
    assert (left(house), house.actions()) == ((0, []), [])


def test_a_job_without_its_mail_is_parked(house):
    run(house, Server(), factories.job(kind=MAIL))
    assert left(house) == (0, ["no_message"])
