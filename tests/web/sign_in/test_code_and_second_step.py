from datetime import timedelta

import pytest

from idp.domain.sign_in.session import ACR_PASSWORD, ACR_PASSWORD_OTP
from idp.web.words import messages
from tests.web.hub import hidden, words
from tests.web.sign_in.walk import add_account, add_client, context_of, enter, log_in

ORIGIN = "http://127.0.0.1:8000"


@pytest.fixture
def asked(hub):
    """A browser on the code page."""
    add_account(hub)
    browser = hub.browser()
    page = log_in(browser)
    return browser, hidden(page, "flow")


def send(browser, pending, code):
    form = {"flow": pending, "code": code}
    return browser.post("/login/code", form, follow=False)


def wrong_of(code):
    return f"{(int(code) + 1) % 10**6:06}"


def test_a_wrong_code_is_told_beside_the_field(hub, asked):
    browser, pending = asked
    page = send(browser, pending, wrong_of(hub.take_code()))
    assert page.status_code == 422
    assert messages.text("code.wrong") in words(page)
    assert hidden(page, "flow") == pending


def test_attack_O06_the_code_is_on_no_page(hub, asked):
    browser, pending = asked
    code = hub.take_code()
    page = send(browser, pending, wrong_of(code))
    assert code not in page.text


def test_the_code_is_taken_in_persian_digits(hub, asked):
    browser, pending = asked
    code = hub.take_code().translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    assert send(browser, pending, code).status_code == 303


def test_attack_O04_a_code_works_once(hub, asked):
    browser, pending = asked
    code = hub.take_code()
    assert send(browser, pending, code).status_code == 303
    again = hub.browser()
    assert send(again, pending, code).status_code == 400


def test_attack_SE02_another_browser_cannot_finish(hub, asked):
    _, pending = asked
    page = send(hub.browser(), pending, hub.take_code())
    assert page.status_code == 400
    assert messages.text("N02") in words(page)


def test_another_code_comes_after_a_minute(hub, asked):
    browser, pending = asked
    hub.take_code()
    hub.clock.move(timedelta(minutes=1))
    page = browser.post("/login/code/again", {"flow": pending})
    assert "پیامک شد" in words(page)
    assert send(browser, pending, hub.take_code()).status_code == 303


def test_a_second_press_within_the_minute_sends_nothing_and_says_so(hub, asked):
    browser, pending = asked
    hub.clock.move(timedelta(seconds=30))
    hub.take_sms()
    page = browser.post("/login/code/again", {"flow": pending})
    assert hub.take_sms() == []
    assert "هنوز معتبر است، تا ۵ دقیقه دیگر" in words(page)


def test_past_the_own_count_the_page_says_from_when_on_codes_go_again(hub, asked):
    browser, _ = asked
    for _ in range(10):
        hub.clock.move(timedelta(minutes=1))
        page = browser.post("/login/code/again", {"flow": hidden(log_in(browser), "flow")})
    assert "تعداد کدهای این حساب به حد مجاز رسیده است" in words(page)


def test_a_sign_in_begun_again_says_that_the_code_on_the_phone_is_still_good(hub, asked):
    browser, _ = asked
    code = hub.take_code()
    hub.clock.move(timedelta(minutes=3))
    again = log_in(browser)
    assert "هنوز معتبر است، تا ۲ دقیقه دیگر" in words(again)
    assert send(browser, hidden(again, "flow"), code).status_code == 303


def test_a_code_that_is_tried_out_is_told_with_the_way_to_another(hub, asked):
    browser, pending = asked
    for _ in range(5):
        send(browser, pending, "000000")
    assert "دکمه «ارسال کد جدید» را بزنید" in words(browser.get(f"/login/code?flow={pending}"))


def test_back_after_the_sign_in_leads_on(hub, asked):
    browser, pending = asked
    send(browser, pending, hub.take_code())
    assert browser.get(f"/login/code?flow={pending}").request.path == "/account"


def test_sending_again_for_nothing_is_told(hub):
    assert hub.browser().post("/login/code/again", {"flow": "x"}).status_code == 400


# The second step.


def session_of(browser):
    return browser.hub.deps.sessions.find_live(browser.cookie("hub_session"))


@pytest.fixture
def inside(guide_hub):
    """A browser that is signed in with the password alone."""
    add_account(guide_hub)
    add_client(guide_hub)
    browser = guide_hub.browser()
    log_in(browser)
    assert session_of(browser).acr == ACR_PASSWORD
    return browser


def test_opening_the_second_step_sends_nothing(inside):
    context = context_of(inside)
    page = inside.get("/login/second-step", query_string={"context": context})
    assert page.status_code == 200
    assert inside.hub.take_sms() == []


def test_the_second_step_raises_the_session_and_goes_on(inside):
    context = context_of(inside)
    before = inside.cookie("hub_session")
    inside.post("/login/second-step/send", {"context": context})
    form = {"context": context, "code": inside.hub.take_code()}
    answer = inside.post("/login/second-step", form, follow=False)
    assert answer.location.startswith("/oauth2/authorize/resume?context=")
    assert session_of(inside).acr == ACR_PASSWORD_OTP
    assert inside.cookie("hub_session") != before


def test_asking_for_a_code_after_the_second_step_sends_none_and_leads_on(inside):
    context = context_of(inside)
    inside.post("/login/second-step/send", {"context": context})
    inside.post("/login/second-step", {"context": context, "code": inside.hub.take_code()})
    inside.hub.clock.move(timedelta(minutes=2))
    page = inside.post("/login/second-step/send", {"context": context})
    assert inside.hub.take_sms() == []
    assert page.request.path == "/consent"


def test_a_wrong_second_step_is_told(inside):
    inside.post("/login/second-step/send", {})
    wrong = wrong_of(inside.hub.take_code())
    page = inside.post("/login/second-step", {"code": wrong})
    assert page.status_code == 422
    assert session_of(inside).acr == ACR_PASSWORD


def test_an_empty_second_step_is_told(inside):
    assert inside.post("/login/second-step", {"code": ""}).status_code == 422


@pytest.mark.parametrize("path", ["/login/second-step", "/login/second-step/send"])
def test_attack_SE07_without_a_session_there_is_no_second_step(hub, path):
    add_client(hub)
    browser = hub.browser()
    answer = browser.post(path, {"context": context_of(browser), "code": "1"}, follow=False)
    assert answer.location.startswith("/login?context=")


def test_attack_SE07_opening_the_second_step_without_a_session_leads_to_the_login(hub):
    answer = hub.browser().client.get("/login/second-step", base_url=ORIGIN)
    assert (answer.status_code, answer.location) == (303, "/login")


def test_attack_SE08_a_second_step_of_an_ended_session_leads_to_the_login(inside):
    inside.post("/login/second-step/send", {})
    code = inside.hub.take_code()
    inside.hub.deps.sign_out.sign_out(session_of(inside))
    answer = inside.post("/login/second-step", {"code": code}, follow=False)
    assert (answer.status_code, answer.location) == (303, "/login")


def test_a_sign_in_with_code_needs_no_second_step(hub):
    add_account(hub)
    browser = hub.browser()
    enter(browser)
    assert session_of(browser).acr == ACR_PASSWORD_OTP
