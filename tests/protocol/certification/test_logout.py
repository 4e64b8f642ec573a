"""RP-initiated logout as the provider test plans look at it; each test names its module."""

import json
from datetime import timedelta

import pytest
from joserfc import jws
from joserfc.jwk import RSAKey

from idp.adapters.thread_pool import ThreadPool
from idp.protocol.core.replies import AskSignOut, ErrorPage, Redirect
from idp.protocol.core.requests import ProtocolRequest
from idp.protocol.logout.front_channel_logout import frames
from idp.services.sign_out.back_channel_logout import BackChannelLogout, ImmediateBackChannelLogout
from idp.services.sign_out.sign_out import SignOut
from tests import fakes
from tests.protocol.hub import ISSUER, encode, read_claims, read_header, response_of, sign

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


def test_rp_initiated_logout(hub, hint):  # rp-initiated-logout: CheckPostLogoutState
    end = end_of(hub, id_token_hint=hint, post_logout_redirect_uri=GOODBYE, state=STATE)
    assert end == Redirect(f"{GOODBYE}?state={STATE}")


def test_rp_initiated_logout_no_state(hub, hint):  # rp-initiated-logout-no-state
    end = end_of(hub, id_token_hint=hint, post_logout_redirect_uri=GOODBYE)
    assert end == Redirect(GOODBYE)


def test_rp_initiated_logout_afterwards_prompt_none_fails(portal):  # rp-initiated-logout
    reply = portal.authorize(session=None, prompt="none")
    assert response_of(reply)["error"] == "login_required"


@pytest.mark.parametrize(
    "uri",
    ["https://portal.example/other", f"{GOODBYE}?foo=bar", f"{GOODBYE}/", "https://evil.example/"],
    ids=["bad-post-logout-redirect-uri", "query-added", "slash added", "elsewhere"],
)
def test_rp_initiated_logout_to_what_is_not_registered(hub, hint, uri):
    # rp-initiated-logout-bad-post-logout-redirect-uri
    # rp-initiated-logout-query-added-to-post-logout-redirect-uri
    end = end_of(hub, id_token_hint=hint, post_logout_redirect_uri=uri, state=STATE)
    assert isinstance(end, ErrorPage)
    assert end.error == "invalid_request"  # what the screenshot is to show


def test_rp_initiated_logout_modified_id_token_hint(hub, hint):
    # rp-initiated-logout-modified-id-token-hint: alg none
    unsigned = sign(read_claims(hint), RSAKey.generate_key(2048), alg="RS256", kid="x").split(".")
    none = f"eyJhbGciOiJub25lIn0.{unsigned[1]}."
    end = end_of(hub, id_token_hint=none, post_logout_redirect_uri=GOODBYE)
    assert isinstance(end, ErrorPage)
    assert end.error == "invalid_request"  # what the screenshot is to show


def test_rp_initiated_logout_bad_id_token_hint(hub, hint):
    # rp-initiated-logout-bad-id-token-hint: signed by another key
    forged = sign(read_claims(hint), RSAKey.generate_key(2048), kid=hub.provider_keys()[0]["kid"])
    end = end_of(hub, id_token_hint=forged, post_logout_redirect_uri=GOODBYE)
    assert isinstance(end, ErrorPage)
    assert end.error == "invalid_request"  # what the screenshot is to show


def test_rp_initiated_logout_of_another_client(hub, hint):
    hub.register(client_id="other")
    end = end_of(hub, id_token_hint=hint, client_id="other", post_logout_redirect_uri=GOODBYE)
    assert isinstance(end, ErrorPage)
    assert end.error == "invalid_request"  # what the screenshot is to show


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
    # rp-initiated-logout-no-id-token-hint, rp-initiated-logout-no-params
    # rp-initiated-logout-only-state
    assert end_of(hub, **parameters) is None


def test_rp_initiated_logout_no_post_logout_redirect_uri(hub, hint):
    # rp-initiated-logout-no-post-logout-redirect-uri
    assert end_of(hub, id_token_hint=hint) is None


OUT = "https://portal.example/back-channel"
LONG = timedelta(seconds=20)
"""A machine that does much beside may be slow."""


@pytest.fixture
def sign_out(hub):
    """Sign out as the pages do: portals with a back channel are told before it returns."""
    at = hub.at
    notify = BackChannelLogout(
        kernel=fakes.kernel_of(at), fetch=hub.web, make_logout_token=hub.provider.logout_token
    )
    tell = ImmediateBackChannelLogout(thread_pool=ThreadPool(), notify=notify.run, within=LONG)
    return SignOut(kernel=fakes.kernel_of(at), tell=tell).sign_out


@pytest.fixture
def told(hub, portal, hint, sign_out):
    """The logout token of the one POST that the portal got."""
    portal.change(backchannel_logout_uri=OUT)
    sign_out(hub.session)
    [(address, form)] = hub.web.posted
    assert address == OUT
    assert form.keys() == {"logout_token"}
    return form["logout_token"]


@pytest.mark.parametrize("channel", ["backchannel", "frontchannel"])
def test_logout_discovery_endpoint_verification(hub, channel):
    # rp-initiated-logout-discovery-endpoint-verification
    # backchannel-logout-discovery-endpoint-verification
    # frontchannel-logout-discovery-endpoint-verification
    metadata = json.loads(hub.provider.discovery().content)
    assert metadata[f"{channel}_logout_supported"] is True
    assert metadata[f"{channel}_logout_session_supported"] is True
    assert metadata["end_session_endpoint"] == f"{ISSUER}/oauth2/end_session"


def test_backchannel_rp_initiated_logout_the_post_comes_before_the_redirect(hub, hint, told):
    # backchannel-rp-initiated-logout
    end = end_of(hub, id_token_hint=hint, post_logout_redirect_uri=GOODBYE, state=STATE)
    assert told
    assert end == Redirect(f"{GOODBYE}?state={STATE}")


def test_backchannel_rp_initiated_logout_the_logout_token(hub, hint, told):  # Back-Channel 2.4
    claims = read_claims(told)
    assert claims.keys() == {"iss", "aud", "iat", "exp", "jti", "events", "sub", "sid"}
    assert claims["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
    assert (claims["iss"], claims["aud"]) == (ISSUER, "portal")
    assert claims["iat"] == int(hub.clock().timestamp())


@pytest.mark.parametrize("claim", ["sub", "sid"])
def test_backchannel_rp_initiated_logout_names_whom_the_id_token_named(hint, told, claim):
    assert read_claims(told)[claim] == read_claims(hint)[claim]


def test_backchannel_rp_initiated_logout_is_signed_as_the_id_token(hub, hint, told):
    [key] = [one for one in hub.provider_keys() if one["kid"] == read_header(told)["kid"]]
    jws.deserialize_compact(told.encode(), RSAKey.import_key(key), algorithms=["RS256"])
    assert read_header(told)["alg"] == read_header(hint)["alg"]


def test_backchannel_rp_initiated_logout_of_a_portal_without_the_address(hub, hint, sign_out):
    sign_out(hub.session)
    assert hub.web.posted == []


def test_frontchannel_rp_initiated_logout(hub, portal, hint):
    # frontchannel-rp-initiated-logout: iss and sid of the ID token
    portal.change(frontchannel_logout_uri="https://portal.example/out")
    [frame] = frames(hub.at, [portal.client], hub.session.id)
    sid = read_claims(hint)["sid"]
    assert frame == f"https://portal.example/out?iss=https%3A%2F%2Faccount.tamin.ir&sid={sid}"
