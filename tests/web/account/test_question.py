"""The page of the own security question."""

from dataclasses import replace
from datetime import timedelta

import pytest

from idp.domain.people.questions import answer_key
from tests.web.hub import words
from tests.web.sign_in.walk import ANSWER, PASSWORD

PAGE = "/account/security/question"
NEW = {"question": "first_school", "answer": "دبستان سعدی"}


def account(browser):
    with browser.hub.deps.begin(read_only=True) as work:
        return work.accounts.find("account-1")


def test_question_and_answer_are_changed_and_told(inside):
    page = inside.post(PAGE, NEW)
    assert page.request.path == "/account/security"
    assert "سوال امنیتی و پاسخ آن تغییر یافت." in words(page)
    assert "نام اولین مدرسه شما چیست؟" in words(page)
    assert [one.message_id for one in inside.hub.take_sms()] == ["answer_changed"]
    hashed = inside.hub.hashing.hash(answer_key(NEW["answer"]))
    assert account(inside).credentials.answer_hash == hashed


def test_the_history_tells_it(inside):
    inside.post(PAGE, NEW)
    assert "سوال امنیتی و پاسخ آن تغییر کرد" in words(inside.get("/account/history"))


def test_the_overview_tells_until_when_the_recovery_is_on_hold(inside):
    inside.post(PAGE, NEW)
    shown = words(inside.get("/account"))
    assert "تلفن همراه یا سوال امنیتی حساب شما به تازگی تغییر یافته است." in shown


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"question": ""}, "سوال امنیتی"),
        ({"question": "made_up"}, "سوال امنیتی"),
        ({"answer": ""}, "پاسخ"),
        ({"answer": "x"}, "پاسخ باید حداقل ۲ حرف داشته باشد."),
        ({"answer": "x" * 101}, "پاسخ"),
    ],
)
def test_the_rules_of_registration_hold(inside, changes, says):
    before = account(inside)
    page = inside.post(PAGE, NEW | changes)
    assert page.status_code == 422
    assert says in words(page)
    assert account(inside) == before


def test_no_answer_is_written_back_and_none_is_kept(inside):
    page = inside.post(PAGE, NEW | {"question": ""})
    assert NEW["answer"] not in page.text
    assert ANSWER not in page.text


def test_attack_SE11_without_the_password_of_just_now_nothing_is_changed(inside):
    inside.hub.clock.move(timedelta(minutes=6))
    before = account(inside)
    page = inside.post(PAGE, NEW)
    assert page.request.path == "/account/prove"
    assert account(inside) == before
    assert NEW["answer"] not in page.text


def test_after_the_password_the_question_that_was_chosen_is_still_there(inside):
    inside.hub.clock.move(timedelta(minutes=6))
    page = inside.post(PAGE, NEW)
    kept = page.request.args["kept"]
    form = {"to": "question", "kept": kept, "password": PASSWORD}
    again = inside.post("/account/prove", form)
    assert again.request.path == PAGE
    assert 'value="first_school" selected' in again.text
    assert NEW["answer"] not in again.text


def test_attack_X01_another_site_changes_nothing(inside):
    before = account(inside)
    sent = inside.client.post(PAGE, data=NEW, base_url="http://127.0.0.1:8000")
    assert sent.status_code == 403
    assert account(inside) == before


def test_a_busy_machine_says_so_and_changes_nothing(inside):
    before = account(inside)
    inside.hub.hashing.is_busy = True
    assert inside.post(PAGE, NEW).status_code == 503
    assert account(inside) == before


def test_the_sixth_change_of_a_day_waits(inside):
    for _ in range(5):
        inside.post(PAGE, NEW)
    page = inside.post(PAGE, NEW)
    assert page.status_code == 429
    assert "دوباره تلاش کنید" in words(page)


def test_who_was_signed_out_meanwhile_is_led_to_the_login(inside):
    def hash_while_the_sessions_end(text, **_):
        with inside.hub.deps.begin() as work:
            work.accounts.save(replace(work.accounts.find("account-1"), epoch=3))
        return f"quick:{text}"

    inside.hub.hashing.hash = hash_while_the_sessions_end
    assert inside.post(PAGE, NEW).request.path == "/login"
