"""What the pages around a password say: one thing once, what happens next, and the way on."""

import re

import pytest

from tests.web.hub import words
from tests.web.sign_in.walk import add_account, answer_recovery, ask_recovery, prove_recovery
from tests.web.tour import VISITS

FORGOTTEN = "گذرواژه فعلی را فراموش کرده‌ام"


def shown(see, template, state=""):
    visit = next(one for one in VISITS if (one.template, one.state) == (template, state))
    return see(visit).text


@pytest.mark.parametrize("name", ["prove", "close", "password"])
def test_who_forgot_the_password_finds_the_recovery(see, name):
    assert FORGOTTEN in shown(see, f"account/{name}.html")


@pytest.mark.parametrize("name", ["prove", "close"])
def test_an_act_that_asks_for_the_password_can_be_dropped(see, name):
    assert "انصراف" in shown(see, f"account/{name}.html")


@pytest.mark.parametrize("name", ["close", "password"])
def test_a_page_that_comes_back_says_why_its_passwords_are_gone(see, name):
    assert "برای حفظ امنیت" in shown(see, f"account/{name}.html", "wrong")
    assert "برای حفظ امنیت" not in shown(see, f"account/{name}.html")


def test_the_recovery_says_what_comes_next_and_leads_back(see):
    page = shown(see, "recover/start.html")
    assert "کدی به تلفن همراه آن حساب پیامک می‌شود" in page
    assert '<a href="/login' in page.partition('class="links"')[2]


def test_the_recovery_without_codes_promises_none(guide_hub):
    assert "پیامک می‌شود" not in words(guide_hub.browser().get("/recover"))


def test_the_question_has_a_way_for_who_does_not_know_the_answer(see):
    question = shown(see, "recover/password.html")
    assert re.search(r'اگر پاسخ را به یاد ندارید.*<a href="/branches">', question)


def test_the_answers_that_are_left_are_counted_after_the_first(hub):
    add_account(hub)
    browser = hub.browser()
    page = prove_recovery(browser, ask_recovery(browser))
    assert "پاسخ دیگر می‌توانید بدهید" not in words(page)
    wrong = answer_recovery(browser, page, answer="قرمز")
    assert "حداکثر ۵ بار" not in words(wrong)


def test_a_refused_login_speaks_of_a_new_registration_once(see):
    assert shown(see, "login/login.html", "refused").count("به تازگی ثبت نام کرده‌اید") == 1


@pytest.mark.parametrize(
    ("template", "state", "hint"),
    [
        ("track/start.html", "wrong", "رقمی که پس از"),
        ("register/step_two.html", "wrong", "متولدین ۱۳۶۸ به بعد: عدد"),
    ],
)
def test_a_hint_that_the_error_says_again_is_gone(see, template, state, hint):
    assert hint in shown(see, template)
    assert hint not in shown(see, template, state)


@pytest.mark.parametrize("state", ["of a portal", "of a portal's request"])
def test_a_fault_of_the_portal_is_not_answered_with_a_sign_in(see, state):
    assert '<a class="button' not in shown(see, "error.html", state)


def test_who_returns_by_a_form_reads_where_to(see):
    assert '<bdi dir="ltr">portal.example</bdi>' in shown(see, "oauth/form_post.html")
