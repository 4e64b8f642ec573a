import pytest

from idp.ports import AuditEntry
from idp.services.account.own_history import TOLD
from idp.web.account.history import EVENTS
from tests.web.hub import words
from tests.web.sign_in.walk import log_in

PAGE = "/account/history"


def write(inside, action, actor="hub", **details):
    with inside.hub.deps.begin() as work:
        work.audit.add(
            AuditEntry(
                at=inside.hub.clock(),
                actor=actor,
                action=action,
                subject="account-1",
                details=details,
            )
        )


def test_every_event_has_words():
    assert set(EVENTS) == TOLD


def test_the_page_tells_events_in_words_and_in_jalali(inside):
    shown = words(inside.get(PAGE))
    assert "ورود به حساب" in shown
    assert "۱ فروردین ۱۴۰۵" in shown


def test_of_a_staff_act_the_branch_is_told_not_the_officer(inside):
    write(inside, "account.recovery_opened", "officer:9981", branch="تهران ۱۲", reason="تلفن")
    shown = words(inside.get(PAGE))
    assert "شعبه بازیابی گذرواژه را باز کرد" in shown
    assert "شعبه: تهران ۱۲" in shown
    assert "9981" not in shown


def test_checks_against_registers_are_told(inside):
    write(inside, "account.opened", "worker", identity="registry", mobile="ownership")
    shown = words(inside.get(PAGE))
    assert "ثبت احوال: مطابقت داشت؛ مالکیت تلفن همراه: مطابقت داشت" in shown


def test_messages_are_told_by_kind(inside):
    write(inside, "message.sent", message="code_sign_in")
    write(inside, "message.sent", message="some_later_kind")
    shown = words(inside.get(PAGE))
    assert "کد ورود" in shown
    assert "some_later_kind" in shown


def test_a_portal_is_told_by_name(inside):
    write(inside, "consent.revoked", client="portal", client_name="سوابق بیمه")
    assert "سوابق بیمه" in words(inside.get(PAGE))


def test_older_events_are_a_page_away(inside):
    for _ in range(25):
        write(inside, "not_me")
    assert "قدیمی‌تر" in words(inside.get(PAGE))
    older = words(inside.get(f"{PAGE}?page=2"))
    assert "جدیدتر" in older
    assert "ورود به حساب" in older


def test_an_empty_page_leads_to_the_newest_events(inside):
    page = inside.get(f"{PAGE}?page=9").text
    assert f'href="{PAGE}">جدیدترین رویدادها' in page
    assert "page=8" not in page


@pytest.mark.parametrize("number", ["0", "-1", "x", "", "۲", "9" * 5000, "1e3"])
def test_a_number_of_no_page_is_no_trouble(inside, number):
    assert inside.get(PAGE, query_string={"page": number}).status_code == 200


def test_a_wrong_password_on_the_own_device_is_told(inside):
    log_in(inside, password="wrong")
    assert "گذرواژه نادرست در دستگاه آشنا" in words(inside.get(PAGE))
