"""The ways through sign-in and recovery, as a browser goes them."""

from typing import Any
from urllib.parse import urlencode

from werkzeug.test import TestResponse

from idp.domain.clients.client import Client
from idp.domain.people.account import Account, Credentials
from idp.domain.people.questions import answer_key
from idp.domain.sign_in.session import ACR_PASSWORD
from idp.protocol.core.replies import GoTo
from idp.protocol.core.requests import ProtocolRequest
from idp.services.sign_in.sessions import Proof
from tests import factories
from tests.fakes import NOON
from tests.web.hub import Browser, Hub, hidden

USER = factories.NATIONAL_ID.value
UNKNOWN = "9993348155"
PASSWORD = "Sabz1234xyz"
NEW_PASSWORD = "Abi5678klm"
ANSWER = "آبی روشن"
CALLBACK = "https://portal.example/callback"


def add_account(hub: Hub, **changes: Any) -> Account:
    """A citizen with an account, its password and answer."""
    credentials = Credentials(
        hub.hashing.hash(PASSWORD), hub.hashing.hash(answer_key(ANSWER)), factories.QUESTION, NOON
    )
    account = factories.account(**{"credentials": credentials, **changes})
    with hub.deps.begin() as work:
        assert work.accounts.add(account)
    return account


def add_client(hub: Hub, **changes: Any) -> Client:
    client = factories.client(**changes)
    with hub.deps.begin() as work:
        factories.put_client(work, client)
    return client


def context_of(browser: Browser, **parameters: str) -> str:
    """The sealed request of a portal, as the authorization endpoint hands it to the pages."""
    browser.csrf_token()
    query = {
        "client_id": "portal",
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "scope": "openid profile",
        "state": "s",
        "nonce": "n",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
        **parameters,
    }
    request = ProtocolRequest(
        method="GET", path="/oauth2/authorize", query=urlencode(query).encode()
    )
    reply = browser.hub.deps.provider.authorize(request, browser.cookie("hub_browser"), None)
    assert isinstance(reply, GoTo), reply.uri
    return reply.sealed


def allow(browser: Browser, context: str, decision: str = "accept") -> TestResponse:
    """Answer the consent page of a request; no redirect is followed."""
    page = browser.get("/consent", query_string={"context": context})
    form = {"context": context, "account": hidden(page, "account"), "decision": decision}
    return browser.post("/consent", form, follow=False)


def log_in(browser: Browser, password: str = PASSWORD, **fields: Any) -> TestResponse:
    """Post the login form; no redirect is followed."""
    form = {"username": USER, "password": password, **fields}
    return browser.post("/login", form, follow=False)


def enter(browser: Browser, **fields: Any) -> TestResponse:
    """Sign in on a new device, with its code."""
    page = log_in(browser, **fields)
    pending = hidden(page, "flow")
    form = {"flow": pending, "code": browser.hub.take_code(), **fields}
    return browser.post("/login/code", form, follow=False)


def inside_by_password(browser: Browser) -> None:
    """Let a citizen be signed in with the password alone, and a portal be known."""
    account = add_account(browser.hub)
    add_client(browser.hub)
    proof = Proof(browser.hub.clock(), ACR_PASSWORD, ("pwd",))
    with browser.hub.deps.begin() as work:
        opened = browser.hub.deps.sessions.open(work, account, proof)
    browser.client.set_cookie("hub_session", opened.token, domain="127.0.0.1")


def ask_recovery(browser: Browser, user: str = USER) -> TestResponse:
    return browser.post("/recover", {"username": user}, follow=False)


def prove_recovery(browser: Browser, page: TestResponse, code: str | None = None) -> TestResponse:
    code = browser.hub.take_code() if code is None else code
    form = {"flow": hidden(page, "flow"), "code": code}
    return browser.post("/recover/code", form, follow=False)


def answer_recovery(browser: Browser, page: TestResponse, **changes: Any) -> TestResponse:
    form = {
        "flow": hidden(page, "flow"),
        "answer": ANSWER,
        "password": NEW_PASSWORD,
        "password_again": NEW_PASSWORD,
        **changes,
    }
    return browser.post("/recover/password", form, follow=False)
