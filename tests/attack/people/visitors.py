"""Browsers as they come to the hub: signed in, on a device known or new, from many networks."""

from datetime import timedelta

from idp.domain.sign_in.session import ACR_PASSWORD_OTP
from tests import factories
from tests.attack.people.portal import answer_in
from tests.web.hub import ORIGIN
from tests.web.sign_in.walk import USER, add_account, enter, log_in

OTHER_USER = factories.OTHER_NATIONAL_ID.value
SPELLINGS = {
    "Persian": "".join(chr(0x6F0 + int(one)) for one in USER),
    "Arabic": "".join(chr(0x660 + int(one)) for one in USER),
    "fullwidth": "".join(chr(0xFF10 + int(one)) for one in USER),
    "blanks and hyphens": f" {USER[:3]}-{USER[3:6]} {USER[6:]} ",
    "marks": f"\u200f{USER[:3]}\u200c{USER[3:]}\u202a",
}
"""How keyboards and copies write the citizen's national ID."""
MINUTE, MINUTES_2 = timedelta(minutes=1), timedelta(minutes=2)


def add_other(hub):
    """Add a second citizen with an account."""
    return add_account(
        hub,
        account_id="account-2",
        national_id=factories.OTHER_NATIONAL_ID,
        mobile=factories.OTHER_MOBILE,
    )


def session_of(browser):
    """Return the live session of a browser, or None."""
    token = browser.cookie("hub_session")
    return browser.hub.deps.sessions.find_live(token) if token else None


def inside(hub):
    """A browser that has signed in with its code, a while ago."""
    browser = hub.browser()
    assert enter(browser).location == "/account"
    hub.clock.move(MINUTES_2)
    return browser


def on_known_device(hub):
    """A browser that signed in again by its password alone."""
    browser = inside(hub)
    browser.post("/logout", {})
    assert log_in(browser).location == "/account"
    return browser


def take_second_step(browser, portal):
    """Let the browser prove its phone for a portal that wishes it."""
    context = answer_in(portal.ask(browser, acr_values=ACR_PASSWORD_OTP))["context"]
    browser.post("/login/second-step/send", {"context": context})
    form = {"context": context, "code": browser.hub.take_code()}
    assert browser.post("/login/second-step", form, follow=False).status_code == 303


def from_network(browser, number, **form):
    """Post the login form from another network each time."""
    where = {"REMOTE_ADDR": f"9.9.{number % 250}.{number // 250 + 1}"}
    form = {"csrf_token": browser.csrf_token(), "username": USER, "password": "Wrong1234", **form}
    return browser.client.post(
        "/login", data=form, base_url=ORIGIN, environ_overrides=where, follow_redirects=True
    )
