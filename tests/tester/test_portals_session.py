"""The cases of the portal's own session, where no small portal of the tests can show them."""

from collections.abc import Sequence
from types import SimpleNamespace

import pytest

from idp.tester.browser import Cookie, Page
from idp.tester.catalogue import chosen
from idp.tester.verdict import Finding, Undecidable, Verdict

RIGHT = Cookie("session", "x", http_only=True, secure=True, same_site="Lax")


class Browser:
    """A browser with these cookies, whose page is signed in while it has all of them."""

    def __init__(self, cookies: Sequence[Cookie]) -> None:
        self.stored, self.needed = list(cookies), len(cookies)

    def cookies(self):
        return self.stored

    def fork(self):
        other = Browser(self.stored)
        other.needed = self.needed
        return other

    def forget(self, name):
        self.stored = [one for one in self.stored if one.name != name]


def judged(
    case_id: str, cookies: Sequence[Cookie], start: str = "https://portal.example/"
) -> Finding:
    trial = SimpleNamespace(
        start=start,
        signed_in_browser=lambda: Browser(cookies),
        is_signed_in=lambda browser: len(browser.stored) == browser.needed,
    )
    (case,) = chosen([case_id])
    return case.play(trial)


@pytest.mark.parametrize("case_id", ["cookie-flags", "cookie-same-site"])
def test_a_portal_without_cookies_is_not_judged_by_them(case_id):
    assert judged(case_id, []).verdict is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("start", "verdict"),
    [("https://portal.example/", Verdict.FAIL), ("http://127.0.0.1:3000/", Verdict.PASS)],
)
def test_over_https_a_session_cookie_must_be_secure(start, verdict):
    plain = Cookie("session", "x", http_only=True, secure=False, same_site="Lax")
    assert judged("cookie-flags", [plain], start).verdict is verdict


def test_only_the_cookies_that_keep_the_session_are_judged():
    theme = Cookie("theme", "dark", http_only=False, secure=False, same_site="")
    trial = SimpleNamespace(
        start="https://portal.example/",
        signed_in_browser=lambda: Browser([RIGHT, theme]),
        is_signed_in=lambda browser: RIGHT in browser.stored,
    )
    (case,) = chosen(["cookie-flags"])
    assert case.play(trial).verdict is Verdict.PASS


def test_a_same_site_of_another_value_is_told():
    wide = Cookie("session", "x", http_only=True, secure=True, same_site="None")
    assert "SameSite=None" in judged("cookie-same-site", [wide]).portal


def test_a_sign_in_that_fails_says_nothing_of_its_session():
    browser = SimpleNamespace(fork=lambda: None)
    trial = SimpleNamespace(
        new_browser=lambda: browser,
        answered=lambda _browser: SimpleNamespace(deliver=lambda _browser: None),
        is_signed_in=lambda _browser: False,
    )
    (case,) = chosen(["session-fixation"])
    with pytest.raises(Undecidable, match="a right sign-in failed"):
        case.play(trial)


def redirecting(opened: Page, landed: Page) -> Finding:
    trial = SimpleNamespace(
        start="https://portal.example/login?next=/home",
        new_browser=lambda: None,
        opened=lambda _browser, _start: opened,
        is_at_hub=lambda page: page.left and "hub.example" in page.address,
        answered=lambda _browser, _start: SimpleNamespace(deliver=lambda _browser: landed),
    )
    (case,) = chosen(["open-redirect"])
    return case.play(trial)


HUB = Page(address="https://hub.example/oauth2/authorize", status=0, left=True)
HOME = Page(address="https://portal.example/home", status=200)
EVIL = Page(address="https://evil.example/", status=0, left=True)


def test_a_start_that_leads_straight_to_another_site_fails():
    assert "led straight to" in redirecting(EVIL, HOME).portal


def test_a_sign_in_that_ends_on_another_site_fails():
    assert "after the sign-in" in redirecting(HUB, EVIL).portal


@pytest.mark.parametrize("opened", [HUB, HOME], ids=["at the hub", "its own refusal"])
def test_a_portal_that_stays_on_its_pages_passes(opened):
    assert redirecting(opened, HOME).verdict is Verdict.PASS
