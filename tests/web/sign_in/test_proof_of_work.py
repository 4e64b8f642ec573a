"""The page that holds a form until the browser has worked."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from tests.web.hub import ORIGIN, Browser, Hub, address, hidden, words
from tests.web.registration.walk import STEP_TWO, pile_up, send, to_step_two
from tests.web.sign_in.held import bring, priced
from tests.web.sign_in.walk import (
    PASSWORD,
    UNKNOWN,
    USER,
    add_account,
    add_client,
    context_of,
    log_in,
)


def crowd(hub: Hub) -> Browser:
    """A browser in a network where one password was tried at five IDs."""
    browser = hub.browser()
    for number in range(5):
        log_in(browser, username=f"{number:010}")
    return browser


def test_where_tries_pile_up_the_form_is_held(hub):
    page = log_in(crowd(hub))
    assert page.status_code == 200
    assert "مرورگر شما پیش از ادامه محاسبه کوتاهی انجام می‌دهد" in words(page)


def test_E02_the_held_page_is_the_same_for_known_and_unknown(hub):
    add_account(hub)
    browser = crowd(hub)
    pages = [log_in(browser, username=USER)]
    hub.clock.move(timedelta(seconds=10))  # its ticket has matured: the queue is as before
    pages.append(log_in(browser, username=UNKNOWN))
    assert (
        len(
            {re.sub(r'(value|data-puzzle)="[^"]*"|work=[0-9a-f]+', "", page.text) for page in pages}
        )
        == 1
    )


def test_the_page_of_a_held_form_can_be_loaded_again(hub):
    add_account(hub)
    browser = crowd(hub)
    shown = browser.get(address(log_in(browser)))
    assert shown.request.method == "GET"
    assert "کد ورود" in words(bring(browser, shown))


def test_the_address_of_a_held_form_leads_on_when_the_form_was_taken(hub):
    add_account(hub)
    browser = crowd(hub)
    page = log_in(browser)
    bring(browser, page)
    assert "ورود به سیستم" in words(browser.get(address(page)))


def test_a_page_that_has_its_own_form_is_not_another_ones_held_form(hub):
    name = address(log_in(crowd(hub))).partition("?")[2]
    assert "ورود به سیستم" in words(hub.browser().get(f"/login?{name}"))


def test_where_nothing_can_be_kept_the_held_form_stands_on_the_answer(hub, monkeypatch):
    monkeypatch.setattr(hub.deps.proof_of_work._ephemeral, "put", lambda *_args, **_more: None)
    page = log_in(crowd(hub))
    assert page.request.method == "POST"
    assert hidden(page, "held")


def test_nothing_typed_stands_on_the_page_in_clear(hub):
    page = log_in(crowd(hub))
    assert USER not in page.text
    assert PASSWORD not in page.text


def test_the_solved_form_signs_in_without_typing_again(hub):
    add_account(hub)
    browser = crowd(hub)
    assert "کد ورود" in words(bring(browser, log_in(browser)))


def test_a_solution_counts_once(hub):
    add_account(hub)
    browser = crowd(hub)
    page = log_in(browser)
    bring(browser, page)
    hub.take_sms()
    bring(browser, page)
    assert hub.take_sms() == []


def test_a_form_that_was_taken_leads_to_where_its_flow_stands(hub):
    """A press in a page that came back with Back, after the repetition of a form is forgotten."""
    browser = hub.browser()
    page = to_step_two(browser)
    pile_up(hub)
    flow = hidden(page, "flow")
    held = browser.post("/register/details", {"flow": flow, **STEP_TWO})
    bring(browser, held, "/register/details", flow=flow)
    hub.clock.move(timedelta(minutes=1))
    again = bring(browser, held, "/register/details", flow=flow)
    shown = words(browser.get(again.location or address(again)))
    assert "ثبت نام - گام دوم" in shown
    assert STEP_TWO["email"] in shown


def test_a_form_that_is_too_old_leads_to_a_page_that_says_so(hub):
    browser = crowd(hub)
    page = log_in(browser)
    hub.clock.move(timedelta(minutes=11))
    gone = bring(browser, page)
    assert (gone.request.method, gone.status_code) == ("GET", 410)
    assert "مهلت این صفحه به پایان رسیده است" in words(gone)


def test_the_page_of_a_gone_form_names_the_portal_and_leads_on(hub):
    add_client(hub)
    browser = crowd(hub)
    context = context_of(browser)
    gone = browser.post("/login", {"held": "x", "altcha": "", "context": context})
    assert "سوابق بیمه" in words(gone)
    assert f'href="/login?{urlencode({"context": context})}"' in gone.text


def test_without_a_script_the_button_does_it_after_the_wait(hub):
    add_account(hub)
    browser = crowd(hub)
    page = log_in(browser)
    hub.clock.move(timedelta(seconds=10))
    assert "کد ورود" in words(bring(browser, page, solution=""))


def test_before_the_wait_is_over_the_form_stays_held(hub):
    browser = crowd(hub)
    page = bring(browser, log_in(browser), solution="")
    assert page.status_code == 200
    assert "یک لحظه صبر کنید" in words(page)


@pytest.mark.parametrize("solution", ["x" * 10_000, "é", "e30=", "\x00"])
def test_a_bad_solution_keeps_the_form_held(hub, solution):
    browser = crowd(hub)
    assert hidden(bring(browser, log_in(browser), solution=solution), "held")


@pytest.mark.parametrize("held", ["", "x", "x" * 10_000, "k1.AAAA", "\x00"])
def test_what_is_no_held_form_is_answered_with_the_way_on(hub, held):
    page = hub.browser().post("/login", {"held": held, "altcha": ""}, follow=False)
    assert page.status_code == 410
    assert 'href="/login' in page.text


def test_a_held_form_that_comes_twice_is_400(hub):
    browser = crowd(hub)
    held = hidden(log_in(browser), "held")
    form = {"csrf_token": browser.csrf_token(), "held": [held, held], "altcha": ""}
    assert browser.client.post("/login", data=form, base_url=ORIGIN).status_code == 400


def test_another_browser_cannot_send_the_form(hub):
    page = log_in(crowd(hub))
    assert bring(hub.browser(), page).status_code == 410


def test_the_portal_that_waits_is_carried_on(hub):
    add_account(hub)
    add_client(hub)
    browser = crowd(hub)
    context = context_of(browser)
    page = log_in(browser, context=context)
    assert hidden(page, "context") == context


def test_a_busy_machine_does_not_burn_the_solution(hub):
    add_account(hub)
    browser = crowd(hub)
    page = log_in(browser)
    hub.hashing.is_busy = True
    assert bring(browser, page).status_code == 503
    hub.hashing.is_busy = False
    assert "کد ورود" in words(bring(browser, page))


def test_from_the_twentieth_registration_of_a_network_the_form_is_held_and_not_lost(hub):
    browser = hub.browser()
    page = to_step_two(browser)
    pile_up(hub)
    flow = hidden(page, "flow")
    held = browser.post("/register/details", {"flow": flow, **STEP_TWO})
    assert held.status_code == 200
    answer = bring(browser, held, "/register/details", flow=flow)
    assert "بازبینی اطلاعات" in words(answer)
    assert "با موفقیت ثبت گردید" in words(send(browser, answer))


def test_at_a_flooded_account_the_page_tells_about_how_long_the_browser_computes(hub):
    add_account(hub)
    page = priced(hub.browser(), 280)
    assert "حدود ۵ دقیقه" in words(page)


def test_work_of_minutes_is_not_called_a_moment(hub):
    add_account(hub)
    page = priced(hub.browser(), 280)
    assert "<h1>لطفاً صبر کنید</h1>" in page.text


def test_a_price_of_seconds_is_told_as_any_work(hub):
    add_account(hub)
    page = priced(hub.browser(), 80)
    assert "چند ثانیه صبر کنید" in words(page)


def test_the_price_without_a_script_is_a_ticket_that_signs_in(hub):
    add_account(hub)
    browser = hub.browser()
    page = priced(browser, 280)
    while "data-puzzle" in page.text:
        hub.clock.move(timedelta(seconds=60))
        page = bring(browser, page, solution="")
    assert "کد ورود" in words(page)


def test_behind_the_highest_price_the_form_waits_for_its_turn(hub):
    add_account(hub)
    browser = hub.browser()
    turn = priced(browser, 400 + 1024)
    while "data-puzzle" in turn.text:  # until its ticket matures, within 1024 seconds
        hub.clock.move(timedelta(seconds=60))
        turn = bring(browser, turn, solution="")
    assert "درخواست‌های ورود به نوبت بررسی می‌شوند" in words(turn)
    seconds = re.search(r'data-wait="(\d+)"', turn.text)
    assert seconds
    hub.clock.move(timedelta(seconds=int(seconds.group(1))))
    assert "کد ورود" in words(bring(browser, turn, solution=""))


def test_a_long_wait_is_told_in_minutes(hub):
    browser = crowd(hub)
    for _ in range(18):
        page = log_in(browser)
    assert "حدود ۳ دقیقه دیگر دکمه «ادامه» را بزنید" in words(page)


def test_the_guide_to_the_letter_asks_for_no_work(guide_hub):
    add_account(guide_hub)
    assert log_in(crowd(guide_hub)).location == "/account"
