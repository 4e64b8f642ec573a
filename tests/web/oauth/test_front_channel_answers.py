"""Tokens in the authorization response, and userinfo as a token, over HTTP."""

import re
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from idp.domain.clients.client import ClientSecret
from idp.domain.clients.response_types import RESPONSE_TYPES
from idp.services.sign_in.sessions import Proof
from tests import factories
from tests.fakes import NOON
from tests.web.hub import ORIGIN
from tests.web.oauth.test_oauth_endpoints import CALLBACK, get, request, tokens_of

ON = "[openid]\nimplicit = true\nhybrid = true\n"


@pytest.fixture
def hub(make_hub):
    """A hub that answers implicit and hybrid requests, with a portal that may make them."""
    made = make_hub(ON)
    keys = made.deps.provider._provider.keys
    keys.promote(keys.new("RS256").kid)
    digest = made.deps.vault.digest("secret", purpose="client_secret")
    with made.deps.begin() as work:
        factories.put_client(
            work,
            factories.client(
                first_party=True,
                secrets=(ClientSecret(digest, NOON),),
                response_types=frozenset(RESPONSE_TYPES),
            ),
        )
        work.accounts.add(factories.account())
    return made


@pytest.fixture
def signed_in(hub):
    """A browser with a session."""
    web = hub.app.test_client()
    with hub.deps.begin() as work:
        proof = Proof(hub.clock(), factories.ACR_PASSWORD, ("pwd",))
        opened = hub.deps.sessions.open(work, factories.account(), proof)
    web.set_cookie("hub_session", opened.token, domain="127.0.0.1")
    return web


def test_attack_R15_tokens_leave_with_a_303_in_the_fragment(signed_in):
    answer = get(signed_in, **request(response_type="code id_token token", nonce="n"))

    to = urlsplit(answer.location)
    assert answer.status_code == 303
    assert (f"{to.scheme}://{to.netloc}{to.path}", to.query) == (CALLBACK, "")
    assert {"code", "id_token", "access_token", "iss", "state"} <= parse_qs(to.fragment).keys()


def test_an_answer_with_tokens_is_not_kept(signed_in):  # RFC 6749 4.2.2, 10.3
    answer = get(signed_in, **request(response_type="id_token", nonce="n"))

    assert "no-store" in answer.headers["Cache-Control"]


def test_a_form_posts_itself_by_a_script_that_old_browsers_know(signed_in):
    asked = request(response_type="id_token", nonce="n", response_mode="form_post")
    [script] = re.findall(r"<script[^>]*form_post[^>]*>", get(signed_in, **asked).text)
    assert "defer" in script
    assert "module" not in script


def test_a_form_posts_the_tokens_to_the_portal(signed_in):  # Form Post Response Mode 2
    asked = request(response_type="id_token", nonce="n", response_mode="form_post")
    answer = get(signed_in, **asked)

    assert f'action="{CALLBACK}"' in answer.text
    assert 'name="id_token"' in answer.text


def test_userinfo_may_be_a_token(hub, signed_in):  # OIDC Core 5.3.2
    with hub.deps.begin() as work:
        client = work.clients.find("portal")
        factories.put_client(work, replace(client, userinfo_signed_response_alg="RS256"))
    access_token = tokens_of(signed_in).json["access_token"]

    answer = signed_in.get(
        "/oauth2/userinfo",
        base_url=ORIGIN,
        headers={"Authorization": f"Bearer {access_token}"},
    )

    assert answer.content_type == "application/jwt"
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.text.count(".") == 2
