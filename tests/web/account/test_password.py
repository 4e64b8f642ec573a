from datetime import timedelta

import pytest

from tests.web.hub import hidden, path_of, words
from tests.web.sign_in.walk import NEW_PASSWORD, PASSWORD, enter, log_in

PAGE = "/account/security/password"


def change(browser, **fields):
    form = {
        "old_password": PASSWORD,
        "password": NEW_PASSWORD,
        "password_again": NEW_PASSWORD,
        **fields,
    }
    return browser.post(PAGE, form, follow=False)


def test_the_password_is_changed_and_the_citizen_stays_signed_in(inside):
    before = inside.cookie("hub_session")
    answer = change(inside)
    assert (answer.status_code, path_of(answer)) == (303, "/account/security")
    assert inside.cookie("hub_session") != before
    assert "گذرواژه شما تغییر یافت" in words(inside.get(answer.location))


def test_the_device_stays_known_under_the_new_password(inside):
    change(inside)
    inside.post("/logout", {})
    assert log_in(inside, password=NEW_PASSWORD).location == "/account"


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"old_password": "wrong"}, "گذرواژه فعلی نادرست است."),
        ({"old_password": ""}, "وارد کردن گذرواژه فعلی الزامی است."),
        ({"password": ""}, "وارد کردن گذرواژه جدید الزامی است."),
        ({"password": "short"}, "طول گذرواژه نباید کمتر از ۸ کاراکتر باشد."),
        ({"password": "Ahmadinezhad1", "password_again": "Ahmadinezhad1"}, "نباید شامل نام"),
        ({"password_again": "Abi5678kln"}, "یکسان نیستند"),
    ],
)
def test_what_is_wrong_is_said(inside, fields, says):
    page = change(inside, **fields)
    assert page.status_code == 422
    assert says in words(page)


def test_no_password_is_written_back(inside):
    page = change(inside, password_again="another")
    assert PASSWORD not in page.text
    assert NEW_PASSWORD not in page.text


def test_too_many_tries_wait(inside):
    for _ in range(10):
        change(inside, old_password="wrong")
    page = change(inside)
    assert page.status_code == 429
    assert page.headers["Retry-After"]


def test_a_busy_machine_says_so_and_keeps_the_password(inside):
    inside.hub.hashing.is_busy = True
    page = change(inside)
    assert page.status_code == 503
    assert page.headers["Retry-After"]


def test_a_session_that_died_meanwhile_leads_to_the_login(inside):
    real = inside.hub.hashing.hash

    def die(text):
        with inside.hub.deps.begin() as work:
            work.sessions.end_all("account-1", inside.hub.clock())
        return real(text)

    inside.hub.hashing.hash = die
    assert change(inside).location == "/login"


def test_a_stale_sign_in_is_asked_for_the_password_and_led_back(inside):
    inside.hub.clock.move(timedelta(minutes=6))
    page = inside.get("/account/prove", query_string={"to": "security"})
    assert "تأیید دوباره با گذرواژه" in words(page)
    form = {"to": "security", "password": PASSWORD}
    answer = inside.post("/account/prove", form, follow=False)
    assert (answer.status_code, answer.location) == (303, "/account/security")


def stale(browser, to, **typed):
    """Send a form when the password was typed a while ago; return the page that asks for it."""
    browser.hub.clock.move(timedelta(minutes=6))
    return browser.post(f"/account/{to}", typed, follow=False)


def proven(browser, page, to, password=PASSWORD):
    form = {"to": to, "kept": hidden(page, "kept"), "password": password}
    return browser.post("/account/prove", form, follow=False)


@pytest.mark.parametrize(("to", "typed"), [("email", "new@example.ir"), ("mobile", "09127919289")])
def test_what_was_typed_comes_back_after_the_password(inside, to, typed):
    back = proven(inside, stale(inside, to, **{to: typed}), to)
    assert f'value="{typed}"' in back.text


def test_what_was_typed_comes_back_after_a_wrong_password_too(inside):
    page = stale(inside, "email", email="new@example.ir")
    back = proven(inside, proven(inside, page, "email", "wrong"), "email")
    assert 'value="new@example.ir"' in back.text


def test_what_was_typed_lies_sealed_in_the_page(inside):
    assert "new@example.ir" not in stale(inside, "email", email="new@example.ir").text


def test_what_another_session_typed_is_not_shown(inside):
    page = stale(inside, "email", email="new@example.ir")
    other = inside.hub.browser()
    enter(other)
    assert proven(other, page, "email").location == "/account/email"


def test_a_session_on_no_known_device_is_asked_for_no_work(inside):
    page = stale(inside, "email", email="new@example.ir")
    inside.client.delete_cookie("hub_device", domain="127.0.0.1")
    for _ in range(9):
        asked = proven(inside, page, "email", "wrong")
    assert asked.status_code == 422
    assert hidden(asked, "kept") == hidden(page, "kept")


@pytest.mark.parametrize("to", ["https://evil.example", "//evil.example", "", "unknown"])
def test_attack_X01_the_way_back_is_a_name_of_ours(inside, to):
    answer = inside.post("/account/prove", {"to": to, "password": PASSWORD}, follow=False)
    assert answer.location == "/account"


@pytest.mark.parametrize("typed", ["", "wrong", "x" * 301])
def test_proving_with_a_bad_password_is_refused(inside, typed):
    answer = inside.post("/account/prove", {"to": "security", "password": typed}, follow=False)
    assert answer.status_code == 422


def test_proving_too_often_waits(inside):
    for _ in range(10):
        inside.post("/account/prove", {"to": "security", "password": "wrong"}, follow=False)
    form = {"to": "security", "password": PASSWORD}
    answer = inside.post("/account/prove", form, follow=False)
    assert answer.status_code == 429


@pytest.mark.parametrize("path", [PAGE, "/account/prove", "/account/security", "/account/portals"])
def test_a_stranger_is_led_to_the_login(hub, path):
    browser = hub.browser()
    assert browser.client.get(path).status_code in {303, 400}
    answer = browser.client.get(path, base_url="http://127.0.0.1:8000")
    assert answer.location == "/login"
