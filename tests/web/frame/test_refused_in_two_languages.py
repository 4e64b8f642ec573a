"""A refused form tells the same errors when its page is read in the other language."""

import re

import pytest
from werkzeug.test import TestResponse

from tests.web.frame.pages_of_flows import CODE, PAGES, FlowPage, login, press, question
from tests.web.hub import Browser, address

WRONG = re.compile(r'<(?:input|select)\b[^>]*aria-invalid="true"[^>]*>')
SENTENCE = re.compile(r'<p class="error">([^<]+)</p>')
NAME = re.compile(r'\bname="([^"]+)"')
WEAK = {"answer": "x", "password": "abc", "password_again": "abc1"}
REFUSED = [row for row in PAGES if row.form and row.name.endswith(("refused", "empty"))]
EMPTY_CODES = [
    FlowPage(f"{row.name}, empty", row.before, row.form, {"code": ""})
    for row in REFUSED
    if "code" in row.fields
]


def refused(browser: Browser, row: FlowPage) -> TestResponse:
    page = row.before(browser)
    fields = {
        name: browser.hub.take_code() if typed == CODE else typed
        for name, typed in row.fields.items()
    }
    return press(browser, page, row.form, **fields)


def fields_in_error(page: TestResponse) -> list[str]:
    return [NAME.search(one)[1] for one in WRONG.findall(page.text)]


@pytest.mark.parametrize("row", [*REFUSED, *EMPTY_CODES], ids=lambda row: row.name)
def test_the_same_fields_are_wrong_in_the_other_language(easy_hub, row: FlowPage):
    browser = easy_hub.browser()
    page = refused(browser, row)
    browser.client.set_cookie("hub_language", "en", domain="127.0.0.1")
    other = browser.get(address(page))
    assert 'lang="en"' in other.text
    assert fields_in_error(other) == fields_in_error(page)


def sentences_in_english(browser: Browser, page: TestResponse) -> list[str]:
    browser.client.set_cookie("hub_language", "en", domain="127.0.0.1")
    return SENTENCE.findall(browser.get(address(page)).text)


def test_what_is_wrong_with_a_password_is_told_in_the_other_language(easy_hub):
    browser = easy_hub.browser()
    page = press(browser, question(browser), "/recover/password", **WEAK)
    assert sentences_in_english(browser, page) == [
        "Password must have at least one capital letter, one small letter and one digit.",
        "Password must be at least 8 characters.",
        "Passwords do not match.",
    ]


def test_a_text_that_cannot_be_kept_is_not_missing_in_the_other_language(easy_hub):
    browser = easy_hub.browser()
    page = press(browser, login(browser), "/login", username="9" * 301, password="x")
    assert sentences_in_english(browser, page) == ["User name is too long."]
