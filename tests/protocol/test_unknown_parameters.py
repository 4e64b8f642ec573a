"""Unknown parameters of any bytes change no answer, at any endpoint (RFC 6749 3.1, 3.2)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.protocol.authorize.authorization_request import KNOWN as OF_AUTHORIZE
from idp.protocol.core import endpoints
from idp.protocol.core.replies import AskSignOut, GoTo, Json, Jwt, Redirect, Reply, Resume
from idp.protocol.core.request_parameters import _pairs
from idp.protocol.core.requests import ProtocolRequest
from idp.protocol.logout.end_session import KNOWN as OF_END_SESSION
from idp.protocol.token.token_endpoint import KNOWN as OF_TOKEN
from tests.fuzzing import often
from tests.protocol.hub import FORM, encode, error_of, response_of

KNOWN = OF_AUTHORIZE | OF_END_SESSION | OF_TOKEN | {"token", "access_token"}
NASTY = [
    *(b"x=%e2%80%8c", b"x=\xff\x00", b"x=%", b"opt[]=1&opt[]=2", b"x=1&x=2", b"%ff=%fe", b"="),
    *("ایمیل=الف\u200cب".encode(), "x=ب".encode("cp1256"), b"state[]=1", b"x=" + b"%00" * 9000),
]


def is_unknown(raw: bytes) -> bool:
    return all(name not in KNOWN for name, _ in _pairs(raw))


unknown = st.one_of(st.binary(max_size=60).filter(is_unknown), st.sampled_from(NASTY))
OFTEN = often(150)


def told(reply: Reply) -> Any:
    """Return what is the same each time: no code, no token, no seal."""
    match reply:
        case Redirect():
            return sorted(response_of(reply).items() if error_of(reply) else response_of(reply))
        case GoTo():
            return reply.step
        case Json() if "access_token" in reply.body:
            return reply.status, sorted(reply.body)
        case Resume() | AskSignOut():
            return type(reply)
        case _:
            return reply


def beside(good: bytes, extra: bytes) -> list[bytes]:
    return [good + b"&" + extra, extra + b"&" + good]


@given(unknown)
@OFTEN
@pytest.mark.parametrize(
    "changes", [{}, {"prompt": "none"}, {"max_age": "x"}, {"redirect_uri": "https://evil.example"}]
)
def test_at_the_authorization_endpoint(hub, portal, changes, extra):
    good = encode(portal.request(**changes))
    for session in (hub.session, None):
        plain = told(portal.authorize_raw(good, session))
        for query in beside(good, extra):
            assert told(portal.authorize_raw(query, session)) == plain


def posted(path: str, body: bytes, query: bytes = b"", **headers: str) -> ProtocolRequest:
    return ProtocolRequest(
        method="POST", path=path, query=query, body=body, headers=headers, content_type=FORM
    )


@given(unknown)
@OFTEN
def test_at_the_authorization_endpoint_by_post(hub, portal, extra):
    good = encode(portal.request())
    for body in beside(good, extra):
        reply = hub.provider.authorize_posted(posted(endpoints.AUTHORIZE, body, extra))
        assert isinstance(reply, Resume)


@given(unknown)
@OFTEN
def test_at_the_token_endpoint(hub, portal, extra):
    portal.change(grant_types=portal.client.grant_types | {"client_credentials"})
    headers, _ = portal.credentials({})
    for good in (b"grant_type=client_credentials", b"grant_type=refresh_token&refresh_token=x"):
        plain = told(hub.provider.token(posted(endpoints.TOKEN, good, **headers)))
        for body in beside(good, extra):
            request = posted(endpoints.TOKEN, body, extra, **headers)
            assert told(hub.provider.token(request)) == plain


@pytest.mark.parametrize("act", ["introspect", "revoke"])
@given(unknown)
@OFTEN
def test_at_introspection_and_revocation(hub, portal, act, extra):
    headers, _ = portal.credentials({})
    endpoint = getattr(hub.provider, act)
    plain = endpoint(posted(f"/oauth2/{act}", b"token=x", **headers))
    assert plain.status == 200
    for body in beside(b"token=x", extra):
        assert endpoint(posted(f"/oauth2/{act}", body, extra, **headers)) == plain


def test_at_userinfo(hub, portal):
    token = portal.obtain_tokens()["access_token"]
    good = encode({"access_token": token})
    plain = hub.provider.userinfo(posted(endpoints.USERINFO, good))
    assert plain.status == 200
    for extra in NASTY:
        for body in beside(good, extra):
            answer = hub.provider.userinfo(posted(endpoints.USERINFO, body, extra))
            assert isinstance(answer, Json | Jwt)
            assert answer == plain


@given(unknown)
@OFTEN
def test_at_the_end_of_the_session(hub, portal, extra):
    good = encode({"client_id": portal.client_id, "state": "s"})
    for raw in beside(good, extra):
        by_get = ProtocolRequest(method="GET", path=endpoints.END_SESSION, query=raw)
        for request in (by_get, posted(endpoints.END_SESSION, raw, extra)):
            assert isinstance(hub.provider.end_session(request), AskSignOut)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=20)),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=9), inside),
    max_leaves=5,
)


@given(st.dictionaries(st.text(max_size=20).map(lambda name: f"x-{name}"), JSON, max_size=3))
@OFTEN
def test_at_the_registration(hub, members):  # RFC 7591 2
    hub.switch_on(registration="open")
    answer = hub.register_itself({"redirect_uris": ["https://a.example/cb"], **members})
    assert answer.status == 201
    assert not members.keys() & answer.body.keys()


BROKEN = {
    "repeated": b"&nonce=1&nonce=2",
    "no UTF-8": b"&acr_values=%ff",
    "a bare %": b"&max_age=%",
    "NUL": b"&claims=%00",
    "too long": b"&nonce=" + b"a" * 9000,
    "an unknown response_mode": b"&response_mode=smoke",
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("silent", [b"", b"&prompt=none"], ids=["", "none"])
def test_a_broken_known_parameter_is_told_to_the_client(portal, broken, silent):
    query = encode(portal.request(nonce=None)) + broken + silent  # RFC 6749 4.1.2.1
    answer = response_of(portal.authorize_raw(query, None))
    assert answer["error"] == "invalid_request"
    assert broken.strip(b"&").partition(b"=")[0].decode() in answer["error_description"]
    assert answer["state"] == "the-state"


def test_a_repeated_state_is_not_returned(portal):  # RFC 6749 3.1
    answer = response_of(portal.authorize_raw(encode(portal.request()) + b"&state=other"))
    assert answer["error_description"] == "state is repeated"
    assert "state" not in answer


@pytest.mark.parametrize("raw", [b"&redirect_uri=x", b"&client_id=x"])
def test_attack_R12_a_repeated_address_or_client_is_never_redirected(portal, raw):
    reply = portal.authorize_raw(encode(portal.request()) + raw)
    assert (reply.code, reply.detail) == (
        "invalid_request",
        f"{raw[1:].partition(b'=')[0].decode()} is repeated",
    )


def test_a_hint_of_any_text_is_no_error(portal):  # OIDC Core 3.1.2.1
    for hint in (b"%00", b"%ff", b"%", "سلام\u200c".encode(), b"a&login_hint=b"):
        query = encode(portal.request()) + b"&login_hint=" + hint
        assert "code" in response_of(portal.authorize_raw(query))
