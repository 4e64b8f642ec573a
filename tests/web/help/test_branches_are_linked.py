"""Wherever a page says "the nearest branch", the words lead to the page that finds one."""

import re

import pytest

from tests.web.tour import VISITS
from tests.web.visits import name_of

WORDS = re.compile("نزدیکترین شعبه|یکی از شعب")
LINK = re.compile(r'<a href="/branches">[^<]*</a>')
UNSEEN = re.compile(r"<title>.*?</title>|<textarea.*?</textarea>", re.DOTALL)


def test_they_are_a_link_in_english_too(hub):
    browser = hub.browser()
    browser.client.set_cookie("hub_language", "en", domain="127.0.0.1")
    page = browser.get("/register").text
    assert 'go to the <a href="/branches">nearest branch</a>.' in page
    assert 'in person to <a href="/branches">a branch</a>' in page


@pytest.mark.parametrize("visit", VISITS, ids=name_of)
def test_the_words_for_a_branch_are_a_link(see, visit):
    if visit.template in {"inbox/inbox.html", "help/branches.html"}:
        pytest.skip("SMS as they came; the page itself")
    text = LINK.sub("", UNSEEN.sub("", see(visit).text))
    left = [text[max(0, m.start() - 80) : m.end()] for m in WORDS.finditer(text)]
    assert left == []
