"""What a signed-in citizen sees when something of ours fails."""

import pytest

from idp.ports import DatabaseUnavailable
from idp.web.words import messages
from tests.web.hub import words
from tests.web.sign_in.walk import add_account, log_in


class Away:
    """A session store that cannot be reached."""

    def find_live(self, _token):
        raise DatabaseUnavailable("no connection is free")


@pytest.mark.parametrize("path", ["/account", "/login", "/logout", "/no-such-page"])
def test_a_database_that_is_away_is_a_page_of_its_own(guide_hub, path):
    add_account(guide_hub)
    browser = guide_hub.browser()
    log_in(browser)
    object.__setattr__(guide_hub.deps, "sessions", Away())  # the rest of the hub is as it was
    page = browser.get(path)
    assert page.status_code in {503, 404}
    assert "خروج" not in words(page)


def test_that_page_says_when_to_come_back(guide_hub):
    add_account(guide_hub)
    browser = guide_hub.browser()
    log_in(browser)
    object.__setattr__(guide_hub.deps, "sessions", Away())
    page = browser.get("/account")
    assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
    assert messages.text("busy") in words(page)
