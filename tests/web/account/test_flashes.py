"""A page tells of an act to who did it, for a while; an address made by others tells nothing."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from idp.web.forms.flashes import LIFE
from tests.web.hub import path_of, words
from tests.web.sign_in.walk import NEW_PASSWORD, PASSWORD, context_of

ENDED, CHANGED = "همه ورودهای دیگر پایان یافتند", "گذرواژه شما تغییر یافت"
OF_ANOTHER, CLOSED = "برای حساب دیگری باز شده بود", "حساب بسته شد"


def end_others(browser):
    return browser.post("/account/security/sessions/end-others", {}, follow=False)


def close(browser):
    form = {"password": PASSWORD, "confirmation": "بستن حساب"}
    return browser.post("/account/close", form, follow=False)


def test_the_page_tells_of_it_again_when_it_is_loaded_again(inside):
    address = end_others(inside).location
    assert [ENDED in words(inside.get(address)) for _ in range(2)] == [True, True]


def test_tomorrow_it_is_no_news(inside):
    address = end_others(inside).location
    inside.hub.clock.move(LIFE)
    assert ENDED not in words(inside.get(address))


@pytest.mark.parametrize(
    "path",
    [
        *(f"/account/security?done={act}" for act in ("password", "others", "x")),
        *(f"/account/email?done={act}" for act in ("changed", "sent")),
        *("/account?done=another", "/account?another=1", "/account/close/closed"),
        *("/account/email/confirmed", "/account/close/closed?done=closed"),
    ],
)
def test_an_address_alone_tells_of_no_act(inside, path):
    page = inside.get(path)
    assert (page.status_code, 'role="status"' in page.text) == (200, False)
    assert not any(one in words(page) for one in (ENDED, CHANGED, OF_ANOTHER, CLOSED))


def test_consent_tells_of_another_account_to_nobody_else(inside):
    page = inside.get("/consent", query_string={"context": context_of(inside), "another": "1"})
    assert OF_ANOTHER not in words(page)


def test_the_address_of_an_act_tells_another_browser_nothing(inside):
    address = close(inside).location
    assert CLOSED in words(inside.get(address))
    assert CLOSED not in words(inside.hub.browser().get(address))


def test_a_closed_account_stays_closed(inside):
    address = close(inside).location
    inside.hub.clock.move(timedelta(days=30))
    assert CLOSED in words(inside.get(address))


def test_an_act_of_one_page_is_not_told_on_another(inside):
    form = {
        "old_password": PASSWORD,
        "password": NEW_PASSWORD,
        "password_again": NEW_PASSWORD,
    }
    answer = inside.post("/account/security/password", form, follow=False)
    assert path_of(answer) == "/account/security"
    told = parse_qs(urlsplit(answer.location).query)["done"][0]
    page = inside.get("/account/email", query_string={"done": told})
    assert page.request.path == "/account/email"
    assert CHANGED not in words(page)
