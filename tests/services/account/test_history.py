"""What the owner reads about the account, and what strangers cannot write into it."""

from datetime import timedelta

import pytest

from idp.ports import AuditEntry, SmsReceipt, SmsResult
from idp.services.account.own_history import LAST_PAGE, PAGE
from idp.services.messages.messages import SMS, SMS_CODE
from idp.services.messages.send_message import SendMessage
from tests.services.house import PASSWORD, USER, attempt, visitor


class Gateway:
    def send(self, uid, to, text, *, again):
        return SmsReceipt(SmsResult.ACCEPTED, str(uid))


def run_messages(house):
    """Send every message that waits, as the worker does."""
    sender = SendMessage(kernel=house.kernel, gateways=[Gateway()])
    while True:
        with house.begin() as work:
            job = work.outbox.claim(
                "test", house.clock(), lease=timedelta(minutes=1), kinds=(SMS, SMS_CODE)
            )
        if job is None:
            return
        sender.run(job)


def told(house, session, number=1):
    return [entry.action for entry in house.history.page(session, number).entries]


def test_a_sign_in_on_a_new_device_is_told_in_two_steps_with_the_newest_first(house):
    session = house.enter().session
    assert told(house, session) == ["signed_in", "sign_in.code_needed"]


def test_a_wrong_password_on_a_known_device_is_told(house):
    entered = house.enter()
    house.sign_in.with_password(USER, "wrong", attempt(device=entered.device))
    assert told(house, entered.session)[0] == "sign_in.refused"


def test_attack_D05_a_strangers_tries_write_nothing(house):
    session = house.enter().session
    house.sign_in.with_password(USER, "wrong", attempt(browser="theirs", address="9.9.9.9"))
    assert "sign_in.refused" not in told(house, session)


def test_a_message_that_was_sent_is_told_by_kind_without_its_text(house):
    house.later(minutes=1)
    pending = house.sign_in.with_password(USER, PASSWORD, attempt())
    run_messages(house)
    with house.begin(read_only=True) as work:
        entry = work.audit.tail(subject="account-1")[-1]
    assert (entry.action, entry.details) == ("message.sent", {"message": "code_sign_in"})
    assert pending is not None


def test_a_code_of_a_recovery_and_its_notice_are_told(house):
    house.recover.start(house.account().national_id, visitor())
    run_messages(house)
    assert house.actions() == ["message.sent"]


def test_what_is_for_staff_only_is_not_told(house):
    session = house.enter().session
    with house.begin() as work:
        work.audit.add(
            AuditEntry(at=house.clock(), actor="hub", action="other", subject="account-1")
        )
    assert "other" not in told(house, session)


def test_the_history_of_another_account_is_not_told(house):
    session = house.enter().session
    with house.begin() as work:
        work.audit.add(
            AuditEntry(at=house.clock(), actor="hub", action="not_me", subject="account-2")
        )
    assert "not_me" not in told(house, session)


def test_the_history_is_paged(house):
    session = house.enter().session
    with house.begin() as work:
        for _ in range(PAGE):
            work.audit.add(
                AuditEntry(at=house.clock(), actor="hub", action="not_me", subject="account-1")
            )
    first, second = (house.history.page(session, number) for number in (1, 2))
    assert (len(first.entries), first.has_older) == (PAGE, True)
    assert ([one.action for one in second.entries], second.has_older) == (
        ["signed_in", "sign_in.code_needed"],
        False,
    )


@pytest.mark.parametrize(("asked", "got"), [(0, 1), (-5, 1), (10**9, LAST_PAGE)])
def test_a_number_of_no_page_is_the_nearest(house, asked, got):
    assert house.history.page(house.enter().session, asked).number == got
