"""What is counted and measured: what portals and browsers do at any OpenID provider."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.performance.visitor import Answer, Steps, Unexpected, Visitor, pause
from tests.web.hub import CODE

DISCOVERY = "/.well-known/openid-configuration"
VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
LOOK_EVERY, CODE_WITHIN = 0.2, 30.0
"""Seconds: between two looks at the phone, and until a citizen gives up."""
_numbers = count()


@dataclass(frozen=True)
class Portal:
    """A registered client, and the provider that it is registered with."""

    issuer: str
    client_id: str
    secret: str
    redirect_uri: str
    endpoints: dict[str, Any] = field(default_factory=dict)

    @property
    def authorization(self) -> str:
        pair = f"{self.client_id}:{self.secret}".encode()
        return f"Basic {base64.b64encode(pair).decode()}"

    def authorization_request(self, scope: str) -> str:
        number = next(_numbers)
        query = {
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "scope": scope,
            "state": f"state-{number}",
            "nonce": f"nonce-{number}",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        return f"{self.endpoints['authorization_endpoint']}?{urlencode(query)}"


@dataclass
class Person:
    """A citizen with an account, and what the portal holds for them."""

    user_name: str
    password: str
    mobile: str = ""
    browser: Visitor = field(default_factory=lambda: Visitor(""))
    tokens: dict[str, str] = field(default_factory=dict)
    address: str = ""
    """Of the page that is asked for again and again."""


@dataclass(frozen=True)
class Provider:
    """Where the scenarios take place."""

    portal: Portal
    scope: str = "openid profile email"
    offline_scope: str = "openid profile email offline_access"
    offline: Portal | None = None
    """The client whose codes give refresh tokens, where that is another one."""
    service: Portal | None = None
    """The client that gets tokens of its own, where that is another one."""
    take_code: Callable[[str], str] | None = None
    """Returns the code that went to a mobile; only the hub's own tests can look."""
    texts: Callable[[str], Sequence[str]] | None = None
    """Returns what a mobile got, oldest first, where a sign-in on a new device needs a code."""

    def at(self, portal: Portal) -> "Provider":
        """Return the same with endpoints, those of ``portal``."""
        offline = self.offline and replace(self.offline, endpoints=portal.endpoints)
        service = self.service and replace(self.service, endpoints=portal.endpoints)
        return replace(self, portal=portal, offline=offline, service=service)


Step = Callable[[Provider, Person], Steps[None]]


@dataclass(frozen=True)
class Scenario:
    """``begin`` is done once for each person, ``operation`` again and again."""

    name: str
    title: str
    begin: Step
    operation: Step
    is_for_newcomers: bool = False
    """Needs somebody without an account."""
    most_users: int = 1000
    """Side by side; hashes of passwords are bounded, and more who wait are answered 503."""


def discover(portal: Portal) -> Steps[Portal]:
    """Return the portal with the provider's endpoints."""
    answer = yield from Visitor(portal.issuer).get("discovery", portal.issuer + DISCOVERY)
    return replace(portal, endpoints=json.loads(answer.body))


def sign_in(provider: Provider, person: Person) -> Steps[None]:
    """Open the portal in a fresh browser, type user name and password, and redeem the code."""
    yield from _sign_in(provider, provider.portal, person)


def single_sign_on(provider: Provider, person: Person) -> Steps[None]:
    """Let a browser that is signed in go to the portal, and redeem the code."""
    portal, browser = provider.portal, person.browser
    answer = yield from browser.open(
        "authorize", portal.authorization_request(provider.scope), portal.redirect_uri
    )
    yield from _redeem(portal, person, answer)


def refresh(provider: Provider, person: Person) -> Steps[None]:
    """Exchange the refresh token."""
    form = {"grant_type": "refresh_token", "refresh_token": person.tokens["refresh_token"]}
    answer = yield from _post(provider.offline or provider.portal, "token", "token_endpoint", form)
    person.tokens |= json.loads(_good(answer).body)


def client_credentials(provider: Provider, person: Person) -> Steps[None]:
    """Get an access token of the portal's own."""
    form = {"grant_type": "client_credentials"}
    portal = provider.service or provider.portal
    answer = yield from _post(portal, "token", "token_endpoint", form)
    if "access_token" not in json.loads(_good(answer).body):
        raise Unexpected("no access token")


def userinfo(provider: Provider, person: Person) -> Steps[None]:
    """Ask for the claims of the citizen."""
    address = provider.portal.endpoints["userinfo_endpoint"]
    bearer = f"Bearer {person.tokens['access_token']}"
    answer = yield person.browser.request("userinfo", "GET", address, Authorization=bearer)
    if b'"sub"' not in _good(answer).body:
        raise Unexpected("userinfo without sub")


def introspection(provider: Provider, person: Person) -> Steps[None]:
    """Ask whether the access token is active."""
    form = {"token": person.tokens["access_token"], "token_type_hint": "access_token"}
    answer = yield from _post(provider.portal, "introspection", "introspection_endpoint", form)
    if json.loads(_good(answer).body)["active"] is not True:
        raise Unexpected("the token is not active")


def discovery(provider: Provider, person: Person) -> Steps[None]:
    """Get the provider's metadata."""
    answer = yield person.browser.request("discovery", "GET", provider.portal.issuer + DISCOVERY)
    _good(answer)


def jwks(provider: Provider, person: Person) -> Steps[None]:
    """Get the provider's keys."""
    address = provider.portal.endpoints["jwks_uri"]
    _good((yield person.browser.request("jwks", "GET", address)))


def begin_registration(provider: Provider, person: Person) -> Steps[None]:
    """Go through step one and the code, to the page of step two."""
    assert provider.take_code is not None
    browser = person.browser = Visitor(provider.portal.issuer)
    page = yield from browser.open("step one", f"{provider.portal.issuer}/register")
    typed = {"national_id": person.user_name, "operator": "mci", "mobile": person.mobile}
    answer = yield from browser.submit("step one", page, **typed)
    page = yield from browser.follow("step one", answer)
    answer = yield from browser.submit("code", page, code=provider.take_code(person.mobile))
    page = yield from browser.follow("code", answer)
    person.address = browser.page
    if b'name="password_again"' not in page.body:
        raise Unexpected(f"{browser.page} is not step two")


def step_two(provider: Provider, person: Person) -> Steps[None]:
    """Show the page of step two."""
    _good((yield from person.browser.get("step two", person.address)))


def begin_offline(provider: Provider, person: Person) -> Steps[None]:
    """Sign in to a portal that gets a refresh token."""
    own = replace(provider, scope=provider.offline_scope)
    yield from _sign_in(own, provider.offline or provider.portal, person)
    if "refresh_token" not in person.tokens:
        raise Unexpected("no refresh token")


def come(provider: Provider, person: Person) -> Steps[None]:
    """Be there, as nobody yet."""
    yield from ()


def _sign_in(provider: Provider, portal: Portal, person: Person) -> Steps[None]:
    browser = person.browser = Visitor(portal.issuer)
    page = yield from browser.open("login page", portal.authorization_request(provider.scope))
    known = len(provider.texts(person.mobile)) if provider.texts else 0
    typed = {"username": person.user_name, "password": person.password}
    answer = yield from browser.submit("password", page, **typed)
    answer = yield from browser.follow("resume", answer, portal.redirect_uri)
    if provider.texts and b'name="code"' in answer.body:
        code = yield from _code(provider.texts, person.mobile, known)
        answer = yield from browser.submit("code", answer, code=code)
        answer = yield from browser.follow("resume", answer, portal.redirect_uri)
    yield from _redeem(portal, person, answer)


def _code(texts: Callable[[str], Sequence[str]], mobile: str, known: int) -> Steps[str]:
    """Wait for a text beyond the ``known`` ones; return its code."""
    for _ in range(int(CODE_WITHIN / LOOK_EVERY)):
        got = texts(mobile)
        if len(got) > known and (found := CODE.search(got[-1])):
            return found[1]
        yield pause(LOOK_EVERY)
    raise Unexpected("no code came")


def _redeem(portal: Portal, person: Person, answer: Answer) -> Steps[None]:
    query = parse_qs(urlsplit(answer.leads_to).query)
    if "code" not in query:
        raise Unexpected(f"no code: {answer.status} {answer.leads_to[:200]}")
    form = {
        "grant_type": "authorization_code",
        "code": query["code"][0],
        "redirect_uri": portal.redirect_uri,
        "code_verifier": VERIFIER,
    }
    answer = yield from _post(portal, "token", "token_endpoint", form)
    person.tokens = json.loads(_good(answer).body)


def _post(portal: Portal, step: str, endpoint: str, form: dict[str, str]) -> Steps[Answer]:
    body = urlencode(form).encode()
    address = portal.endpoints[endpoint]
    server = Visitor(portal.issuer)
    return (yield server.request(step, "POST", address, body, Authorization=portal.authorization))


def _good(answer: Answer) -> Answer:
    if answer.status != 200:
        raise Unexpected(f"{answer.status}: {answer.body[:200]!r}")
    return answer


SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario("single_sign_on", "single sign-on (authorize, token)", sign_in, single_sign_on),
        Scenario("refresh", "refresh", begin_offline, refresh),
        Scenario("client_credentials", "client credentials", come, client_credentials),
        Scenario("userinfo", "userinfo", sign_in, userinfo),
        Scenario("introspection", "introspection", sign_in, introspection),
        Scenario("discovery", "discovery", come, discovery),
        Scenario("jwks", "keys (JWKS)", come, jwks),
        Scenario("sign_in", "sign-in by password, whole", come, sign_in, most_users=2),
        Scenario(
            "step_two",
            "registration, page of step two",
            begin_registration,
            step_two,
            is_for_newcomers=True,
        ),
    )
}
