"""Request objects as the provider test plans send them; each test names its modules."""

import pytest

from idp.protocol.core.replies import ErrorPage, FormPost
from tests.protocol.certification.test_advertised_keys import unsigned
from tests.protocol.hub import CALLBACK, encode, response_of

OBJECT_AT = "https://portal.example/request.jwt"


@pytest.fixture
def portal(portal):
    """A static client of the suite: its file lets it send unsigned objects."""
    portal.change(request_object_signing_alg="none", request_uris=(f"{OBJECT_AT}#hash",))
    return portal


def inside(portal, **changes):
    claims = portal.request(state="inside", **changes)
    return {name: value for name, value in claims.items() if value is not None}


def ask(portal, way, text, **changes):
    """Send the object by value or by reference, with a whole request beside it."""
    if way == "request_uri":
        portal.hub.web.pages[OBJECT_AT] = text.encode()
        text = f"{OBJECT_AT}#hash"
    outside = {n: v for n, v in portal.request(state="outside", **changes).items() if v}
    return portal.authorize_raw(encode({**outside, way: text}))


@pytest.mark.parametrize("way", ["request", "request_uri"])
def test_an_unsigned_object_is_processed_fully(portal, way):
    # unsigned-request-object-supported-correctly-or-rejected-as-unsupported
    # request-uri-unsigned-supported-correctly-or-rejected-as-unsupported
    answer = response_of(ask(portal, way, unsigned(inside(portal))))

    assert answer["state"] == "inside"
    assert portal.redeem(answer["code"]).status == 200


@pytest.mark.parametrize("way", ["request", "request_uri"])
def test_the_address_inside_wins(portal, way):  # ensure-request-object-with-redirect-uri
    text = unsigned(inside(portal))

    reply = ask(portal, way, text, redirect_uri="https://portal.example/not-registered")

    assert reply.uri.startswith(f"{CALLBACK}?")


def test_an_address_inside_must_be_registered(portal):
    # ensure-request-object-with-redirect-uri: attack R09
    text = unsigned(inside(portal, redirect_uri="https://portal.example/not-registered"))

    assert isinstance(ask(portal, "request", text), ErrorPage)


def test_what_is_inside_alone_is_heard(portal):
    # unsigned-request-object-supported-correctly-or-rejected-as-unsupported: OIDC Core 6.1
    text = unsigned(inside(portal, nonce="of-the-object", response_mode="form_post"))

    reply = ask(portal, "request", text, nonce=None)

    assert isinstance(reply, FormPost)
    assert reply.fields["state"] == "inside"
