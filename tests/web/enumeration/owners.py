"""Owners on their known devices, and visitors with a session, whom strangers watch."""

from collections.abc import Mapping
from dataclasses import replace

from werkzeug.test import TestResponse

from idp.domain.clients.client import SelfRegistration
from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.domain.sign_in.session import ACR_PASSWORD
from idp.services.sign_in.sessions import Proof
from tests import factories
from tests.attack.people.portal import Portal
from tests.web.enumeration.strangers import Act, Flow, Step, phone_of, recover, sign_in
from tests.web.hub import Browser, Hub
from tests.web.sign_in.walk import add_account, enter, log_in

IDS = 5


def ids_of(kinds: tuple[str, ...], first: int) -> dict[str, list[str]]:
    """Return ``IDS`` national IDs of each kind, each kind's among the others'."""
    every = [
        factories.with_check_digit(f"99{first + number:07}") for number in range(IDS * len(kinds))
    ]
    return {kind: every[at :: len(kinds)] for at, kind in enumerate(kinds)}


def open_account(hub: Hub, national_id: str) -> None:
    """Give the national ID an account with a phone of its own."""
    mobile = Mobile.parse(phone_of(national_id))
    add_account(hub, id=national_id, national_id=NationalId(national_id), mobile=mobile)


def device_of(hub: Hub, national_id: str) -> str:
    """Return the cookie of a device that the account knows since its owner signed in there."""
    open_account(hub, national_id)
    browser = hub.browser()
    enter(browser, username=national_id)
    device = browser.cookie("hub_device")
    assert device is not None
    return device


def session_of(hub: Hub, national_id: str) -> str:
    """Return the token of a session of the account."""
    open_account(hub, national_id)
    proof = Proof(hub.clock(), ACR_PASSWORD, ("pwd",))
    with hub.deps.begin() as work:
        account = work.accounts.find(national_id)
        assert account is not None
        return hub.deps.sessions.open(work, account, proof).token


def _with_cookie(name: str, values: Mapping[str, str]) -> Act:
    def comes(browser: Browser, national_id: str, _: TestResponse | None) -> None:
        if national_id in values:
            browser.client.set_cookie(name, values[national_id], domain="127.0.0.1")

    return comes


def at_home(devices: Mapping[str, str]) -> tuple[Flow, ...]:
    """Return what the owners of these devices do, by national ID."""

    def enters(browser: Browser, national_id: str, _: TestResponse | None) -> TestResponse:
        return log_in(browser, username=national_id)

    comes = Step("", _with_cookie("hub_device", devices))
    return (
        (comes, Step("sign-in, right password", enters)),
        (comes, Step("sign-in, wrong password", sign_in)),
        (comes, Step("recovery, national ID", recover)),
    )


def unreviewed_portal(hub: Hub) -> Portal:
    """Return a portal that registered itself, and that nobody has allowed anything."""
    portal = Portal(hub, "stranger")
    with hub.deps.begin() as work:
        client = work.clients.find("stranger")
        assert client is not None
        registered = replace(client, first_party=False, registration=SelfRegistration(()))
        factories.put_client(work, registered)
    return portal


def silently(portal: Portal, sessions: Mapping[str, str]) -> tuple[Flow, ...]:
    """Return how the portal asks silently who is there (attack R16), in the two ways to answer."""

    def asks(browser: Browser, _: str, __: TestResponse | None) -> TestResponse:
        return portal.ask(browser, prompt="none")

    def asks_by_form(browser: Browser, _: str, __: TestResponse | None) -> TestResponse:
        return portal.ask(browser, prompt="none", response_mode="form_post")

    comes = Step("", _with_cookie("hub_session", sessions))
    return (
        (comes, Step("`prompt=none`, answered by a redirect", asks)),
        (comes, Step("`prompt=none`, answered by a form", asks_by_form)),
    )
