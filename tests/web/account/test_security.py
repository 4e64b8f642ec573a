from datetime import timedelta

import pytest

from tests.web.hub import hidden, path_of, words
from tests.web.sign_in.walk import PASSWORD, enter, log_in

FIREFOX = "Mozilla/5.0 (Android 13; Mobile; rv:120.0) Gecko/120.0 Firefox/120.0"
PAGE = "/account/security"


@pytest.fixture
def other(inside):
    """A second browser of the same citizen, an hour later."""
    inside.hub.clock.move(timedelta(minutes=2))
    browser = inside.hub.browser()
    browser.client.environ_base["HTTP_USER_AGENT"] = FIREFOX
    enter(browser)
    return browser


def lives(browser):
    token = browser.cookie("hub_session")
    return browser.hub.deps.sessions.find_live(token) is not None


def test_the_page_tells_where_one_is_signed_in(inside, other):
    shown = words(inside.get(PAGE))
    assert "فایرفاکس روی اندروید" in shown
    assert "127.0.0.0/24" in shown
    assert "127.0.0.1" not in shown
    assert "همین دستگاه" in shown
    assert "فروردین" in shown or "اسفند" in shown


def test_one_other_session_is_ended(inside, other):
    page = inside.get(PAGE)
    form = {"session_id": hidden(page, "session_id")}
    answer = inside.post(f"{PAGE}/sessions/end", form, follow=False)
    assert (answer.status_code, path_of(answer)) == (303, PAGE)
    assert "ورود پایان یافت" in words(inside.get(answer.location))
    assert (lives(inside), lives(other)) == (True, False)


def test_all_other_sessions_are_ended(inside, other):
    inside.post(f"{PAGE}/sessions/end-others", {})
    assert (lives(inside), lives(other)) == (True, False)


def test_a_device_is_forgotten_and_needs_a_code_again(inside):
    form = {"device_id": hidden(inside.get(PAGE), "device_id")}
    assert inside.post(f"{PAGE}/devices/forget", form, follow=False).status_code == 303
    assert "دستگاه آشنایی وجود ندارد" in words(inside.get(PAGE))
    inside.post("/logout", {})
    inside.hub.clock.move(timedelta(minutes=2))
    assert "/login/code" in log_in(inside).text


def test_it_was_not_me_leads_to_a_new_password(inside, other):
    assert "حذف می‌شوند" in words(inside.get(f"{PAGE}/not-me"))
    answer = inside.post(f"{PAGE}/not-me", {}, follow=False)
    assert (answer.status_code, answer.location) == (303, f"{PAGE}/password")
    assert (lives(inside), lives(other)) == (True, False)


@pytest.mark.parametrize(
    ("path", "to"),
    [
        ("sessions/end", "security"),
        ("sessions/end-others", "security"),
        ("devices/forget", "security"),
        ("not-me", "not_me"),
    ],
)
def test_a_stale_sign_in_does_nothing_before_the_password(inside, other, path, to):
    inside.hub.clock.move(timedelta(minutes=6))
    answer = inside.post(f"{PAGE}/{path}", {}, follow=False)
    assert answer.location == f"/account/prove?to={to}"
    assert lives(other)
    back = inside.post("/account/prove", {"to": to, "password": PASSWORD}, follow=False)
    assert inside.client.get(back.location, base_url="http://127.0.0.1:8000").status_code == 200


def test_a_session_that_ended_meanwhile_is_led_to_the_login(inside):
    real = inside.hub.deps.own.again.is_fresh
    token = inside.cookie("hub_session")
    session = inside.hub.deps.sessions.find_live(token)
    assert real(session)
    with inside.hub.deps.begin() as work:
        work.sessions.end(session.id, inside.hub.clock())
    assert inside.post(f"{PAGE}/not-me", {}, follow=False).location == "/login"
