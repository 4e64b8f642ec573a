"""How the tester learns what a portal shows to whoever is signed in alone."""

import pytest

from idp.tester.browser import Page
from idp.tester.signed_in import NotLearned, Samples, learn

HOME = "https://portal.example/"


def page(text: str = "", status: int = 200, address: str = HOME, *, left: bool = False) -> Page:
    return Page(address=address, status=status, text=text, left=left)


def samples(inside: Page, outside: Page, second: Page | None = None) -> Samples:
    return Samples(HOME, [inside, second or inside], outside)


def test_a_page_that_strangers_are_sent_away_from_tells():
    away = page(address="https://hub.example/oauth2/authorize?state=1", status=0, left=True)
    learned = learn(samples(page("<p>hello</p>"), away))
    assert [learned.shows_it(page("<p>other words</p>")), learned.shows_it(away)] == [True, False]


def test_a_status_tells():
    learned = learn(samples(page(), page(status=401)))
    assert [learned.shows_it(page()), learned.shows_it(page(status=500))] == [True, False]


def test_words_tell_that_no_stranger_sees():
    inside, outside = page("<h1>P</h1><p>Sign out</p>"), page("<h1>P</h1><p>Sign in</p>")
    learned = learn(samples(inside, outside))
    assert [learned.shows_it(inside), learned.shows_it(outside)] == [True, False]


def test_the_name_of_one_citizen_is_no_such_word():
    first, second = page("<p>Ali</p><p>Sign out</p>"), page("<p>Reza</p><p>Sign out</p>")
    learned = learn(samples(first, page("<p>Sign in</p>"), second))
    assert learned.shows_it(page("<p>Maryam</p><p>Sign out</p>"))


def test_a_script_is_no_word():
    scripts = page("<script>signedIn()</script><p>P</p>")
    with pytest.raises(NotLearned):
        learn(samples(scripts, page("<p>P</p>")))


def test_a_page_that_is_the_same_for_everybody_tells_nothing():
    with pytest.raises(NotLearned, match="looks the same for everybody"):
        learn(samples(page("<p>P</p>"), page("<p>P</p>")))


def test_a_marker_decides():
    learned = learn(samples(page("a MARK"), page("a")), "MARK")
    assert [learned.shows_it(page("MARK")), learned.shows_it(page("a"))] == [True, False]


@pytest.mark.parametrize(("inside", "outside"), [("MARK", "MARK"), ("a", "b")])
def test_a_marker_that_does_not_distinguish_is_refused(inside, outside):
    with pytest.raises(NotLearned, match="MARK"):
        learn(samples(page(inside), page(outside)), "MARK")
