import pytest

from tests.web.hub import Browser, Hub
from tests.web.sign_in.walk import add_account, add_client, enter


@pytest.fixture
def inside(hub: Hub) -> Browser:
    """A browser that has just signed in, on a device that is known from now on."""
    return signed_in(hub)


def signed_in(hub: Hub) -> Browser:
    """Return the browser of an account that has just signed in."""
    add_account(hub)
    add_client(hub)
    browser = hub.browser()
    assert enter(browser).location == "/account"
    hub.take_sms()
    return browser
