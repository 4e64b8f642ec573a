"""All answers are shown once more before they are sent."""

from datetime import timedelta
from html import unescape

import pytest

from tests.web.hub import address, hidden, words
from tests.web.registration.test_submission import PENDING, STEP_TWO, cases, close_all
from tests.web.registration.walk import (
    LOOK_OVER,
    PASSWORD,
    fill_in,
    send,
    step_one,
    step_two,
    to_step_two,
)

TITLE = "بازبینی اطلاعات"
ANSWER = "آبی آسمانی"


@pytest.fixture
def browser(hub):
    return hub.browser()


def test_what_was_typed_is_shown_as_it_will_be_sent(browser):
    shown = words(fill_in(browser, to_step_two(browser)))
    for value in ("احمدی نژاد", "محمدرضا", "1354", "123456", "الف 12", "۱۲ مرداد ۱۳۶۰", "مرد"):
        assert value in shown
    for value in ("ایران", "تبریز", "reza@example.ir", "09129129929", "رنگ مورد علاقه شما چیست؟"):
        assert value in shown


def test_nothing_is_sent_before_the_citizen_says_so(hub, browser):
    page = fill_in(browser, to_step_two(browser))
    assert TITLE in words(page)
    assert cases(hub) == []


def test_what_was_looked_over_is_what_is_sent(hub, browser):
    page = send(browser, fill_in(browser, to_step_two(browser)))
    assert PENDING in words(page)
    assert cases(hub)[0].application.family_name.value == "احمدی نژاد"
    assert cases(hub)[0].password_hash == hub.hashing.hash(PASSWORD)


def test_neither_password_nor_answer_is_in_the_page_in_the_address_or_in_the_record(hub, browser):
    page = fill_in(browser, to_step_two(browser))
    with hub.deps.begin(read_only=True) as work:
        record = work.step_ones.find(hidden(page, "flow"))
    for secret in (PASSWORD, ANSWER):
        assert secret not in unescape(page.text)
        assert secret not in address(page)
        assert secret not in record.typed.values()


def test_each_group_leads_back_to_its_first_field_with_what_was_typed(browser):
    page = fill_in(browser, to_step_two(browser))
    flow = hidden(page, "flow")
    for field in ("family_name", "certificate_number", "question", "country"):
        assert f'href="/register/details?flow={flow}#{field}"' in page.text
        assert f'id="{field}"' in browser.get(f"/register/details?flow={flow}").text
    assert 'value="احمدی نژاد"' in browser.get(f"/register/details?flow={flow}").text


def test_a_changed_answer_is_shown_and_sent(hub, browser):
    form = to_step_two(browser)
    fill_in(browser, form)
    page = fill_in(browser, form, family_name="احمدی")
    assert "احمدی نژاد" not in words(page)
    send(browser, page)
    assert cases(hub)[0].application.family_name.value == "احمدی"


def test_another_tab_cannot_make_a_page_send_what_it_does_not_show(hub, browser):
    form = to_step_two(browser)
    first = fill_in(browser, form)
    fill_in(browser, form, family_name="احمدی")
    page = send(browser, first)
    assert (TITLE in words(page), cases(hub)) == (True, [])
    assert "احمدی نژاد" not in words(page)


def test_a_form_that_was_changed_since_is_not_sent_as_it_was(hub, browser):
    form = to_step_two(browser)
    page = fill_in(browser, form)
    hub.clock.move(timedelta(seconds=2))
    keep = {"flow": hidden(form, "flow"), "family_name": "احمدی"}
    assert browser.post("/register/details/keep", keep).status_code == 204
    assert STEP_TWO in words(send(browser, page))
    assert cases(hub) == []


def test_a_reload_shows_it_again(browser):
    page = fill_in(browser, to_step_two(browser))
    assert TITLE in words(browser.get(address(page)))


def test_a_double_click_sends_once(hub, browser):
    page = fill_in(browser, to_step_two(browser))
    pages = [send(browser, page), send(browser, page)]
    assert all(PENDING in words(one) for one in pages)
    assert len(cases(hub)) == 1


def test_after_it_was_sent_the_page_tells_how_the_request_stands(browser):
    page = fill_in(browser, to_step_two(browser))
    send(browser, page)
    assert PENDING in words(browser.get(address(page)))


def test_without_a_form_there_is_nothing_to_look_over(browser):
    flow = hidden(to_step_two(browser), "flow")
    assert browser.get(f"{LOOK_OVER}?flow={flow}").request.path == "/register/details"


def test_it_ends_with_the_record_of_step_one(hub, browser):
    page = fill_in(browser, to_step_two(browser))
    hub.clock.move(timedelta(hours=2))
    assert [browser.get(address(page)).status_code, send(browser, page).status_code] == [410, 410]


def test_another_browser_sees_and_sends_nothing(hub, browser):
    page = fill_in(browser, to_step_two(browser))
    stranger = hub.browser()
    assert stranger.get(address(page)).status_code == 410
    assert send(stranger, page).status_code == 410
    assert cases(hub) == []


def test_a_busy_machine_is_told_on_the_form(hub, browser):
    form = to_step_two(browser)
    hub.hashing.is_busy = True
    page = fill_in(browser, form)
    assert (page.status_code, page.request.path) == (503, "/register/details")


def test_a_wrong_form_is_not_shown_once_more(browser):
    page = fill_in(browser, to_step_two(browser), email="nobody")
    assert (page.status_code, page.request.path) == (422, "/register/details")


def test_where_a_setting_says_so_step_two_is_sent_at_once(make_hub):
    browser = make_hub("[registration]\nlook_over = false\n").browser()
    assert PENDING in words(fill_in(browser, to_step_two(browser)))


def test_with_the_guide_to_the_letter_step_two_is_sent_at_once(guide_hub):
    browser = guide_hub.browser()
    assert PENDING in words(fill_in(browser, step_one(browser)))


def test_who_has_used_up_a_day_learns_it_before_looking_over(easy_hub):
    for _ in range(3):
        one = easy_hub.browser()
        step_two(one, to_step_two(one))
        close_all(easy_hub)
        easy_hub.clock.move(timedelta(hours=1))
    last = easy_hub.browser()
    assert fill_in(last, to_step_two(last)).status_code == 429


@pytest.mark.parametrize(
    "shows", [to_step_two, lambda browser: fill_in(browser, to_step_two(browser))]
)
def test_a_wrong_national_id_or_mobile_is_corrected_in_step_one(browser, shows):
    page = shows(browser)
    flow = hidden(page, "flow")
    assert f'<a href="/register?flow={flow}">کد ملی یا تلفن همراه اشتباه است</a>' in page.text
    assert 'name="national_id"' in browser.get(f"/register?flow={flow}").text
