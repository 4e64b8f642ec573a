"""Requests that schemathesis makes of docs/generated/openapi.json: no 5xx, only described answers.

Between what it makes up stand values that fit, so that requests come past the first checks; some
come with a session, some with a client's secret.
"""

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from idp.domain.clients.client import ClientSecret
from idp.protocol.core import endpoints
from idp.services.sign_in.sessions import Proof
from tests import factories
from tests.fakes import NOON
from tests.fuzzing import often
from tests.openapi.document import FILE
from tests.web.growth import left_for_good
from tests.web.hub import ORIGIN, Hub

EVERYTHING_ON = """
[compatibility]
old_paths = true
[openid]
implicit = true
hybrid = true
unsigned_request_objects = true
session_management = true
registration = "open"
[protection]
network_limits = false
"""
SCHEMA = schemathesis.openapi.from_dict(json.loads(FILE.read_text("utf-8")))
OPERATIONS = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations()}
CHECKS = [
    *(not_a_server_error, status_code_conformance, content_type_conformance),
    *(response_schema_conformance, response_headers_conformance),
]
OFTEN = often(30, share=20)
CALLBACK, VERIFIER = "https://portal.example/callback", "v" * 50
CHALLENGE = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
BASIC = "Basic " + b64encode(b"portal:secret").decode()
FITTING = {
    "client_id": "portal",
    "redirect_uri": CALLBACK,
    "response_type": "code",
    "response_mode": "query",
    "scope": "openid profile",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
    "prompt": "none",
    "redirect_uris": [CALLBACK],
}
SPOILING = frozenset(
    {
        *("claims", "max_age", "id_token_hint", "request", "request_uri", "registration"),
        *("resource", "client_secret", "client_assertion", "client_assertion_type"),
    }
)
"""What spoils nearly every request when it is made up."""


@dataclass(frozen=True)
class Reached:
    """A hub, and what somebody has who got this far."""

    app: Flask
    cookie: str
    tokens: dict[str, str]

    def browser(self) -> FlaskClient:
        """Return a browser with the session of somebody who is signed in."""
        browser = self.app.test_client()
        browser.set_cookie("hub_session", self.cookie, domain="127.0.0.1")
        return browser

    def headers(self) -> list[dict[str, str]]:
        """Return headers that a request may come with."""
        shown = (BASIC, f"Bearer {self.tokens['access_token']}")
        return [{}, *({"Authorization": one} for one in shown)]

    def fitting(self) -> dict[str, str]:
        """Return values that the hub takes, by parameter."""
        refresh = {"grant_type": "refresh_token", "refresh_token": self.tokens["refresh_token"]}
        hint = {"token": self.tokens["access_token"], "id_token_hint": self.tokens["id_token"]}
        return {**FITTING, **refresh, **hint}


@pytest.fixture
def reached(make_hub, sqlite_url: str) -> Iterator[Reached]:
    """A hub with a key, a first-party portal, somebody who is signed in, and their tokens."""
    hub: Hub = make_hub(EVERYTHING_ON, url=sqlite_url)
    keys = hub.deps.provider._provider.keys
    keys.promote(keys.new("RS256").kid)
    digest = hub.deps.vault.digest("secret", purpose="client_secret")
    grants = ("authorization_code", "refresh_token")
    with hub.deps.begin() as work:
        factories.put_client(
            work,
            factories.client(
                first_party=True,
                secrets=(ClientSecret(digest, NOON),),
                grant_types=grants,
                scopes=frozenset({"openid", "profile", "offline_access"}),
            ),
        )
        work.accounts.add(factories.account())
        proof = Proof(hub.clock(), factories.ACR_PASSWORD, ("pwd",))
        opened = hub.deps.sessions.open(work, factories.account(), proof)
    somebody = Reached(hub.app, opened.token, {})
    somebody.tokens.update(tokens_of(somebody.browser()))
    yield somebody
    assert left_for_good(hub, sqlite_url) == {}, "attack D05"


def tokens_of(browser: FlaskClient) -> dict[str, str]:
    """Be a portal until it has its tokens."""
    asked = {**FITTING, "scope": "openid profile offline_access"}
    address = f"{endpoints.AUTHORIZE}?{urlencode(asked)}"
    location = browser.get(address, base_url=ORIGIN).headers["Location"]
    form = {
        "grant_type": "authorization_code",
        "code": parse_qs(urlsplit(location).query)["code"][0],
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    }
    answer = browser.post(
        endpoints.TOKEN, data=form, base_url=ORIGIN, headers={"Authorization": BASIC}
    )
    return dict(answer.json)


@pytest.mark.parametrize("label", OPERATIONS)
@given(data=st.data())
@OFTEN
def test_every_request_gets_an_answer_that_is_described(
    reached: Reached, label: str, data: st.DataObject
):
    case = data.draw(cases(label, reached.fitting()))
    answer = case.call(
        base_url=ORIGIN,
        app=reached.app,
        headers=data.draw(st.sampled_from(reached.headers())),
        session=data.draw(st.sampled_from([reached.app.test_client(), reached.browser()])),
    )
    case.validate_response(answer, checks=CHECKS)
    leads_where_it_may(case, answer)


@st.composite
def cases(draw: st.DrawFn, label: str, fitting: dict[str, str]) -> Case:
    """Make a request as described, or one that is not; in half of them nearly all fits."""
    mode = draw(st.sampled_from(GenerationMode))
    case: Case = draw(OPERATIONS[label].as_strategy(mode))
    sent = case.body if case.operation.body else case.query
    if isinstance(sent, dict) and draw(st.booleans()):
        known = described(label)
        keep = draw(st.sets(st.sampled_from(sorted({*known, "none"})), max_size=2))
        for name in (set(sent) - known) | (SPOILING - keep):
            sent.pop(name, None)
        sent.update({name: fitting[name] for name in (known - keep) & set(fitting)})
    return case


def described(label: str) -> set[str]:
    """Return the names of the operation's parameters."""
    raw = OPERATIONS[label].definition.raw
    body = raw.get("requestBody", {}).get("content", {})
    in_body = [media["schema"]["properties"] for media in body.values()]
    return {one["name"] for one in raw.get("parameters", ())}.union(*in_body)


def leads_where_it_may(case: Case, answer: Any) -> None:
    """A redirect leads to our own pages, or to the portal with issuer and state (RFC 9207 2)."""
    location = next(iter(answer.headers.get("location", ())), "/")
    if location.startswith("/"):
        return
    assert location.startswith((f"{CALLBACK}?", f"{CALLBACK}#")), location
    told = parse_qs(urlsplit(location).query or urlsplit(location).fragment)
    sent = (case.body if case.operation.body else case.query).get("state")
    assert told["iss"] == [ORIGIN]
    is_readable = isinstance(sent, str) and re.fullmatch(r"[\x20-\x7e]+", sent)
    assert told.get("state") == ([sent] if is_readable else None)
