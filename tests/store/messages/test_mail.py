"""Mails in the outbox and in the development inbox."""

from datetime import timedelta

from idp.domain.people.email_address import EmailAddress
from idp.ports import MAIL, InboxMail
from tests import factories
from tests.fakes import NOON
from tests.store.rows import sealed_messages

MINUTE = timedelta(minutes=1)


def inbox_mail(uid: int, minutes: int = 0) -> InboxMail:
    return InboxMail(
        uid=uid,
        to=EmailAddress("reza@example.ir"),
        subject="موضوع",
        text="متن",
        at=NOON + minutes * MINUTE,
    )


def test_a_mail_comes_out_of_the_outbox_as_it_went_in(database):
    with database.begin() as work:
        work.outbox.put(factories.job(kind=MAIL, mail=factories.mail()))
        claimed = work.outbox.claim("w", NOON, lease=MINUTE, kinds=(MAIL,))
    assert (claimed.mail, claimed.sms) == (factories.mail(), None)


def test_a_finished_mail_is_wiped(database):
    with database.begin() as work:
        work.outbox.put(factories.job(kind=MAIL, mail=factories.mail()))
        claimed = work.outbox.claim("w", NOON, lease=MINUTE, kinds=(MAIL,))
        work.outbox.bury(claimed, NOON, reason="smtp_550")
        assert sealed_messages(work) == [None]


def test_a_mail_past_its_time_is_never_handed_out(database):
    with database.begin() as work:
        work.outbox.put(factories.job(kind=MAIL, mail=factories.mail()))
        later = NOON + timedelta(days=8)
        assert work.outbox.claim("w", later, lease=MINUTE, kinds=(MAIL,)) is None


def test_the_mail_inbox_lists_the_newest_first_and_each_once(database):
    inbox = database.mail_inbox()
    for one in (inbox_mail(1), inbox_mail(2, 5), inbox_mail(2, 9)):
        inbox.add(one)
    assert inbox.list() == [inbox_mail(2, 5), inbox_mail(1)]


def test_the_mail_inbox_forgets_what_is_old(database):
    inbox = database.mail_inbox()
    inbox.add(inbox_mail(1))
    assert inbox.forget(NOON) == 0
    assert inbox.forget(NOON + MINUTE) == 1
    assert inbox.list() == []
