"""The page of a submitted case tells the state of now, and looks again by itself."""

import re
from datetime import timedelta

import pytest

from idp.domain.registration.case import DEADLINE
from idp.domain.registration.case_state import CaseState
from tests.web.hub import Browser, address, hidden, words
from tests.web.registration.walk import register, step_one, step_two
from tests.web.sign_in.walk import add_account, add_client, context_of, enter
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

    assert "این پیامک بیشتر به یکی از این دلیل‌ها ارسال می‌شود:" in page
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


def test_activated_nobody_is_asked_whether_the_password_is_forgotten(hub):
    assert "/recover" not in decided(hub.browser(), CaseState.ACTIVATED).text


def test_a_duplicate_leads_to_sign_in_and_recovery(hub):
    page = decided(hub.browser(), CaseState.DUPLICATE).text

    assert 'href="/login"' in page
    assert 'href="/recover"' in page
