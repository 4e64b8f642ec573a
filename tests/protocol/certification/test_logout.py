"""RP-initiated logout as the provider test plans look at it; each test names its module."""

import pytest
from joserfc.jwk import RSAKey

from idp.protocol.front_channel_logout import frames
from idp.protocol.replies import AskSignOut, ErrorPage, Redirect
from idp.protocol.requests import ProtocolRequest
from tests.protocol.hub import ISSUER, encode, read_claims, response_of, sign

GOODBYE = "https://portal.example/goodbye"
STATE = "a.b-c_d~" * 16


@pytest.fixture
def hint(portal):
    return portal.obtain_tokens()["id_token"]


def end_of(hub, **parameters):
    """Return what the browser comes to: a redirect, None for our page, or an error page."""
    request = ProtocolRequest(method="GET", path="/oauth2/end_session", query=encode(parameters))
    reply = hub.provider.end_session(request)
    if isinstance(reply, ErrorPage):
        return reply
    assert isinstance(reply, AskSignOut)
    return hub.provider.signed_out(reply.sealed, hub.session)


def test_rp_initiated_logout(hub, hint):  # the state comes back byte for byte
    end = end_of(hub, id_token_hint=hint, post_logout_redirect_uri=GOODBYE, state=STATE)
    assert end == Redirect(f"{GOODBYE}?state={STATE}")


def test_rp_initiated_logout_no_state(hub, hint):
    end = end_of(hub, id_token_hint=hint, post_logout_redirect_uri=GOODBYE)
    assert end == Redirect(GOODBYE)


def test_rp_initiated_logout_afterwards_prompt_none_fails(portal):
    reply = portal.authorize(session=None, prompt="none")
    assert response_of(reply)["error"] == "login_required"


@pytest.mark.parametrize(
    "uri",
    ["https://portal.example/other", f"{GOODBYE}?foo=bar", f"{GOODBYE}/", "https://evil.example/"],
    ids=["bad-post-logout-redirect-uri", "query-added", "slash added", "elsewhere"],
)
def test_rp_initiated_logout_to_what_is_not_registered(hub, hint, uri):
    end = end_of(hub, id_token_hint=hint, post_logout_redirect_uri=uri, state=STATE)
    assert isinstance(end, ErrorPage)


def test_rp_initiated_logout_modified_id_token_hint(hub, hint):  # alg none
    unsigned = sign(read_claims(hint), RSAKey.generate_key(2048), alg="RS256", kid="x").split(".")
    none = f"eyJhbGciOiJub25lIn0.{unsigned[1]}."
    end = end_of(hub, id_token_hint=none, post_logout_redirect_uri=GOODBYE)
    assert isinstance(end, ErrorPage)


def test_rp_initiated_logout_bad_id_token_hint(hub, hint):  # signed by another key
    forged = sign(read_claims(hint), RSAKey.generate_key(2048), kid=hub.provider_keys()[0]["kid"])
    end = end_of(hub, id_token_hint=forged, post_logout_redirect_uri=GOODBYE)
    assert isinstance(end, ErrorPage)


def test_rp_initiated_logout_of_another_client(hub, hint):
    hub.register(client_id="other")
    end = end_of(hub, id_token_hint=hint, client_id="other", post_logout_redirect_uri=GOODBYE)
    assert isinstance(end, ErrorPage)


@pytest.mark.parametrize(
    "parameters",
    [
        {"post_logout_redirect_uri": GOODBYE},
        {"post_logout_redirect_uri": GOODBYE, "client_id": "portal", "state": STATE},
        {},
        {"state": STATE},
    ],
    ids=["no-id-token-hint", "no-id-token-hint, client named", "no-params", "only-state"],
)
def test_rp_initiated_logout_without_a_hint_ends_on_our_page(hub, portal, parameters):
    assert end_of(hub, **parameters) is None


def test_rp_initiated_logout_no_post_logout_redirect_uri(hub, hint):
    assert end_of(hub, id_token_hint=hint) is None


def test_frontchannel_rp_initiated_logout(hub, portal, hint):  # iss and sid of the ID token
    portal.change(frontchannel_logout_uri="https://portal.example/out")
    [frame] = frames(ISSUER, [portal.client], hub.session.id)
    sid = read_claims(hint)["sid"]
    assert frame == f"https://portal.example/out?iss=https%3A%2F%2Faccount.tamin.ir&sid={sid}"
