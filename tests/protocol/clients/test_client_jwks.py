"""Keys of clients: what our judgement passes, the library takes and works with."""

import pytest
from hypothesis import given

from idp.domain.clients.public_jwk import InvalidJwk, PublicJwk
from idp.protocol.jose.jwe import decrypt, encrypt, is_encrypted
from idp.protocol.jose.jws import BadToken, import_public, verify
from tests.jwks import EC, OKP, RSA, SHAPES, base64url
from tests.protocol.hub import key_pair, sign

pytestmark = pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
ALGORITHM = {"RSA": "RS256", "EC": "ES256", "OKP": "EdDSA"}
MANAGEMENT = {"RSA": "RSA-OAEP-256", "EC": "ECDH-ES"}


def used(jwk):
    """Use the key for all that a key is used for; no other exception may come than BadToken."""
    key, signer = import_public(jwk), key_pair(ALGORITHM[jwk.kty], 9)
    with pytest.raises(BadToken):
        verify(sign({}, signer, ALGORITHM[jwk.kty]), lambda *_: key, [ALGORITHM[jwk.kty]])
    if jwk.kty in MANAGEMENT:
        assert is_encrypted(encrypt("text", key, {"alg": MANAGEMENT[jwk.kty], "enc": "A256GCM"}))


@given(SHAPES)
def test_a_key_that_was_judged_sound_never_breaks_the_library(shape):
    try:
        jwk = PublicJwk.parse(shape)
    except InvalidJwk:
        return
    used(jwk)


@pytest.mark.parametrize(
    "jwk",
    [
        RSA,
        EC,
        OKP,
        RSA | {"n": base64url(2**2048 - 1)},
        RSA | {"n": base64url(2**8192 - 1), "e": base64url(2**64 - 1)},
        RSA | {"n": base64url(2**2047 + 1), "e": "Aw"},
        OKP | {"x": base64url(1, 32)},
        OKP | {"x": base64url(2**256 - 1, 32)},
    ],
)
def test_a_key_at_the_bounds_never_breaks_the_library(jwk):
    used(PublicJwk.parse(jwk))


def test_what_is_encrypted_to_an_imported_key_can_be_read():
    key = key_pair("ES256", 4)
    public = import_public(PublicJwk.parse(key.as_dict(private=False)))

    assert (
        decrypt(encrypt("text", public, {"alg": "ECDH-ES", "enc": "A256GCM"}), lambda *_: key)
        == "text"
    )
