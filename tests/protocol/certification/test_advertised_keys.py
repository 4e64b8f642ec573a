"""Every value of the live metadata is used: credentials, signatures, encryption."""

import base64
import json

import pytest
from joserfc import jwe
from joserfc.jwk import ECKey, RSAKey

from idp.domain.clients.client import ClientAuthMethod
from idp.domain.clients.public_jwk import PublicJwk
from idp.protocol.core import endpoints
from idp.protocol.core.replies import Jwt
from idp.protocol.jose.jws import import_public, verify
from tests.protocol.certification.advertised import exercises
from tests.protocol.hub import (
    ASSERTION_TYPE,
    CALLBACK,
    ISSUER,
    SECRET,
    VERIFIER,
    basic,
    encode,
    key_pair,
    read_header,
    response_of,
    sign,
)

pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")  # in the tests' signing

OBJECT_AT = "https://portal.example/request.jwt"
OWN_KEYS = {"RS256": "RSA", "PS256": "RSA", "ES256": "ES256", "EdDSA": "EdDSA"}
DECRYPTERS = {"RSA-OAEP-256": RSAKey, "ECDH-ES": ECKey}
ENDPOINTS = ("token", "revocation", "introspection")


def own_key(alg):
    return key_pair(OWN_KEYS[alg], 1)


def own_public_keys():
    """What the portal publishes: keys to verify by, keys to encrypt to."""
    signing = [
        {**own_key(alg).as_dict(private=False), "kid": f"own-{alg}", "alg": alg} for alg in OWN_KEYS
    ]
    encryption = [
        {**key.as_dict(private=False), "kid": f"enc-{alg}", "use": "enc"}
        for alg, key in (("RSA-OAEP-256", key_pair("RSA", 2)), ("ECDH-ES", key_pair("ES256", 2)))
    ]
    return {"keys": [*signing, *encryption]}


@pytest.fixture
def portal(portal):
    """The portal with keys of its own."""
    portal.change(jwks=own_public_keys())
    return portal


def published(hub, **members):
    """Return the one published key with these members, as a relying party reads it."""
    [jwk] = [key for key in hub.provider_keys() if members.items() <= key.items()]
    return import_public(PublicJwk.parse(jwk))


def verified(hub, token, alg):
    key = published(hub, kid=read_header(token)["kid"])
    return verify(token, lambda _kid, _alg: key, [alg]).claims


def opened(token, alg, enc):
    """Decrypt with the portal's private key."""
    assert (read_header(token)["alg"], read_header(token)["enc"]) == (alg, enc)
    private = key_pair("RSA" if DECRYPTERS[alg] is RSAKey else "ES256", 2)
    registry = jwe.JWERegistry(algorithms=[alg, enc])
    return jwe.decrypt_compact(token, private, registry=registry).plaintext.decode()


def unsigned(claims):
    parts = [json.dumps(one).encode() for one in ({"alg": "none"}, claims)]
    return ".".join([*(base64.urlsafe_b64encode(one).rstrip(b"=").decode() for one in parts), ""])


def by_basic(_hub, client_id, _alg):
    return {"authorization": basic(client_id, SECRET)}, {}


def by_post(_hub, client_id, _alg):
    return {}, {"client_id": client_id, "client_secret": SECRET}


def by_assertion(hub, client_id, alg):
    now = int(hub.clock().timestamp())
    claims = {"iss": client_id, "sub": client_id, "aud": ISSUER, "iat": now, "exp": now + 60}
    claims["jti"] = hub.at.randomness.token()
    shown = sign(claims, own_key(alg), alg, kid=f"own-{alg}")
    return {}, {"client_assertion": shown, "client_assertion_type": ASSERTION_TYPE}


def by_name(_hub, client_id, _alg):
    return {}, {"client_id": client_id}


CREDENTIALS = {
    "client_secret_basic": by_basic,
    "client_secret_post": by_post,
    "private_key_jwt": by_assertion,
    "none": by_name,
}


def use(portal, endpoint, method, alg="RS256"):
    """Use the endpoint with these credentials, and return whether it did its work."""
    portal.change(auth_method=ClientAuthMethod(method), auth_signing_alg=None)
    if method == "private_key_jwt":
        portal.change(auth_signing_alg=alg)
    hub = portal.hub

    def ask(path, form):
        headers, shown = CREDENTIALS[method](hub, portal.client_id, alg)
        return hub.post(path, {**form, **shown}, headers)

    form = {"grant_type": "authorization_code", "redirect_uri": CALLBACK}
    form |= {"code": portal.obtain_code(), "code_verifier": VERIFIER}
    redeemed = ask(endpoints.TOKEN, form)
    token = redeemed.body["access_token"]
    if endpoint == "revocation":
        return ask(endpoints.REVOKE, {"token": token}).status == 200 != hub.userinfo(token).status
    if endpoint == "introspection":
        return ask(endpoints.INTROSPECT, {"token": token}).body["active"]
    return redeemed.status == 200


@exercises(*(f"{endpoint}_endpoint_auth_methods_supported" for endpoint in ENDPOINTS))
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_every_authentication_method_opens_the_endpoint(portal, told, endpoint):
    for method in told[f"{endpoint}_endpoint_auth_methods_supported"]:
        assert use(portal, endpoint, method), method


@exercises(*(f"{endpoint}_endpoint_auth_signing_alg_values_supported" for endpoint in ENDPOINTS))
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_every_algorithm_signs_an_assertion(portal, told, endpoint):
    for alg in told[f"{endpoint}_endpoint_auth_signing_alg_values_supported"]:
        assert use(portal, endpoint, "private_key_jwt", alg), alg


@exercises("id_token_signing_alg_values_supported")
def test_every_algorithm_signs_an_id_token(hub, portal, told):
    for alg in told["id_token_signing_alg_values_supported"]:
        portal.change(id_token_signed_response_alg=alg)

        assert verified(hub, portal.obtain_tokens()["id_token"], alg)["aud"] == portal.client_id


@exercises("userinfo_signing_alg_values_supported")
def test_every_algorithm_signs_userinfo(hub, portal, told):
    for alg in told["userinfo_signing_alg_values_supported"]:
        portal.change(userinfo_signed_response_alg=alg)

        reply = hub.userinfo(portal.obtain_tokens()["access_token"])
        assert verified(hub, reply.text, alg)["aud"] == portal.client_id


def pairs(told, what):
    algorithms = told[f"{what}_encryption_alg_values_supported"]
    encodings = told[f"{what}_encryption_enc_values_supported"]
    return [(alg, enc) for alg in algorithms for enc in encodings]


@exercises("id_token_encryption_alg_values_supported", "id_token_encryption_enc_values_supported")
def test_every_pair_encrypts_an_id_token(hub, portal, told):
    for alg, enc in pairs(told, "id_token"):
        portal.change(id_token_encrypted_response_alg=alg, id_token_encrypted_response_enc=enc)

        inner = opened(portal.obtain_tokens()["id_token"], alg, enc)
        assert verified(hub, inner, "RS256")["aud"] == portal.client_id


@exercises("userinfo_encryption_alg_values_supported", "userinfo_encryption_enc_values_supported")
def test_every_pair_encrypts_userinfo(hub, portal, told):
    for alg, enc in pairs(told, "userinfo"):
        portal.change(userinfo_encrypted_response_alg=alg, userinfo_encrypted_response_enc=enc)

        reply = hub.userinfo(portal.obtain_tokens()["access_token"])
        assert isinstance(reply, Jwt)
        assert json.loads(opened(reply.text, alg, enc))["sub"]


def request_object(portal, alg):
    """Register the algorithm and return a whole request by it."""
    portal.change(request_object_signing_alg=alg)
    claims = {"iss": portal.client_id, "aud": ISSUER, **portal.request(state="inside")}
    if alg == "none":
        return unsigned(claims)
    return sign(claims, own_key(alg), alg, kid=f"own-{alg}")


def send(portal, **how):
    """Send as RFC 9101 5 and OIDC Core 6.1 have it, and return the answer."""
    outside = portal.request(state="outside")
    return response_of(portal.authorize_raw(encode({**outside, **how})))


def was_read(answer):
    return "code" in answer and answer["state"] == "inside"


@exercises("request_object_signing_alg_values_supported", "request_parameter_supported")
def test_every_algorithm_signs_a_request_by_value(portal, told):
    assert told["request_parameter_supported"] is True
    for alg in told["request_object_signing_alg_values_supported"]:
        assert was_read(send(portal, request=request_object(portal, alg))), alg


@exercises("request_uri_parameter_supported")
def test_every_algorithm_signs_a_request_by_reference(hub, portal, told):
    assert told["request_uri_parameter_supported"] is True
    portal.change(request_uris=(OBJECT_AT,))
    for alg in told["request_object_signing_alg_values_supported"]:
        hub.web.pages[OBJECT_AT] = request_object(portal, alg).encode()

        assert was_read(send(portal, request_uri=OBJECT_AT)), alg


@exercises("require_request_uri_registration")
def test_an_address_that_is_not_registered_is_not_asked(hub, portal, told):  # OIDC Discovery 3
    assert told["require_request_uri_registration"] is True
    portal.change(request_uris=(OBJECT_AT,))

    answer = send(portal, request_uri="https://portal.example/another.jwt")

    assert answer["error"] == "invalid_request_uri"
    assert hub.web.asked == []


@exercises(
    "request_object_encryption_alg_values_supported",
    "request_object_encryption_enc_values_supported",
)
def test_every_pair_encrypts_a_request_to_a_published_key(hub, portal, told):  # RFC 9101 6.1
    for alg, enc in pairs(told, "request_object"):
        registry = jwe.JWERegistry(algorithms=[alg, enc])
        token = jwe.encrypt_compact(
            {"alg": alg, "enc": enc, "cty": "JWT"},
            request_object(portal, "RS256").encode(),
            published(hub, use="enc", alg=alg),
            registry=registry,
        )

        assert was_read(send(portal, request=token)), (alg, enc)
