"""Request objects by value and by reference (RFC 9101, OIDC Core 6)."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwe

from idp.domain.clients.response_types import RESPONSE_TYPES
from idp.protocol.authorize.authorization_request import KNOWN
from idp.protocol.core.replies import ErrorPage, FormPost, GoTo
from tests.fuzzing import often
from tests.protocol.hub import (
    CALLBACK,
    ISSUER,
    encode,
    fragment_of,
    key_pair,
    response_of,
    sign,
)

pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")  # in the tests' signing

AT = "https://portal.example/request.jwt"
ALGS = ("RS256", "PS256", "ES256", "EdDSA")
INVALID = "invalid_request_object"


def own_key(alg):
    return key_pair(alg if alg in {"ES256", "EdDSA"} else "RSA", 1)


def public_keys():
    return {
        "keys": [
            {**own_key(alg).as_dict(private=False), "kid": f"own-{alg}", "alg": alg} for alg in ALGS
        ]
    }


def unsigned(claims):
    parts = [json.dumps(one).encode() for one in ({"alg": "none"}, claims)]
    encoded = [base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, ""])


@pytest.fixture
def portal(hub):
    return hub.register(jwks=public_keys(), request_uris=(AT + "#first",))


def signed(portal, alg="RS256", header=None, **changes):
    claims = {"iss": portal.client_id, "aud": ISSUER, **portal.request(), **changes}
    given = {name: value for name, value in claims.items() if value is not None}
    return sign(given, own_key(alg), alg, kid=f"own-{alg}", **(header or {}))


def send(portal, token, **outside):
    """Send as RFC 9101 5 has it: beside the object stands the client, and what a test adds."""
    parameters = {"client_id": portal.client_id, "request": token, **outside}
    return portal.authorize_raw(encode(parameters))


def error_of(portal, token):
    return response_of(send(portal, token, redirect_uri=CALLBACK))["error"]


@pytest.mark.parametrize("alg", ALGS)
def test_a_signed_object_is_a_whole_request(portal, alg):  # RFC 9101 5.1
    answer = response_of(send(portal, signed(portal, alg)))

    assert answer["state"] == "the-state"
    assert portal.redeem(answer["code"]).status == 200


@pytest.mark.parametrize("alg", ["PS256", "ES256", "EdDSA"])
def test_only_the_registered_algorithm_is_taken(portal, alg):  # OIDC Registration 2
    portal.change(request_object_signing_alg=alg)

    assert "code" in response_of(send(portal, signed(portal, alg)))
    assert error_of(portal, signed(portal, "RS256")) == INVALID


def test_of_a_signed_object_only_what_is_inside_counts(portal):  # RFC 9101 6.3
    token = signed(portal, state=None)

    answer = response_of(send(portal, token, state="made-up", prompt="login"))

    assert "code" in answer
    assert "state" not in answer


def test_the_address_inside_wins(portal):  # ensure-request-object-with-redirect-uri
    token = signed(portal)

    assert "code" in response_of(send(portal, token, redirect_uri="https://evil.example/"))


def test_an_address_inside_must_be_registered_too(portal):  # attack R09
    reply = send(portal, signed(portal, redirect_uri="https://evil.example/"))

    assert (reply.code, reply.detail) == ("redirect_uri_not_registered", "redirect_uri")


def test_the_address_inside_is_believed_only_when_the_object_is_good(portal):
    token = signed(portal)[:-6] + "AAAAAA"

    assert send(portal, token) == ErrorPage("invalid_request", error=INVALID)


def test_an_error_of_the_object_carries_state_and_issuer(portal):  # RFC 9207 2
    answer = response_of(send(portal, "no token", redirect_uri=CALLBACK, state="mine"))

    assert answer == {"error": INVALID, "state": "mine", "iss": ISSUER}


def test_a_broken_object_of_an_implicit_request_is_told_in_the_fragment(portal):
    reply = send(portal, "no token", redirect_uri=CALLBACK, response_type="id_token")

    assert fragment_of(reply)["error"] == INVALID


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "another"},
        {"iss": "another"},
        {"iss": ["portal"]},
        {"aud": "https://other.example"},
        {"aud": 5},
        {"aud": []},
        {"sub": "portal"},
        {"exp": 1},
        {"exp": "soon"},
        {"nbf": 2**40},
        {"request": "e30.e30."},
        {"request_uri": "https://portal.example/request.jwt"},
        {"response_type": 5},
        {"scope": ["openid"]},
        {"max_age": True},
        {"max_age": 1.5},
        {"claims": []},
        {"state": "a\u0000b"},
        {"state": "\ud800"},
        {"nonce": "ن"},
        {"resource": [5]},
    ],
    ids=str,
)
def test_what_is_wrong_inside_is_an_invalid_request_object(portal, wrong):
    # RFC 9101 4, 6.3, 10.8; OIDC Core 6.1: no nested request
    assert error_of(portal, signed(portal, **wrong)) == INVALID


@pytest.mark.parametrize("typ", ["at+jwt", "client-authentication+jwt", "logout+jwt"])
def test_a_token_of_another_kind_is_no_request_object(portal, typ):  # RFC 8725 3.11
    assert error_of(portal, signed(portal, header={"typ": typ})) == INVALID


@pytest.mark.parametrize("typ", ["JWT", "oauth-authz-req+jwt"])
def test_the_types_of_request_objects_are_taken(portal, typ):  # RFC 9101 10.8
    assert "code" in response_of(send(portal, signed(portal, header={"typ": typ})))


def test_another_clients_key_signs_nothing(hub, portal):
    hub.register(client_id="other", jwks=public_keys())
    portal.change(jwks={"keys": []})

    assert error_of(portal, signed(portal)) == INVALID


def test_an_object_lives_an_hour_at_most(hub, portal):
    now = int(hub.clock().timestamp())

    assert "code" in response_of(send(portal, signed(portal, nbf=now, exp=now + 3600)))
    assert error_of(portal, signed(portal, nbf=now, exp=now + 3601)) == INVALID


def test_typed_members_are_taken_by_their_type(portal):  # OIDC Core 6.1: numbers and objects
    token = signed(portal, max_age=10_000, claims={"id_token": {"email": None}}, resource=[])

    assert "code" in response_of(send(portal, token))


def test_response_type_may_not_differ_outside(portal):  # OIDC Core 6.1
    answer = response_of(
        send(portal, signed(portal), redirect_uri=CALLBACK, response_type="code x")
    )

    assert answer["error"] == "invalid_request"


def test_a_request_comes_by_one_way_only(portal):  # RFC 9101 5
    reply = send(portal, signed(portal), request_uri=AT, redirect_uri=CALLBACK)

    assert response_of(reply)["error"] == "invalid_request"


def by_reference(portal, uri, **outside):
    parameters = {"client_id": portal.client_id, "request_uri": uri, **outside}
    return portal.authorize_raw(encode(parameters))


@pytest.mark.parametrize("uri", [AT, AT + "#first", AT + "#second"])
def test_a_registered_address_is_fetched_without_its_fragment(hub, portal, uri):
    # oidcc-request-uri-signed-rs256; OIDC Core 6.2
    hub.web.pages[AT] = signed(portal).encode()

    assert "code" in response_of(by_reference(portal, uri))
    assert hub.web.asked == [AT]


def test_attack_S01_an_address_that_is_not_registered_is_never_asked(hub, portal):
    reply = by_reference(portal, "http://169.254.169.254/", redirect_uri=CALLBACK)

    assert response_of(reply)["error"] == "invalid_request_uri"
    assert hub.web.asked == []


def test_an_address_that_does_not_answer_is_an_invalid_request_uri(portal):
    reply = by_reference(portal, AT, redirect_uri=CALLBACK)

    assert response_of(reply)["error"] == "invalid_request_uri"


@pytest.mark.parametrize("content", [b"", b"\xff", b"<html>", b"a.b.c"])
def test_what_is_no_object_there_is_told(hub, portal, content):
    hub.web.pages[AT] = content

    reply = by_reference(portal, AT, redirect_uri=CALLBACK)

    assert response_of(reply)["error"] == INVALID


def test_who_registered_no_address_hears_that_there_are_none(portal):
    # oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported
    portal.change(request_uris=())

    reply = by_reference(portal, AT, redirect_uri=CALLBACK)

    assert response_of(reply)["error"] == "request_uri_not_supported"


def test_unsigned_objects_are_not_supported_unless_asked_for(portal):
    # oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported
    assert error_of(portal, unsigned(portal.request())) == "request_not_supported"


@pytest.mark.parametrize(("allowed", "switched_on"), [(True, False), (False, True)])
def test_hub_and_client_must_both_allow_unsigned_objects(hub, portal, allowed, switched_on):
    hub.switch_on(unsigned_request_objects=switched_on)
    portal.change(request_object_signing_alg="none" if allowed else None)

    assert error_of(portal, unsigned(portal.request())) == "request_not_supported"


def test_attack_J01_who_signs_cannot_be_stripped_of_it(hub, portal):
    hub.switch_on(unsigned_request_objects=True)
    portal.change(request_object_signing_alg="RS256")

    assert error_of(portal, unsigned(portal.request())) == INVALID


def test_an_unsigned_object_is_merged_with_what_is_outside(hub, portal):  # OIDC Core 6.1
    hub.switch_on(unsigned_request_objects=True)
    portal.change(request_object_signing_alg="none")
    outside = portal.request(state="outside", nonce="outside")

    answer = response_of(send(portal, unsigned({"state": "inside"}), **outside))

    assert answer["state"] == "inside"
    assert portal.redeem(answer["code"]).status == 200


def encrypted(token, key, alg, enc):
    header = {"alg": alg, "enc": enc, "cty": "JWT"}
    registry = jwe.JWERegistry(algorithms=[alg, enc])
    return jwe.encrypt_compact(header, token.encode(), key, registry=registry)


@pytest.fixture
def encrypting(hub):
    hub.at.keys.promote(hub.at.keys.new("RSA-OAEP-256").kid)
    hub.at.keys.promote(hub.at.keys.new("ECDH-ES").kid)
    return {key.alg: key for key in hub.at.keys.all()}


@pytest.mark.parametrize("alg", ["RSA-OAEP-256", "ECDH-ES"])
@pytest.mark.parametrize("enc", ["A256GCM", "A128CBC-HS256"])
def test_a_signed_object_may_be_encrypted_to_the_hub(hub, portal, encrypting, alg, enc):
    # RFC 9101 6.1
    key = hub.at.keys.find_decrypter(None, alg)

    assert "code" in response_of(send(portal, encrypted(signed(portal), key, alg, enc)))


def test_encryption_does_not_replace_the_signature(hub, portal, encrypting):  # RFC 9101 4
    key = hub.at.keys.find_decrypter(None, "ECDH-ES")
    token = encrypted(json.dumps(portal.request()), key, "ECDH-ES", "A256GCM")

    assert error_of(portal, token) == INVALID


@pytest.mark.parametrize(
    ("alg", "enc"), [("RSA1_5", "A256GCM"), ("RSA-OAEP", "A256GCM"), ("RSA-OAEP-256", "A128GCM")]
)
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_no_other_encryption_is_taken(hub, portal, encrypting, alg, enc):  # RFC 8725 3.2
    key = hub.at.keys.find_decrypter(None, "RSA-OAEP-256")

    assert error_of(portal, encrypted(signed(portal), key, alg, enc)) == INVALID


@pytest.mark.parametrize(
    "header",
    [
        {"alg": []},
        {"alg": "ECDH-ES", "enc": {}},
        {"alg": "ECDH-ES", "enc": "A256GCM", "zip": "DEF"},
    ],
    ids=str,
)
def test_hostile_headers_are_no_request_object(portal, header):
    head = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()

    assert error_of(portal, f"{head}.a.b.c.d") == INVALID


def test_what_was_encrypted_to_another_key_does_not_open(portal, encrypting):
    token = encrypted(signed(portal), key_pair("RSA", 7), "RSA-OAEP-256", "A256GCM")

    assert error_of(portal, token) == INVALID


def test_a_key_that_signs_decrypts_nothing(portal):
    token = encrypted(signed(portal), own_key("RS256"), "RSA-OAEP-256", "A256GCM")

    assert error_of(portal, token) == INVALID


def test_the_metadata_names_encryption_once_there_is_a_key(hub, encrypting):
    told = json.loads(hub.provider.discovery().content)

    assert told["request_object_encryption_alg_values_supported"] == ["RSA-OAEP-256", "ECDH-ES"]
    uses = {key["alg"]: key["use"] for key in hub.provider_keys()}
    assert (uses["RSA-OAEP-256"], uses["RS256"]) == ("enc", "sig")


def test_without_such_a_key_the_metadata_names_none(hub):
    told = json.loads(hub.provider.discovery().content)

    assert "request_object_encryption_alg_values_supported" not in told


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
INSIDE = ("iss", "aud", "sub", "exp", "nbf", "client_id", *sorted(KNOWN - {"redirect_uri"}))


@given(st.dictionaries(st.sampled_from(INSIDE), JSON, max_size=3))
@often(100)
def test_nothing_inside_a_signed_object_breaks_it(portal, changes):
    # Every answer is one, and goes where it may
    reply = send(portal, signed(portal, **changes), redirect_uri=CALLBACK)

    assert isinstance(reply, (ErrorPage, FormPost, GoTo)) or reply.uri.startswith(CALLBACK)


@given(st.lists(st.text("abcXYZ019-_.", max_size=30), min_size=1, max_size=6).map(".".join))
@often(100)
def test_no_text_breaks_request_objects(portal, text):
    assert not text or error_of(portal, text)


def test_an_object_may_ask_for_tokens_in_a_form(hub, portal):
    hub.switch_on(implicit=True)
    portal.change(response_types=frozenset(RESPONSE_TYPES))
    token = signed(portal, response_type="id_token", response_mode="form_post")

    reply = send(portal, token)

    assert isinstance(reply, FormPost)
    assert reply.fields.keys() == {"id_token", "state", "iss"}


def test_every_signing_algorithm_of_the_metadata_signs_objects(hub, portal):
    hub.switch_on(unsigned_request_objects=True)
    told = json.loads(hub.provider.discovery().content)
    for alg in told["request_object_signing_alg_values_supported"]:
        portal.change(request_object_signing_alg=alg)
        token = unsigned(portal.request()) if alg == "none" else signed(portal, alg)
        assert "code" in response_of(send(portal, token))
