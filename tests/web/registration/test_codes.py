"""The code between the steps."""

from datetime import timedelta

from tests.web.hub import hidden, without_tokens, words
from tests.web.registration.walk import prove, step_one, to_step_two

STEP_TWO = "ثبت نام - گام دوم"
CODE_PAGE = "تأیید شماره تلفن همراه"
MINUTE = timedelta(minutes=1)


def test_a_wrong_code_is_said_so(hub):
    browser = hub.browser()
    page = prove(browser, step_one(browser), "000000")
    assert page.status_code == 422
    assert "کد وارد شده درست نیست." in words(page)


def test_a_code_dies_after_five_wrong_tries(hub):
    browser = hub.browser()
    page = step_one(browser)
    code = hub.take_code()
    for _ in range(5):
        prove(browser, page, "000000")
    assert STEP_TWO not in words(prove(browser, page, code))


def test_a_code_lives_five_minutes(hub):
    browser = hub.browser()
    page = step_one(browser)
    code = hub.take_code()
    hub.clock.move(5 * MINUTE)
    assert "این کد دیگر معتبر نیست." in words(prove(browser, page, code))


def test_a_code_may_be_typed_in_persian_digits(hub):
    browser = hub.browser()
    page = step_one(browser)
    code = hub.take_code().translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    assert STEP_TWO in words(prove(browser, page, f" {code}\u200f"))


def test_a_code_of_another_registration_opens_nothing(hub):
    browser, other = hub.browser(), hub.browser()
    page = step_one(browser)
    hub.take_sms()
    hub.clock.move(2 * MINUTE)
    step_one(other, mobile="09127919289")
    assert CODE_PAGE in words(prove(browser, page, hub.take_code()))


def test_a_new_code_replaces_the_old_one(hub):
    browser = hub.browser()
    page = step_one(browser)
    old = hub.take_code()
    hub.clock.move(2 * MINUTE)
    browser.post("/register/code/resend", {"flow": hidden(page, "flow")})
    new = hub.take_code()
    assert STEP_TWO not in words(prove(browser, page, old))
    assert STEP_TWO in words(prove(browser, page, new))


def test_within_a_minute_no_second_code_is_sent_and_the_page_says_the_same(hub):
    browser = hub.browser()
    page = step_one(browser)
    code = hub.take_code()
    again = browser.post("/register/code/resend", {"flow": hidden(page, "flow")})
    assert hub.take_sms() == []
    hub.clock.move(2 * MINUTE)
    sent = browser.post("/register/code/resend", {"flow": hidden(page, "flow")})
    assert without_tokens(again.text) == without_tokens(sent.text)
    assert code


def test_a_limited_phone_keeps_its_first_code(hub):
    browser = hub.browser()
    page = step_one(browser)
    code = hub.take_code()
    browser.post("/register/code/resend", {"flow": hidden(page, "flow")})
    assert STEP_TWO in words(prove(browser, page, code))


def test_a_phone_gets_at_most_five_codes_an_hour(easy_hub):
    hub = easy_hub
    sent = 0
    for _ in range(8):
        step_one(hub.browser())
        sent += len(hub.take_sms())
        hub.clock.move(2 * MINUTE)
    assert sent == 5


def test_attack_O14_tries_in_other_browsers_take_none_from_this_one(easy_hub):
    hub = easy_hub
    browser = hub.browser()
    page = step_one(browser)
    code = hub.take_code()
    for _ in range(5):
        stranger = hub.browser()
        strange = step_one(stranger)
        assert [prove(stranger, strange, "000000").status_code for _ in range(5)] == [422] * 5
    assert STEP_TWO in words(prove(browser, page, code))


def test_a_second_click_on_a_right_code_leads_on(hub):
    browser = hub.browser()
    page = step_one(browser)
    code = hub.take_code()
    prove(browser, page, code)
    assert STEP_TWO in words(prove(browser, page, code))


def test_step_two_is_not_to_be_had_without_the_code(hub):
    browser = hub.browser()
    page = step_one(browser)
    ahead = browser.get(f"/register/details?flow={hidden(page, 'flow')}")
    assert CODE_PAGE in words(ahead)


def test_another_browser_may_not_use_the_record(hub):
    page = to_step_two(hub.browser())
    stranger = hub.browser().get(f"/register/details?flow={hidden(page, 'flow')}")
    assert stranger.status_code == 410
    assert "9994863177" not in words(stranger)


def test_a_record_lives_two_hours(hub):
    browser = hub.browser()
    page = to_step_two(browser)
    hub.clock.move(timedelta(hours=2))
    gone = browser.get(f"/register/details?flow={hidden(page, 'flow')}")
    assert gone.status_code == 410
    assert "مهلت این صفحه به پایان رسیده است." in words(gone)
