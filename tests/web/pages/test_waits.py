"""Every page that refuses for a while (429) says for how long, as its ``Retry-After`` does."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from idp.web.words import waits
from tests.fakes import NOON
from tests.web.hub import Browser, words
from tests.web.registration.test_submission import close_all
from tests.web.registration.walk import register
from tests.web.sign_in.walk import PASSWORD, log_in
from tests.web.visits import inside

WEB = Path(__file__).parents[3] / "idp/web"
_SAID = re.compile(r"[۰-۹]+ (ثانیه|دقیقه) دیگر|از [۰-۹]+ \w+ [۰-۹]{4} ساعت [۰-۹]{2}:[۰-۹]{2}")


def wrong_passwords_at_the_login(browser: Browser):
    inside(browser)
    browser.hub.clock.move(timedelta(minutes=2))
    browser.post("/logout", {})
    return [log_in(browser, password="Wrong1234") for _ in range(11)][-1]


def wrong_passwords_before_an_act(browser: Browser):
    inside(browser)
    form = {"to": "security", "password": "wrong"}
    return [browser.post("/account/prove", form) for _ in range(11)][-1]


def wrong_passwords_at_the_change(browser: Browser):
    inside(browser)
    new = {"password": "Abi5678klm", "password_again": "Abi5678klm", "old_password": "wrong"}
    return [browser.post("/account/security/password", new) for _ in range(11)][-1]


def wrong_passwords_at_the_closing(browser: Browser):
    inside(browser)
    form = {"confirmation": "بستن حساب", "password": "wrong"}
    return [browser.post("/account/close", form) for _ in range(11)][-1]


def numbers_after_numbers(browser: Browser):
    inside(browser)
    form = {"to": "mobile", "password": PASSWORD}
    for last in range(6):
        browser.hub.clock.move(timedelta(minutes=6))
        browser.post("/account/prove", form)
        page = browser.post("/account/mobile", {"mobile": f"0912791928{last}"})
    return page


def garbage(browser: Browser):
    return [browser.get("/oauth2/authorize") for _ in range(121)][-1]


def a_fourth_registration(browser: Browser):
    hub = browser.hub
    for _ in range(3):
        register(hub.browser())
        close_all(hub)
    return register(hub.browser())


REFUSED = {
    wrong_passwords_at_the_login: "sign_in/login.py",
    wrong_passwords_before_an_act: "account/password.py",
    wrong_passwords_at_the_change: "account/password.py",
    wrong_passwords_at_the_closing: "account/close.py",
    numbers_after_numbers: "pages/errors.py",
    garbage: "pages/errors.py",
    a_fourth_registration: "registration/register.py",
}
"""A way to each refusal, and the module that answers it."""

SHARED = {"forms/returned_forms.py"}
OF_SCRIPTS = {"registration/step_two.py"}
"""Answer a script, which shows nothing: it keeps a draft, and comes again by itself."""


@pytest.mark.parametrize("walk", REFUSED, ids=lambda walk: walk.__name__)
def test_a_refusal_for_a_while_tells_the_time(easy_hub, walk):
    page = walk(easy_hub.browser())
    assert page.status_code == 429
    assert int(page.headers["Retry-After"]) > 0
    assert _SAID.search(words(page)), words(page)


def test_no_module_that_refuses_for_a_while_is_missing_above():
    sources = {str(path.relative_to(WEB)): path.read_text("utf-8") for path in WEB.rglob("*.py")}
    refusing = {name for name, text in sources.items() if re.search(r"\b429\b|TooMany\b", text)}
    assert refusing - SHARED - OF_SCRIPTS == set(REFUSED.values())


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "۱\u00a0ثانیه دیگر"),
        (0.2, "۱\u00a0ثانیه دیگر"),
        (2, "۲\u00a0ثانیه دیگر"),
        (60, "۱\u00a0دقیقه دیگر"),
        (61, "۲\u00a0دقیقه دیگر"),
        (3599, "۶۰\u00a0دقیقه دیگر"),
        (3600, "از ۱\u00a0فروردین ۱۴۰۵ ساعت\u00a0۱۶:۳۰"),
        (3601, "از ۱\u00a0فروردین ۱۴۰۵ ساعت\u00a0۱۶:۳۱"),
    ],
)
def test_a_wait_is_told_in_seconds_minutes_or_from_when_on(hub, seconds, said):
    with hub.app.test_request_context("/"):
        assert waits.in_words(timedelta(seconds=seconds), NOON) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(1, "in 1\u00a0second"), (2, "in 2\u00a0seconds"), (60, "in 1\u00a0minute")],
)
def test_a_wait_is_told_in_english_too(hub, seconds, said):
    with hub.app.test_request_context("/", headers={"Cookie": "hub_language=en"}):
        assert waits.in_words(timedelta(seconds=seconds), NOON) == said


def test_a_page_that_is_opened_again_after_the_wait_refuses_nothing_any_more(easy_hub):
    browser = easy_hub.browser()
    page = wrong_passwords_at_the_login(browser)
    easy_hub.clock.move(timedelta(minutes=1))
    again = browser.get(f"/login?{page.request.query_string.decode()}")
    assert again.status_code == 200
    assert "Retry-After" not in again.headers
    assert not _SAID.search(words(again))
