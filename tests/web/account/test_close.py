import pytest

from tests.web.hub import path_of, words
from tests.web.sign_in.walk import PASSWORD

PAGE = "/account/close"


def close(browser, **fields):
    form = {"password": PASSWORD, "confirmation": "بستن حساب", **fields}
    return browser.post(PAGE, form, follow=False)


def test_the_account_is_closed_and_the_browser_signed_out(inside):
    answer = close(inside)
    assert (answer.status_code, path_of(answer)) == (303, f"{PAGE}/closed")
    assert inside.cookie("hub_session") is None
    page = inside.get(answer.location)
    assert "حساب بسته شد" in words(page)
    assert 'href="/register"' in page.text
    assert [one.message_id for one in inside.hub.take_sms()] == ["account_closed"]


@pytest.mark.parametrize("typed", ["بستن حساب", " بستن  حساب ", "بستن\u200cحساب"])
def test_the_sentence_is_taken_as_people_type_it(inside, typed):
    assert close(inside, confirmation=typed).status_code == 303


@pytest.mark.parametrize(
    "fields",
    [
        {"confirmation": ""},
        {"confirmation": "بله"},
        {"confirmation": "x" * 301},
        {"password": ""},
        {"password": "wrong"},
    ],
)
def test_without_both_nothing_is_closed(inside, fields):
    page = close(inside, **fields)
    assert page.status_code == 422
    with inside.hub.deps.begin(read_only=True) as work:
        assert work.accounts.find("account-1").is_active


def test_the_page_says_what_it_means(inside):
    shown = words(inside.get(PAGE))
    assert "این کار قابل بازگشت نیست" in shown
    assert "بستن حساب" in shown


def test_too_many_tries_wait(inside):
    for _ in range(10):
        close(inside, password="wrong")
    assert close(inside).status_code == 429


def test_a_busy_machine_closes_nothing(inside):
    inside.hub.hashing.is_busy = True
    assert close(inside).status_code == 503
