"""What belongs to a switch is not named and is refused while the switch is off (attack C13)."""

import pytest

from idp.domain.clients.response_types import HYBRID, IMPLICIT
from idp.protocol.core import endpoints
from idp.protocol.core.features import Features, WhoRegisters
from idp.protocol.core.requests import ProtocolRequest
from tests.protocol.certification.conftest import metadata_of
from tests.protocol.certification.test_advertised_keys import request_object, send
from tests.protocol.hub import BROWSER, CALLBACK, ISSUER, encode, fragment_of, response_of

FRONT = (*IMPLICIT, *HYBRID)
OF_A_SWITCH = {
    *(("response_types_supported", one) for one in FRONT),
    ("grant_types_supported", "implicit"),
    ("request_object_signing_alg_values_supported", "none"),
    ("registration_endpoint", ISSUER + endpoints.REGISTER),
    ("check_session_iframe", ISSUER + endpoints.CHECK_SESSION),
}
"""Member and value; each is refused by a test of this file."""


def values_of(metadata):
    lists = {name: v if isinstance(v, list) else [v] for name, v in metadata.items()}
    return {(name, value) for name, values in lists.items() for value in values}


@pytest.fixture
def off(hub, told):
    """The hub after every switch was turned off again."""
    hub.switch_on()
    return hub


def test_these_values_and_no_other_are_named_only_when_on(off, told):
    assert values_of(told) - values_of(metadata_of(off)) == OF_A_SWITCH


def test_nothing_is_named_only_when_all_is_off(off, told):
    assert values_of(metadata_of(off)) <= values_of(told)


def test_every_switch_is_off_by_itself():
    features = Features()

    assert features.registration is WhoRegisters.NOBODY
    assert not any(getattr(features, name) is True for name in Features.__slots__)


@pytest.mark.parametrize("response_type", FRONT)
def test_a_response_type_that_is_off_is_refused(off, portal, response_type):
    answer = fragment_of(portal.authorize(response_type=response_type))

    assert answer["error"] == "unsupported_response_type"


def test_the_implicit_grant_gives_nothing_at_the_token_endpoint(off, portal):
    reply = portal.token(grant_type="implicit")

    assert reply.body["error"] == "unsupported_grant_type"


@pytest.mark.parametrize("way", ["request", "request_uri"])
def test_an_unsigned_request_is_refused(off, portal, way):
    # unsigned-request-object-supported-correctly-or-rejected-as-unsupported
    address = "https://portal.example/request.jwt"
    portal.change(request_uris=(address,))
    text = request_object(portal, "none")
    off.web.pages[address] = text.encode()

    answer = send(portal, **{way: text if way == "request" else address})

    assert answer["error"] == f"{way}_not_supported"


def test_nobody_registers_itself(off):
    reply = off.register_itself({"redirect_uris": [CALLBACK]})

    assert (reply.status, reply.body["error"]) == (403, "access_denied")


def test_nobody_registers_itself_with_an_invitation_either(off):
    reply = off.register_itself({"redirect_uris": [CALLBACK]}, off.invite())

    assert (reply.status, reply.body["error"]) == (403, "access_denied")


def test_no_answer_has_a_session_state(off, portal):
    portal.change(session_management=True)
    request = ProtocolRequest(
        method="GET", path=endpoints.AUTHORIZE, query=encode(portal.request())
    )

    answer = response_of(off.provider.authorize(request, BROWSER, off.session, "a" * 64))

    assert "code" in answer
    assert "session_state" not in answer


def test_a_code_without_a_challenge_is_refused(off, portal):  # RFC 9700 2.1.1
    portal.change(require_pkce=False)

    reply = portal.authorize(code_challenge=None, code_challenge_method=None)

    assert response_of(reply)["error"] == "invalid_request"


def test_without_a_key_no_encryption_of_requests_is_named(hub):  # OIDC Discovery 3
    named = [name for name in metadata_of(hub) if name.startswith("request_object_encryption")]

    assert named == []


def test_without_a_key_an_encrypted_request_is_refused(portal):
    answer = send(portal, request="e30.a.b.c.d")

    assert answer["error"] == "invalid_request_object"
