"""The page of a submitted case tells the state of now, and looks again by itself."""

import re
from datetime import timedelta

import pytest

from idp.domain.registration.case import DEADLINE
from idp.domain.registration.case_state import CaseState
from tests.web.help.branch_rows import put_branches
from tests.web.hub import Browser, address, hidden, words
from tests.web.registration.walk import register, step_one, step_two
from tests.web.sign_in.walk import add_account, add_client, context_of, enter
from tests.web.statements.reading import main, title
from tests.web.tour_of_registration import decided, end

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
PORTAL = "سوابق بیمه"
OPEN = [CaseState.RECEIVED, CaseState.CHECKING]


def looks_after(page) -> int | None:
    """Return after how many seconds a browser without scripts loads the page again."""
    found = re.search(r'<noscript>\s*<meta http-equiv="refresh" content="([0-9]+)">', page.text)
    return int(found.group(1)) if found else None


def later(browser: Browser, page, span: timedelta):
    browser.hub.clock.move(span)
    return browser.get(address(page))


def test_it_looks_again_soon_while_the_case_is_young(hub):
    assert looks_after(register(hub.browser())) == 20


@pytest.mark.parametrize(
    ("age", "seconds"), [(6 * MINUTE, 60), (HOUR, 600), (24 * HOUR, 900), (DEADLINE, 900)]
)
def test_it_looks_less_often_as_the_case_grows_older(hub, age, seconds):
    browser = hub.browser()

    assert looks_after(later(browser, register(browser), age)) == seconds


@pytest.mark.parametrize(
    "state", [one for one in CaseState if one not in OPEN], ids=lambda state: state.value
)
def test_it_stops_when_there_is_nothing_to_wait_for(hub, state):
    page = decided(hub.browser(), state)

    assert looks_after(page) is None
    assert "progress.js" not in page.text


def test_the_citizen_can_stop_it(hub):
    browser = hub.browser()
    page = register(browser)
    stop = re.search(r'href="([^"]*still=1[^"]*)"', page.text).group(1).replace("&amp;", "&")

    stopped = browser.get(stop)

    assert looks_after(stopped) is None
    assert "data-look-after" not in stopped.text


def test_looking_again_keeps_no_session_alive(hub):
    browser = hub.browser()
    page = register(browser)
    hub.take_sms()
    add_account(hub)
    enter(browser)
    for _ in range(8):
        later(browser, page, 10 * MINUTE)

    assert browser.get("/account").request.path == "/login"


def test_it_says_what_may_have_been_wrong(hub):
    page = words(decided(hub.browser(), CaseState.MISMATCH))

    assert "این پیامک معمولاً به یکی از این دلایل ارسال می‌شود:" in page
    assert "ثبت نام دوباره" in page


def test_overdue_it_says_what_happens_next(hub):
    browser = hub.browser()
    page = later(browser, register(browser), DEADLINE)

    assert "چه می‌شود؟" in words(page)


def test_at_the_branch_it_says_what_to_bring(hub):
    page = words(decided(hub.browser(), CaseState.BRANCH))

    assert "اصل شناسنامه" in page
    assert "نزدیکترین شعبه" in page


def test_at_the_branch_one_link_leads_to_the_branches(hub):
    page = decided(hub.browser(), CaseState.BRANCH).text

    assert page.partition("<footer")[0].count('href="/branches"') == 1


def test_the_branch_is_the_way_on_where_no_sign_in_can_work(hub):
    put_branches(hub)
    page = main(decided(hub.browser(), CaseState.BRANCH))

    assert "یافتن شعبه" in page
    assert "ورود به سیستم" not in page


@pytest.mark.parametrize("age", [MINUTE, DEADLINE], ids=["in time", "overdue"])
def test_while_it_is_checked_nobody_is_led_to_a_sign_in(hub, age):
    browser = hub.browser()

    assert "ورود به سیستم" not in main(later(browser, register(browser), age))


@pytest.mark.parametrize("age", [MINUTE, DEADLINE], ids=["in time", "overdue"])
def test_while_it_is_checked_the_result_is_no_step_that_is_done(hub, age):
    browser = hub.browser()
    page = later(browser, register(browser), age)

    assert re.search(r'class="is-waiting"\s+aria-current="step">نتیجه<', page.text)


def test_the_first_line_says_that_the_request_is_there(hub):
    page = register(hub.browser())

    assert title(page) == "درخواست شما ثبت شده است"


def test_the_letter_ends_before_the_number(hub):
    page = main(register(hub.browser()))

    assert page.index("با تشکر") < page.index("شماره پیگیری درخواست شما:")


def test_in_the_first_hour_no_hour_has_passed(hub):
    page = main(register(hub.browser()))

    assert "۴۸ ساعت مانده است." in page
    assert "۰ ساعت گذشته" not in page


HEADINGS = {
    CaseState.ACTIVATED: "حساب کاربری شما فعال شد",
    CaseState.MISMATCH: "اطلاعات شما مطابقت ندارد",
    CaseState.DUPLICATE: "شما حساب کاربری دارید",
    CaseState.EXPIRED: "مهلت درخواست شما به پایان رسید",
    CaseState.BRANCH: "به شعبه مراجعه کنید",
}


@pytest.mark.parametrize("state", HEADINGS, ids=lambda state: state.value)
def test_the_first_line_says_how_it_ended(hub, state):
    assert title(decided(hub.browser(), state)) == HEADINGS[state]


def test_a_result_that_only_the_phone_is_told_has_no_state_in_its_first_line(hub):
    page = decided(hub.browser(), CaseState.ACTIVATED, phone_proven=False)

    assert title(page) == "نتیجه درخواست شما"


@pytest.mark.parametrize(
    ("state", "colour"),
    [
        (CaseState.ACTIVATED, "sms"),
        (CaseState.MISMATCH, "sms wrong"),
        (CaseState.DUPLICATE, "sms care"),
        (CaseState.BRANCH, "sms care"),
    ],
)
def test_the_sms_has_the_colour_of_what_it_says(hub, state, colour):
    assert f'<p class="{colour}"' in decided(hub.browser(), state).text


@pytest.mark.parametrize("state", [CaseState.MISMATCH, CaseState.BRANCH])
def test_who_reads_english_learns_what_the_persian_text_is(hub, state):
    browser = hub.browser()
    browser.get("/login?language=en")

    assert "The SMS that we sent you:" in words(decided(browser, state))


def test_expired_it_says_what_to_do_and_blames_nobody(hub):
    page = main(decided(hub.browser(), CaseState.EXPIRED))

    assert "مهلت ۹۰ روزه مراجعه به شعبه به پایان رسید" in page
    assert "اشتباه" not in page


@pytest.mark.parametrize("state", [CaseState.ACTIVATED, CaseState.DUPLICATE])
def test_who_has_an_account_needs_no_tracking_number(hub, state):
    assert "شماره پیگیری" not in main(decided(hub.browser(), state))


@pytest.fixture
def sent(hub):
    """A browser that a portal sent, and the page of its case."""
    add_client(hub, client_uri="https://records.example/")
    browser = hub.browser()
    context = context_of(browser)
    page = step_one(browser, context=context)
    form = {"flow": hidden(page, "flow"), "code": hub.take_code(), "context": context}
    page = browser.post("/register/code", form)
    return browser, step_two(browser, page, context=context)


def test_activated_the_sign_in_leads_back_to_the_portal(sent):
    browser, page = sent
    end(browser, CaseState.ACTIVATED)
    result = browser.get(address(page))

    assert f"پس از ورود به {PORTAL} برمی‌گردید." in words(result)
    assert re.search(r'class="button"\s+href="/login\?context=', result.text)


def test_activated_long_after_the_portal_asked_the_way_leads_to_the_portal(sent):
    browser, page = sent
    browser.hub.clock.move(24 * HOUR)
    end(browser, CaseState.ACTIVATED)
    result = browser.get(address(page))

    assert re.search(r'class="button"\s+href="https://records.example/"', result.text)
    assert f"ورود به {PORTAL}" in words(result)
    assert "ورود به حساب کاربری" in words(result)


def test_the_portal_has_its_english_name_in_english(sent):
    browser, page = sent
    add_client(browser.hub, client_uri="https://records.example/", name_en="Insurance records")
    browser.hub.clock.move(24 * HOUR)
    end(browser, CaseState.ACTIVATED)
    browser.get("/login?language=en")

    assert "Sign in to Insurance records" in words(browser.get(address(page)))


def test_activated_nobody_is_asked_whether_the_password_is_forgotten(hub):
    assert "/recover" not in decided(hub.browser(), CaseState.ACTIVATED).text


def test_a_duplicate_leads_to_sign_in_and_recovery(hub):
    page = decided(hub.browser(), CaseState.DUPLICATE).text

    assert 'href="/login"' in page
    assert 'href="/recover"' in page
