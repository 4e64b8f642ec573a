"""Whatever comes in: no exception, no 5xx, and redirects go where they may (authlib.md 5.5)."""

from urllib.parse import parse_qs, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from idp.protocol.authorize.authorization_request import KNOWN
from idp.protocol.core import endpoints
from idp.protocol.core.replies import ErrorPage, FormPost, GoTo, Redirect
from idp.protocol.core.requests import ProtocolRequest
from idp.protocol.token.token_endpoint import KNOWN as TOKEN_PARAMETERS
from tests.fuzzing import often
from tests.protocol.hub import BROWSER, CALLBACK, FORM, ISSUER, encode

OFTEN = often(300)
NASTY = st.one_of(
    st.text(max_size=40),
    st.binary(max_size=40),
    st.sampled_from(
        [
            *("", "\x00", "a\r\nb", '"\\', "é", "\u202e", "null", "[]", "{}", "1e400", "-1"),
            *("none", "login", "code", "openid", "S256", "query", "A" * 43, "a.b.c", "a" * 9000),
        ]
    ),
)


def is_allowed(reply, state):
    if isinstance(reply, ErrorPage):
        return 400 <= reply.status < 500
    if isinstance(reply, GoTo):
        return True
    if isinstance(reply, FormPost):
        given = reply.fields
        return reply.uri == CALLBACK and given["iss"] == ISSUER and given.get("state") == state
    assert isinstance(reply, Redirect)
    uri = urlsplit(reply.uri)
    assert reply.uri.startswith((f"{CALLBACK}?", f"{CALLBACK}#"))
    answer = parse_qs(uri.query or uri.fragment)
    return answer["iss"] == [ISSUER] and answer.get("state") == (state and [state])


@given(st.dictionaries(st.sampled_from(sorted(KNOWN - {"state"})), NASTY, max_size=3))
@OFTEN
def test_no_parameter_of_authorize_breaks_it(portal, changes):
    assert is_allowed(portal.authorize(**changes), "the-state")


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=50))
@OFTEN
def test_every_error_returns_the_state_unchanged(portal, state):
    assert is_allowed(portal.authorize(state=state, scope="x", response_mode="form_post"), state)


@given(st.binary(max_size=300))
@OFTEN
def test_no_query_breaks_authorize(portal, query):
    assert is_allowed(portal.authorize_raw(query), None)


@given(st.dictionaries(st.sampled_from(sorted(TOKEN_PARAMETERS)), NASTY, max_size=4))
@OFTEN
def test_no_parameter_of_the_token_endpoint_breaks_it(hub, portal, form):
    headers, _ = portal.credentials({})
    for grant_type in ("authorization_code", "refresh_token"):
        for shown in (headers, {}):
            reply = hub.post(endpoints.TOKEN, {"grant_type": grant_type, **form}, shown)
            assert 400 <= reply.status < 500


@given(st.binary(max_size=300))
@OFTEN
def test_no_body_breaks_the_machine_endpoints(hub, portal, body):
    for path in (endpoints.TOKEN, endpoints.INTROSPECT, endpoints.REVOKE):
        assert 400 <= hub.post(path, body).status < 500


@given(NASTY)
@OFTEN
def test_no_token_breaks_introspection_or_revocation(hub, portal, token):
    headers, form = portal.credentials({"token": token})
    for path in (endpoints.INTROSPECT, endpoints.REVOKE):
        assert hub.post(path, form, headers).status in {200, 400}


@given(st.text(max_size=100))
@OFTEN
def test_no_header_breaks_userinfo(hub, header):
    request = ProtocolRequest(
        method="GET", path=endpoints.USERINFO, headers={"authorization": header}
    )
    assert hub.provider.userinfo(request).status == 401


@given(
    st.dictionaries(
        st.sampled_from(["id_token_hint", "client_id", "post_logout_redirect_uri", "state"]),
        NASTY,
    )
)
@OFTEN
def test_no_parameter_breaks_end_session(hub, portal, parameters):
    for method in ("GET", "POST"):
        raw = encode(parameters)
        request = ProtocolRequest(
            method=method,
            path=endpoints.END_SESSION,
            query=raw if method == "GET" else b"",
            body=raw if method == "POST" else b"",
            content_type=FORM,
        )
        reply = hub.provider.end_session(request)
        assert not isinstance(reply, Redirect)


@given(st.text(max_size=100))
@OFTEN
def test_no_sealed_text_breaks_the_resume_step(hub, portal, sealed):
    for step in (hub.provider.resume, hub.provider.resume_posted):
        assert step(sealed, BROWSER, hub.session) == ErrorPage("context_lost")
    assert hub.provider.deny(sealed, BROWSER) == ErrorPage("context_lost")
