"""What was typed into step two is kept with its registration, whatever becomes of the page."""

import re
from datetime import timedelta

import pytest

from tests.web.hub import Browser, address, hidden, words
from tests.web.registration.walk import PASSWORD, STEP_TWO, fill_in, send, step_one, to_step_two

KEEP = "/register/details/keep"
SECRETS = {"answer": "سبز تیره", "password": PASSWORD, "password_again": PASSWORD}
A_WHILE = timedelta(seconds=2)
TYPED = {"family_name": "احمدی نژاد", "serial": "۱۲۳", "birth_month": "5"}


@pytest.fixture
def browser(hub):
    return hub.browser()


def keep(browser: Browser, flow: str, typed: dict[str, str] | None = None, **query: str):
    form = {"flow": flow, **(TYPED if typed is None else typed)}
    return browser.post(KEEP, form, query_string=query)


def flow_of(page) -> str:
    return hidden(page, "flow")


def record_of(browser: Browser, flow: str):
    with browser.hub.deps.begin(read_only=True) as work:
        return work.step_ones.find(flow)


def form_of(browser: Browser, flow: str) -> str:
    return browser.get(f"/register/details?flow={flow}").text


def test_a_discarded_tab_finds_what_its_script_kept(browser):
    flow = flow_of(to_step_two(browser))
    assert keep(browser, flow).status_code == 204
    page = form_of(browser, flow)
    assert 'value="احمدی نژاد"' in page
    assert re.search(r'value="5"\s+selected', page)


def test_right_fields_have_their_mark_and_nothing_is_called_wrong(browser):
    flow = flow_of(to_step_two(browser))
    keep(browser, flow, {"family_name": "احمدی", "given_name": "x"})
    page = form_of(browser, flow)
    assert 'id="family_name-good"' in page
    assert 'id="given_name-good"' not in page
    assert "-error" not in page


def test_a_refused_form_is_found_at_the_bare_address_of_its_page(browser):
    page = fill_in(browser, to_step_two(browser), email="nobody")
    again = browser.get(f"/register/details?flow={flow_of(page)}")
    assert 'value="محمدرضا"' in again.text


def test_what_was_typed_after_a_refusal_is_newer_than_the_refused_form(browser):
    page = fill_in(browser, to_step_two(browser), email="nobody", password_again="x")
    browser.hub.clock.move(A_WHILE)
    keep(browser, flow_of(page), {**STEP_TWO, "email": "reza@example.ir"})
    again = browser.get(address(page))
    assert 'value="reza@example.ir"' in again.text
    assert "آدرس ایمیل معتبر نیست." not in words(again)
    assert "گذرواژه و تکرار آن یکسان نیستند." in words(again)
    assert 'value="آبی آسمانی"' in again.text


def test_a_refused_form_that_was_put_right_is_wrong_no_more(browser):
    page = fill_in(browser, to_step_two(browser), email="nobody")
    browser.hub.clock.move(A_WHILE)
    keep(browser, flow_of(page), {**STEP_TWO, "email": "reza@example.ir"})
    again = browser.get(address(page))
    assert (again.status_code, "-error" in again.text) == (200, False)


def test_neither_passwords_nor_the_answer_are_kept(browser):
    flow = flow_of(to_step_two(browser))
    keep(browser, flow, {**TYPED, **SECRETS})
    assert dict(record_of(browser, flow).typed) == TYPED
    assert [secret for secret in SECRETS.values() if secret in form_of(browser, flow)] == []


def test_a_text_that_no_field_may_hold_is_not_kept(browser):
    flow = flow_of(to_step_two(browser))
    keep(browser, flow, {"family_name": "ا" * 301, "given_name": "\x00", "serial": "1", "own": "x"})
    assert dict(record_of(browser, flow).typed) == {"serial": "1"}


def test_the_form_in_the_other_language_has_what_was_typed(browser):
    flow = flow_of(to_step_two(browser))
    page = keep(browser, flow, language="en")
    assert 'lang="en"' in page.text
    assert 'value="احمدی نژاد"' in page.text


def test_a_refused_form_stays_refused_in_the_other_language(browser):
    page = fill_in(browser, to_step_two(browser), email="nobody")
    form = page.request.args["form"]
    typed = {**STEP_TWO, "email": "nobody"}
    again = keep(browser, flow_of(page), typed, language="en", form=form)
    assert again.status_code == 422
    assert "mail address" in words(again)


def test_the_switch_of_step_two_is_a_button_of_its_form(browser):
    page = to_step_two(browser)
    assert 'formaction="/register/details/keep?language=en"' in page.text


def test_what_the_address_brings_along_is_only_what_it_may(browser):
    flow = flow_of(to_step_two(browser))
    page = keep(browser, flow, language="en", _external="1", _scheme="evil")
    assert address(page) == f"/register/details?flow={flow}"


def test_a_script_that_comes_too_soon_is_told_when(hub, browser):
    flow = flow_of(to_step_two(browser))
    keep(browser, flow)
    again = keep(browser, flow, {"serial": "7"})
    assert (again.status_code, again.headers["Retry-After"]) == (429, "2")
    hub.clock.move(A_WHILE)
    assert keep(browser, flow, {"serial": "7"}).status_code == 204


def test_the_submission_erases_what_was_typed(browser):
    page = fill_in(browser, to_step_two(browser))
    flow = flow_of(page)
    assert record_of(browser, flow).typed
    send(browser, page)
    record = record_of(browser, flow)
    assert (dict(record.typed), record.ready) == ({}, None)


def test_after_the_submission_nothing_is_kept(browser):
    page = fill_in(browser, to_step_two(browser))
    send(browser, page)
    assert keep(browser, flow_of(page)).status_code == 410


def test_before_the_phone_is_proven_nothing_is_kept(browser):
    assert keep(browser, flow_of(step_one(browser))).status_code == 410


def test_nothing_is_kept_in_another_browser(hub, browser):
    flow = flow_of(to_step_two(browser))
    assert keep(hub.browser(), flow).status_code == 410


def test_what_was_typed_ends_with_the_record(hub, browser):
    flow = flow_of(to_step_two(browser))
    keep(browser, flow)
    hub.clock.move(timedelta(hours=2))
    assert keep(browser, flow).status_code == 410
    assert "احمدی نژاد" not in form_of(browser, flow)
