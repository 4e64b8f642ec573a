"""After a mismatch a citizen corrects what the browser has kept, and types secrets alone again."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from idp.domain.registration.case_state import CaseState
from idp.services.registration.own_copies import LIFE, LONGEST
from tests.factories import NATIONAL_ID, OTHER_MOBILE
from tests.web.hub import Browser, address, words
from tests.web.registration.walk import (
    PASSWORD,
    STEP_TWO,
    fill_in,
    prove,
    prove_tracking,
    register,
    step_one,
    step_two,
    to_step_two,
    track,
)
from tests.web.sign_in.walk import add_account

KEPT = "فقط این مرورگر آن را رمزشده نگه داشته است"
FILLED_IN = "این فرم با اطلاعات درخواست قبلی شما پر شده است"
FAMILY_NAME = f'value="{STEP_TWO["family_name"]}"'


def decide(browser: Browser, state: CaseState) -> None:
    hub = browser.hub
    with hub.deps.begin() as work:
        for case in work.cases.list():
            work.cases.save(replace(case, state=state, decided_at=hub.clock()).erased())
    hub.take_sms()


@pytest.fixture
def browser(hub):
    return hub.browser()


@pytest.fixture
def refused(browser):
    """The page of a mismatch, in the browser that registered."""
    page = register(browser)
    decide(browser, CaseState.MISMATCH)
    browser.hub.clock.move(timedelta(minutes=2))
    return browser.get(address(page))


def again(browser: Browser, page) -> str:
    """Return step one as the button «ثبت نام دوباره» leads to it."""
    link = re.search(r'href="(/register[^"]*again=[^"]*)"', page.text)
    assert link
    return browser.get(link.group(1).replace("&amp;", "&")).text


def marked(page) -> list[str]:
    """Return the fields of step two with the mark of a right one, but for those of step one."""
    found = re.findall('id="([a-z_]+)-good"', page.text)
    return [name for name in found if name not in {"national_id", "mobile"}]


def test_step_one_is_filled_in(browser, refused):
    page = again(browser, refused)

    assert KEPT in words(refused)
    assert f'value="{NATIONAL_ID.value}"' in page


def test_step_two_is_filled_in_once_the_phone_is_proven_again(browser, refused):
    page = to_step_two(browser)

    assert FAMILY_NAME in page.text
    assert f'value="{STEP_TWO["serial"]}"' in page.text


def test_the_form_says_where_its_data_come_from(browser, refused):
    page = words(to_step_two(browser))

    assert FILLED_IN in page
    assert "با پایگاه مرجع مطابقت نداشت" in page


def test_a_request_that_expired_was_not_refused(browser):
    register(browser)
    decide(browser, CaseState.EXPIRED)
    browser.hub.clock.move(timedelta(minutes=2))
    page = words(to_step_two(browser))

    assert FILLED_IN in page
    assert "با پایگاه مرجع مطابقت نداشت" not in page


def test_who_registers_for_the_first_time_reads_nothing_of_it(browser):
    assert FILLED_IN not in words(to_step_two(browser))


def test_what_the_registry_refused_is_not_marked_right(browser, refused):
    page = to_step_two(browser)

    assert marked(page) == []


def test_a_field_that_was_changed_is(browser, refused):
    page = to_step_two(browser)
    fill_in(browser, page, family_name="رضایی", email="nobody")

    assert marked(browser.get(address(page))) == ["family_name"]


def test_secrets_are_not(browser, refused):
    page = to_step_two(browser).text

    assert [one for one in (PASSWORD, STEP_TWO["answer"]) if one in page] == []


def test_a_correction_and_the_secrets_are_enough(browser, refused):
    page = to_step_two(browser)
    secrets = {name: STEP_TWO[name] for name in ("answer", "password", "password_again")}
    kept = {name: STEP_TWO[name] for name in STEP_TWO if f'name="{name}"' in page.text}
    done = step_two(browser, page, **{**kept, **secrets, "serial": "654321"})

    assert "درخواست شما با موفقیت ثبت گردید." in words(done)


def test_what_is_typed_now_goes_before_what_was_typed_then(browser, refused):
    page = to_step_two(browser)
    fill_in(browser, page, family_name="رضایی", email="nobody")
    page = browser.get(address(page))

    assert 'value="رضایی"' in page.text
    assert FAMILY_NAME not in page.text


def test_the_hub_has_kept_none_of_it(browser, refused):
    with browser.hub.deps.begin(read_only=True) as work:
        (case,) = work.cases.list()
        assert case.application is None
    browser.client.delete_cookie("hub_copy", domain="127.0.0.1")

    assert KEPT not in words(browser.get(address(refused)))
    assert FAMILY_NAME not in to_step_two(browser).text


def test_a_physician_goes_to_the_physicians_page_again(browser):
    page = browser.post("/register/physicians", {**step_one_fields()})
    physician = {"profession": "midwife", "council_number": "4451"}
    page = step_two(browser, prove(browser, page), **physician)
    decide(browser, CaseState.MISMATCH)

    assert 'href="/register/physicians?again=' in browser.get(address(page)).text


def step_one_fields() -> dict[str, str]:
    return {"national_id": NATIONAL_ID.value, "operator": "mci", "mobile": "09121234567"}


def test_an_account_leaves_no_copy(browser):
    page = register(browser)
    assert browser.cookie("hub_copy")
    decide(browser, CaseState.ACTIVATED)
    browser.get(address(page))

    assert not browser.cookie("hub_copy")


def test_by_the_guide_nothing_is_kept_where_nobody_proved_a_phone(guide_hub):
    browser = guide_hub.browser()
    step_two(browser, step_one(browser))

    assert browser.cookie("hub_copy") is None


# Shared computers.


def test_the_bare_address_of_step_one_tells_nobody_who_was_here(browser, refused):
    assert NATIONAL_ID.value not in browser.get("/register").text
    assert NATIONAL_ID.value not in browser.get("/register?again=x").text


def test_another_phone_gets_nothing_of_it(browser, refused):
    page = to_step_two(browser, mobile=OTHER_MOBILE.national)

    assert FAMILY_NAME not in page.text


def test_before_the_code_nothing_of_step_two_is_shown(browser, refused):
    assert STEP_TWO["family_name"] not in step_one(browser).text


def test_another_browser_with_the_cookie_gets_nothing_of_it(browser, refused):
    other = browser.hub.browser()
    other.client.set_cookie("hub_copy", browser.cookie("hub_copy"), domain="127.0.0.1")

    assert FAMILY_NAME not in to_step_two(other).text


def test_a_tracked_mismatch_offers_a_fresh_registration(browser, refused):
    other = browser.hub.browser()
    page = prove_tracking(other, track(other))

    assert "ثبت نام دوباره" in words(page)
    assert KEPT not in words(page)


def test_a_week_later_it_is_typed_again(browser, refused):
    browser.hub.clock.move(LIFE)

    assert FAMILY_NAME not in to_step_two(browser).text


def test_the_cookie_ends_with_the_browser_and_scripts_do_not_see_it(hub):
    browser = hub.browser()
    page = register(browser)
    answers = [line for one in page.history for line in one.headers.getlist("Set-Cookie")]
    (line,) = [one for one in answers if one.startswith("hub_copy=")]

    assert {"HttpOnly", "Path=/", "SameSite=Lax"} == set(line.split("; ")[1:])


def test_a_copy_that_no_cookie_can_hold_is_not_kept(hub):
    browser = hub.browser()
    long = {"city": "", "country": "DE", "city_text": "ا" * 80}
    register_with = step_two(browser, to_step_two(browser), email=f"{'a' * 60}@example.ir", **long)

    assert "درخواست شما با موفقیت ثبت گردید." in words(register_with)
    assert len(browser.cookie("hub_copy") or "") <= LONGEST


def test_who_has_an_account_meanwhile_is_told_so(browser, refused):
    add_account(browser.hub)

    assert "حساب کاربری شما قبلاً ایجاد شده است." in words(to_step_two(browser))
