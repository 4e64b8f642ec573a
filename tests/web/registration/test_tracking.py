"""Tracking a request: from any device, with its number and the phone."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from idp.domain.registration.case_state import CaseState
from idp.services.registration.receipts import TRACKED_FOR
from idp.services.registration.track import TRACKING_LIFE
from tests.factories import NATIONAL_ID, OTHER_MOBILE
from tests.web.hub import address, hidden, words
from tests.web.registration.walk import (
    prove_tracking,
    register,
    step_one,
    step_two,
    to_step_two,
    track,
)

PENDING = "درخواست شما با موفقیت ثبت گردید."
TRACKING = "پیگیری درخواست"
MISMATCH = "اطلاعات هویتی وارد شده توسط شما با پایگاه مرجع مطابقت ندارد"
BY_SMS = "نتیجه درخواست شما با پیامک به شما اعلام شده است."


@pytest.fixture
def tracking(hub):
    """A device of its own, after a registration on another one."""
    register(hub.browser())
    hub.take_sms()
    return hub.browser()


def the_case(hub):
    with hub.deps.begin(read_only=True) as work:
        return work.cases.list()[0]


def decide(hub, state: CaseState) -> None:
    with hub.deps.begin() as work:
        decided = replace(work.cases.list()[0], state=state, decided_at=hub.clock())
        work.cases.save(decided.erased())


def test_another_device_sees_the_request_with_number_phone_and_code(tracking):
    page = prove_tracking(tracking, track(tracking))

    assert PENDING in words(page)
    assert the_case(tracking.hub).tracking_number in words(page)


def test_the_sms_says_what_its_code_is_for(tracking):
    track(tracking)

    assert tracking.hub.take_sms()[0].text.startswith("تأمین اجتماعی\nکد پیگیری ")


def test_a_decided_request_shows_what_the_phone_was_told(tracking):
    decide(tracking.hub, CaseState.MISMATCH)

    assert MISMATCH in words(prove_tracking(tracking, track(tracking)))


def test_by_the_guide_tracking_proves_the_phone_that_nobody_has_proven(guide_hub):
    browser = guide_hub.browser()
    page = step_two(browser, step_one(browser))
    decide(guide_hub, CaseState.MISMATCH)
    assert BY_SMS in words(browser.get(address(page)))

    assert MISMATCH in words(prove_tracking(browser, track(browser)))


def test_the_number_may_be_typed_in_persian_digits_with_dashes(tracking):
    number = the_case(tracking.hub).tracking_number
    persian = number.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    page = track(tracking, tracking_number=f"{persian[:3]}-{persian[3:6]} {persian[6:]}")

    assert PENDING in words(prove_tracking(tracking, page))


def test_a_slip_in_the_number_is_told_at_once(tracking):
    number = the_case(tracking.hub).tracking_number
    page = track(tracking, tracking_number=f"{number[:-1]}{(int(number[-1]) + 1) % 10}")

    assert page.status_code == 422
    assert "این شماره پیگیری درست نیست" in words(page)


def test_a_national_id_is_told_from_a_tracking_number(tracking):
    page = track(tracking, tracking_number=NATIONAL_ID.value)

    assert "این کد ملی یا تلفن همراه است." in words(page)


def test_what_was_typed_wrong_stands_there_to_be_corrected(tracking):
    page = track(tracking, mobile="0912")

    assert the_case(tracking.hub).tracking_number in words(page)


def test_another_phone_gets_no_code(tracking):
    track(tracking, mobile=OTHER_MOBILE.national)

    assert tracking.hub.take_sms() == []


def test_a_wrong_code_is_wrong(tracking):
    page = prove_tracking(tracking, track(tracking), "000000")

    assert page.status_code == 422
    assert "کد وارد شده درست نیست." in words(page)


def test_a_code_can_be_sent_again(tracking):
    page = track(tracking)
    tracking.hub.take_sms()
    tracking.hub.clock.move(timedelta(minutes=1))
    page = tracking.post("/track/again", {"tracking": hidden(page, "tracking")})

    assert PENDING in words(prove_tracking(tracking, page))


def test_back_to_the_code_leads_to_the_request(tracking):
    code_page = track(tracking)
    prove_tracking(tracking, code_page)

    assert PENDING in words(tracking.get(address(code_page)))


@pytest.mark.parametrize("act", ["code", "again"])
def test_a_form_that_is_too_old_begins_again_and_says_so(tracking, act):
    page = track(tracking)
    code = tracking.hub.take_code()
    tracking.hub.clock.move(TRACKING_LIFE)
    form = {"tracking": hidden(page, "tracking"), "code": code}
    page = tracking.post(f"/track/{act}", form if act == "code" else {**form, "code": None})

    assert (page.status_code, page.request.path) == (200, "/track")
    assert "مهلت این صفحه به پایان رسیده است." in words(page)


def test_the_bare_address_of_the_code_leads_to_the_first_page(hub):
    page = hub.browser().get("/track/code")

    assert (page.status_code, page.request.path) == (200, "/track")


def test_another_browser_cannot_use_the_address_of_the_code(tracking):
    page = track(tracking)

    assert tracking.hub.browser().get(address(page)).request.path == "/track"


def test_a_tracked_request_is_shown_for_two_hours(tracking):
    page = prove_tracking(tracking, track(tracking))
    tracking.hub.clock.move(TRACKED_FOR)

    assert tracking.get(address(page)).request.path == "/track"


def test_a_browser_that_lost_its_cookies_is_led_to_the_tracking(hub):
    browser = hub.browser()
    page = register(browser)
    browser.client.delete_cookie("hub_browser", domain="127.0.0.1")

    later = browser.get(address(page))

    assert (later.status_code, later.request.path) == (200, "/track")


def switched(browser, page):
    """Return the page that the switch of the language leads to."""
    found = re.search(r'class="switch[^"]*"\s+href="([^"]*)"', page.text)
    return browser.get(found.group(1).replace("&amp;", "&"))


def test_the_language_can_be_switched_on_every_page(tracking):
    first = switched(tracking, tracking.get("/track"))
    code_page = switched(tracking, track(tracking))
    last = switched(tracking, prove_tracking(tracking, code_page))

    assert [one.request.path for one in (first, code_page, last)] == [
        *("/track", "/track/code", "/register/submitted")
    ]


@pytest.mark.parametrize("path", ["/login", "/register/details?flow=-"])
def test_other_pages_lead_to_the_tracking(hub, path):
    assert 'href="/track' in hub.browser().get(path).text


def test_the_pages_of_a_registration_lead_to_the_tracking(hub):
    browser = hub.browser()
    code_page = step_one(browser)
    assert 'href="/track' in code_page.text
    browser = hub.browser()
    hub.clock.move(timedelta(minutes=2))

    assert 'href="/track' in step_two(browser, to_step_two(browser)).text
