import json
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from idp.domain.people.account import AccountState
from idp.domain.registration.case_state import CaseState
from idp.web.words import messages
from tests import factories
from tests.web.hub import ORIGIN, hidden, without_tokens, words
from tests.web.sign_in.walk import (
    PASSWORD,
    USER,
    add_account,
    add_client,
    context_of,
    enter,
    log_in,
)

TEXTS = json.loads((Path(__file__).parents[2] / "data" / "guide_texts.json").read_text("utf-8"))[
    "screens"
]


@pytest.mark.parametrize("guide", [False, True])
def test_the_login_page_says_everything_of_s1(make_hub, guide):
    shown = words(make_hub(guide=guide).browser().get("/login"))
    rows = [row for row in TEXTS if "S1" in row["screens"]]
    assert [row["id"] for row in rows if " ".join(row["text"].split()) not in shown] == []


def test_the_fields_are_those_that_browsers_fill(hub):
    page = hub.browser().get("/login").text
    assert 'name="username"' in page
    assert 'autocomplete="username"' in page
    assert 'name="password"' in page
    assert 'autocomplete="current-password"' in page


@pytest.mark.parametrize("path", ["/register", "/guide", "/register/physicians", "/recover"])
def test_each_of_the_four_links_leads_to_a_page(hub, path):
    browser = hub.browser()
    assert f'href="{path}"' in browser.get("/login").text
    assert browser.get(path).status_code == 200


def test_every_link_of_the_page_carries_the_waiting_request_on(hub):
    add_client(hub)
    browser = hub.browser()
    page = browser.get("/login", query_string={"context": context_of(browser)}).text
    assert page.partition("<main")[2].count("?context=") == 5


def test_the_portal_is_named(hub):
    add_client(hub)
    browser = hub.browser()
    page = browser.get("/login", query_string={"context": context_of(browser)})
    assert "برای ورود به سوابق بیمه" in words(page)


def test_the_login_hint_is_filled_in(hub):
    add_client(hub)
    browser = hub.browser()
    context = context_of(browser, login_hint=USER)
    assert f'value="{USER}"' in browser.get("/login", query_string={"context": context}).text


def test_the_password_alone_signs_in_by_the_guide(guide_hub):
    add_account(guide_hub)
    browser = guide_hub.browser()
    answer = log_in(browser)
    assert (answer.status_code, answer.location) == (303, "/account")
    assert "محمد رضا" in words(browser.get("/account"))


def test_a_new_device_is_asked_for_the_code(hub):
    add_account(hub)
    browser = hub.browser()
    page = log_in(browser)
    assert page.status_code == 200
    assert "چرا کد؟" in words(page)
    assert browser.cookie("hub_session") is None
    answer = enter_code(browser, page, hub.take_code())
    assert (answer.status_code, answer.location) == (303, "/account")


def enter_code(browser, page, code):
    form = {"flow": hidden(page, "flow"), "code": code}
    return browser.post("/login/code", form, follow=False)


def test_a_known_device_signs_in_at_once(hub):
    add_account(hub)
    browser = hub.browser()
    enter(browser)
    browser.post("/logout", {})
    assert log_in(browser).status_code == 303


def test_a_waiting_request_is_resumed(guide_hub):
    add_account(guide_hub)
    add_client(guide_hub)
    browser = guide_hub.browser()
    context = context_of(browser)
    answer = log_in(browser, context=context)
    assert answer.status_code == 303
    assert urlsplit(answer.location).path == "/oauth2/authorize/resume"
    assert context[:20] in answer.location


def test_a_waiting_request_survives_the_code(hub):
    add_account(hub)
    add_client(hub)
    browser = hub.browser()
    answer = enter(browser, context=context_of(browser))
    assert urlsplit(answer.location).path == "/oauth2/authorize/resume"


def test_the_message_names_the_portal(hub):  # O12
    add_account(hub)
    add_client(hub)
    browser = hub.browser()
    log_in(browser, context=context_of(browser))
    assert "کد ورود سوابق بیمه " in hub.take_sms()[0].text


def test_who_is_signed_in_and_came_for_nothing_sees_the_account(guide_hub):
    add_account(guide_hub)
    browser = guide_hub.browser()
    log_in(browser)
    answer = browser.client.get("/login", base_url="http://127.0.0.1:8000")
    assert (answer.status_code, answer.location) == (303, "/account")


def test_attack_SE02_a_request_of_another_browser_does_not_open(hub):
    add_client(hub)
    context = context_of(hub.browser())
    page = hub.browser().get("/login", query_string={"context": context})
    assert page.status_code == 400
    assert "این صفحه در مرورگر دیگری باز شده است" in words(page)


def test_a_request_that_is_too_old_leads_to_a_login_without_a_portal(hub):
    add_client(hub)
    browser = hub.browser()
    context = context_of(browser)
    hub.clock.move(timedelta(hours=2))
    page = browser.get("/login", query_string={"context": context})
    assert page.status_code == 400
    assert 'href="/login"' in page.text


@pytest.mark.parametrize("context", ["x", "row:x", "\x00", "آ", "a" * 9000])
def test_a_made_up_request_is_told(hub, context):
    browser = hub.browser()
    assert browser.get("/login", query_string={"context": context}).status_code == 400
    assert log_in(browser, context=context).status_code == 400


def test_the_typed_name_stays_and_the_password_does_not(hub):
    page = log_in(hub.browser(), password="Wrong1234").text
    assert f'value="{USER}"' in page
    assert "Wrong1234" not in page


# Nobody learns who has an account.


def make_case(hub):
    with hub.deps.begin() as work:
        work.cases.add(factories.case(state=CaseState.CHECKING))


MAKERS = {
    "unknown": lambda hub: None,
    "wrong": add_account,
    "suspended": lambda hub: add_account(hub, state=AccountState.SUSPENDED),
    "closed": lambda hub: add_account(hub, state=AccountState.CLOSED),
    "open case": make_case,
}


def plain(page, browser):
    """The page without what differs each time: the token of its forms, a held form, its puzzle."""
    text = re.sub(r'((?:"held"\s+value|data-puzzle)=")[^"]*"', r'\1"', page.text)
    text = re.sub(r"\b(form|work)=[\w.-]+", r"\1=", text)  # sealed anew each time
    return without_tokens(text)


def answers(make_hub, make, password):
    hub = make_hub()
    make(hub)
    browser = hub.browser()
    hub.hashing.hashed = 0
    pages = [log_in(browser, password=password) for _ in range(6)]
    for one in pages:  # of a held form as long as what was typed: the password differs here
        del one.headers["Content-Length"]
    kept = [(one.status_code, plain(one, browser), sorted(one.headers.items())) for one in pages]
    return kept, hub.hashing.hashed


def test_attack_E01_E02_every_refusal_has_the_same_bytes_headers_and_hashes(make_hub):
    all_answers = [
        answers(make_hub, make, "Wrong1234" if name == "wrong" else PASSWORD)
        for name, make in MAKERS.items()
    ]
    for other in all_answers[1:]:
        assert other == all_answers[0]


def test_N06_is_the_refusal(hub):
    page = log_in(hub.browser())
    assert page.status_code == 422
    assert messages.text("N06") in words(page)


@pytest.mark.parametrize("last", [PASSWORD, "Wrong1234"])
def test_N07_is_the_answer_past_the_limit_of_a_known_device_right_or_wrong(hub, last):
    add_account(hub)
    browser = hub.browser()
    enter(browser)
    hub.clock.move(timedelta(minutes=2))
    browser.post("/logout", {})
    for _ in range(10):
        log_in(browser, password="Wrong1234")
    page = log_in(browser, password=last)
    assert (page.status_code, page.headers["Retry-After"]) == (429, "2")
    assert messages.text("N07", wait="۲ ثانیه دیگر") in words(page)


def test_a_busy_machine_says_503(hub):
    browser = hub.browser()
    browser.csrf_token()
    hub.hashing.is_busy = True
    page = log_in(browser)
    assert page.status_code == 503
    assert "Retry-After" in page.headers


# What is typed wrong, or was never typed in our form.

BAD = {
    "empty": "",
    "10 kB": "x" * 10_000,
    "NUL": "a\x00b",
    "lone surrogate": b"\xed\xa0\x80",
    "not UTF-8": b"\xff\xfe",
    "RTL override": "a\u202eb",
    "markup": "<script>alert(1)</script>",
}


@pytest.mark.parametrize("value", BAD.values(), ids=BAD.keys())
@pytest.mark.parametrize("name", ["username", "password", "flow", "code"])
@pytest.mark.parametrize("path", ["/login", "/login/code", "/login/code/again"])
def test_bad_input_is_a_clear_4xx(hub, path, name, value):
    browser = hub.browser()
    form = {"username": USER, "password": PASSWORD, "flow": "x", "code": "123456", name: value}
    page = browser.post(path, form)
    assert 400 <= page.status_code < 500
    assert "<script>alert" not in page.text


@pytest.mark.parametrize("name", ["username", "password", "context"])
def test_a_repeated_field_is_no_form_of_ours(hub, name):
    browser = hub.browser()
    form = {"csrf_token": browser.csrf_token(), "username": USER, "password": PASSWORD}
    page = browser.post("/login", {**form, name: ["a", "b"]})
    assert page.status_code == 400


def test_reloading_the_code_page_leads_back(hub):
    browser = hub.browser()
    assert words(browser.get("/login/code")) == words(browser.get("/login"))


def test_the_token_of_a_form_looks_different_on_every_page(hub):  # BREACH: pages are compressed
    browser = hub.browser()
    first, second = (hidden(browser.get("/login"), "csrf_token") for _ in range(2))
    assert first != second
    assert browser.post("/login", {"csrf_token": first}).status_code == 422


def test_a_browser_without_cookies_is_told_about_cookies(hub):
    browser = hub.browser()
    form = {"csrf_token": browser.csrf_token(), "username": USER, "password": PASSWORD}
    page = hub.app.test_client().post("/login", data=form, base_url=ORIGIN)
    assert page.status_code == 403
    assert "کوکی را برای این آدرس مجاز کنید" in words(page)


def test_a_form_of_another_site_is_told_nothing_of_cookies(hub):
    headers = {"Origin": "https://evil.example"}
    page = hub.app.test_client().post("/login", data={}, base_url=ORIGIN, headers=headers)
    assert page.status_code == 403
    assert "کوکی" not in words(page)


def press(browser, token, **fields):
    """Press the button of one page of the login form; no redirect is followed."""
    form = {"csrf_token": token, "username": USER, "password": PASSWORD, **fields}
    return browser.client.post("/login", data=form, base_url=ORIGIN)


def test_a_double_click_is_one_sign_in(make_hub):
    hub = make_hub(guide=True)
    add_account(hub)
    browser = hub.browser()
    token = browser.csrf_token()

    answers = [press(browser, token) for _ in range(2)]

    first, second = [(one.status_code, one.location) for one in answers]
    assert first == second == (303, "/account")
    assert answers[0].headers.getlist("Set-Cookie") == answers[1].headers.getlist("Set-Cookie")
    with hub.deps.begin(read_only=True) as work:
        assert [entry.action for entry in work.audit.tail()].count("signed_in") == 1


def test_a_double_click_is_one_wrong_password(make_hub):
    hub = make_hub(guide=True)
    add_account(hub)
    browser = hub.browser()
    token = browser.csrf_token()

    answers = [press(browser, token, password="Wrong1234") for _ in range(2)]

    assert answers[0].location == answers[1].location


def test_a_form_that_says_nothing_is_asked_again_each_time(hub):
    browser = hub.browser()
    token = browser.csrf_token()

    answers = [press(browser, token, password="") for _ in range(2)]

    assert [one.status_code for one in answers] == [303, 303]
    assert all("/login?" in one.location for one in answers)
