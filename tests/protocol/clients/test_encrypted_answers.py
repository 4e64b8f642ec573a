"""ID tokens and userinfo, signed and encrypted as registered (OIDC Core 5.3.2, 10.2)."""

import json

import pytest
from joserfc import jwe
from joserfc.jwk import ECKey, RSAKey

from idp.domain.clients.crypto import ENCRYPTION_ALGS, ENCRYPTION_ENCS, SIGNING_ALGS
from idp.protocol.core.replies import Jwt
from idp.protocol.jose import jwe as ours
from idp.protocol.jose.jws import verify
from idp.protocol.jose.signing_keys import ALGORITHMS
from tests.protocol.hub import ISSUER, fragment_of, read_claims, read_header

JWKS_URI = "https://portal.example/jwks"
KEYS = {"RSA-OAEP-256": RSAKey.generate_key(2048), "ECDH-ES": ECKey.generate_key("P-256")}
BOTH = [(alg, enc) for alg in ENCRYPTION_ALGS for enc in ENCRYPTION_ENCS]


def public_keys(**members):
    members = {"use": "enc"} | members
    return {
        "keys": [
            {**key.as_dict(private=False), "kid": f"enc-{alg}", **members}
            for alg, key in KEYS.items()
        ]
    }


def opened(token):
    header = read_header(token)
    registry = jwe.JWERegistry(algorithms=[header["alg"], header["enc"]])
    return jwe.decrypt_compact(token, KEYS[header["alg"]], registry=registry).plaintext.decode()


@pytest.fixture
def portal(hub):
    return hub.register(jwks=public_keys())


def test_the_register_knows_the_algorithms_of_the_protocol():
    assert SIGNING_ALGS == ALGORITHMS
    assert tuple(ours.KEY_MANAGEMENT) == ENCRYPTION_ALGS
    assert ours.CONTENT == ENCRYPTION_ENCS


@pytest.mark.parametrize(("alg", "enc"), BOTH)
def test_an_id_token_is_signed_then_encrypted(hub, portal, alg, enc):  # OIDC Core 2, 16.14
    portal.change(id_token_encrypted_response_alg=alg, id_token_encrypted_response_enc=enc)

    token = portal.obtain_tokens()["id_token"]

    header = read_header(token)
    assert header.items() >= {"alg": alg, "enc": enc, "cty": "JWT", "kid": f"enc-{alg}"}.items()
    inner = verify(opened(token), hub.at.keys.find, ["RS256"])
    assert inner.claims["aud"] == portal.client_id


def test_without_a_content_encryption_the_default_is_taken(portal):  # OIDC Registration 2
    portal.change(id_token_encrypted_response_alg="ECDH-ES")

    assert read_header(portal.obtain_tokens()["id_token"])["enc"] == "A128CBC-HS256"


def test_an_id_token_of_a_refresh_is_encrypted_too(portal):
    portal.change(id_token_encrypted_response_alg="ECDH-ES")
    refreshed = portal.refresh(portal.obtain_offline()["refresh_token"]).body

    assert read_claims(opened(refreshed["id_token"]))["sub"]


def test_an_id_token_of_the_front_channel_is_encrypted_too(hub, portal):
    hub.switch_on(implicit=True)
    portal.change(
        id_token_encrypted_response_alg="RSA-OAEP-256", response_types=frozenset({"id_token"})
    )

    answer = fragment_of(portal.authorize(response_type="id_token"))

    assert read_claims(opened(answer["id_token"]))["nonce"] == "the-nonce"


def test_a_decrypted_id_token_is_a_hint(portal):  # OIDC Core 3.1.2.1
    portal.change(id_token_encrypted_response_alg="ECDH-ES")
    hint = opened(portal.obtain_tokens()["id_token"])

    assert portal.obtain_code(id_token_hint=hint, prompt="none")


def test_the_key_may_be_at_an_address(hub, portal):
    hub.web.pages[JWKS_URI] = json.dumps(public_keys()).encode()
    portal.change(jwks=None, jwks_uri=JWKS_URI, id_token_encrypted_response_alg="ECDH-ES")

    assert opened(portal.obtain_tokens()["id_token"])


def test_a_key_without_use_serves_too(portal):
    keys = [{n: v for n, v in key.items() if n != "use"} for key in public_keys()["keys"]]
    portal.change(jwks={"keys": keys}, id_token_encrypted_response_alg="ECDH-ES")

    assert opened(portal.obtain_tokens()["id_token"])


def test_a_key_that_signs_is_not_encrypted_to(portal):  # OIDC Core 10.2.1
    portal.change(jwks=public_keys(use="sig"), id_token_encrypted_response_alg="ECDH-ES")

    reply = portal.redeem(portal.obtain_code())

    assert (reply.status, reply.body["error"]) == (400, "invalid_request")


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize(
    "weak", [lambda: RSAKey.generate_key(1024), lambda: ECKey.generate_key("secp256k1")]
)
def test_a_weak_key_at_an_address_is_not_encrypted_to(hub, portal, weak):  # OIDC Core 16.13
    key = weak()
    hub.web.pages[JWKS_URI] = json.dumps({"keys": [key.as_dict(private=False)]}).encode()
    alg = "RSA-OAEP-256" if isinstance(key, RSAKey) else "ECDH-ES"
    portal.change(jwks=None, jwks_uri=JWKS_URI, id_token_encrypted_response_alg=alg)

    assert portal.redeem(portal.obtain_code()).body["error"] == "invalid_request"


def test_a_key_server_that_fails_burns_no_code(hub, portal):
    portal.change(jwks=None, jwks_uri=JWKS_URI, id_token_encrypted_response_alg="ECDH-ES")
    code = portal.obtain_code()
    assert portal.redeem(code).status == 400

    portal.change(jwks=public_keys(), jwks_uri=None)

    assert portal.redeem(code).status == 200


def test_a_front_channel_answer_says_that_the_key_is_missing(hub, portal):
    hub.switch_on(implicit=True)
    portal.change(
        jwks={"keys": []},
        id_token_encrypted_response_alg="ECDH-ES",
        response_types=frozenset({"id_token"}),
    )

    answer = fragment_of(portal.authorize(response_type="id_token"))

    assert answer["error"] == "invalid_request"


@pytest.fixture
def userinfo(hub, portal):
    """What userinfo answers to a portal with these changes."""

    def ask(**changes):
        portal.change(**changes)
        return hub.userinfo(portal.obtain_tokens(scope="openid email")["access_token"])

    return ask


@pytest.mark.parametrize("alg", SIGNING_ALGS)
def test_userinfo_is_signed_where_it_was_registered(hub, portal, userinfo, alg):
    # oidcc-userinfo-rs256: application/jwt with iss and aud, without nonce
    reply = userinfo(userinfo_signed_response_alg=alg)

    assert isinstance(reply, Jwt)
    told = verify(reply.text, hub.at.keys.find, [alg]).claims
    assert (told["iss"], told["aud"]) == (ISSUER, portal.client_id)
    assert told["email"]
    assert "nonce" not in told


@pytest.mark.parametrize(("alg", "enc"), BOTH)
def test_userinfo_is_encrypted_where_it_was_registered(userinfo, alg, enc):
    reply = userinfo(userinfo_encrypted_response_alg=alg, userinfo_encrypted_response_enc=enc)

    assert json.loads(opened(reply.text))["email"]
    assert "cty" not in read_header(reply.text)


def test_userinfo_is_signed_before_it_is_encrypted(hub, userinfo):  # OIDC Core 16.14
    reply = userinfo(
        userinfo_signed_response_alg="ES256", userinfo_encrypted_response_alg="ECDH-ES"
    )

    assert verify(opened(reply.text), hub.at.keys.find, ["ES256"]).claims["email"]


def test_userinfo_says_that_the_key_is_missing(userinfo):
    reply = userinfo(jwks={"keys": []}, userinfo_encrypted_response_alg="ECDH-ES")

    assert (reply.status, reply.body["error"]) == (400, "invalid_request")


def test_a_signed_userinfo_is_no_hint(portal, userinfo):  # RFC 8725 3.12
    reply = userinfo(userinfo_signed_response_alg="RS256")

    answer = portal.authorize(id_token_hint=reply.text)

    assert "error=invalid_request" in answer.uri


def test_every_algorithm_of_the_metadata_works(hub, portal, userinfo):  # OIDC Discovery 3
    told = json.loads(hub.provider.discovery().content)
    for what in ("id_token", "userinfo"):
        for alg in told[f"{what}_encryption_alg_values_supported"]:
            for enc in told[f"{what}_encryption_enc_values_supported"]:
                wanted = {
                    f"{what}_encrypted_response_alg": alg,
                    f"{what}_encrypted_response_enc": enc,
                }
                assert userinfo(**wanted)
    for alg in told["userinfo_signing_alg_values_supported"]:
        assert isinstance(userinfo(userinfo_signed_response_alg=alg), Jwt)
