"""Which public keys of clients are of use (RFC 7517, RFC 7518 6, RFC 8037)."""

from contextlib import suppress

import pytest
from hypothesis import given
from joserfc.jwk import ECKey

from idp.domain.clients.public_jwk import (
    CURVES,
    InvalidJwk,
    PublicJwk,
    key_set_problems,
    usable_keys,
)
from tests.jwks import BROKEN, EC, OKP, RSA, SETS, SHAPES, base64url
from tests.protocol.hub import key_pair


@pytest.mark.parametrize("jwk", [RSA, EC, OKP])
def test_a_sound_key_is_taken_with_what_makes_it_alone(jwk):
    key = PublicJwk.parse(jwk | {"x5t": "x", "something": 1})

    assert key.key == {name: jwk[name] for name in jwk if name != "kid"}


@pytest.mark.parametrize("curve", CURVES)
def test_the_curves_are_those_of_other_software(curve):  # NIST SP 800-186 3.2.1
    assert PublicJwk.parse(ECKey.generate_key(curve).as_dict(private=False)).crv == curve


@pytest.mark.parametrize("bits", [2048, 3072, 4096, 8192])
def test_moduli_of_usual_lengths_are_taken(bits):
    assert PublicJwk.parse(RSA | {"n": base64url(2**bits - 1)}).kty == "RSA"


def test_zeros_in_front_of_a_modulus_do_not_count():
    assert PublicJwk.parse(RSA | {"n": "AAAA" + RSA["n"]}).kty == "RSA"
    with pytest.raises(InvalidJwk):
        PublicJwk.parse(RSA | {"n": "A" * 200 + "w" * 171})


@pytest.mark.parametrize("exponent", [3, 17, 65537, 2**64 - 1])
def test_odd_exponents_up_to_64_bits_are_taken(exponent):
    assert PublicJwk.parse(RSA | {"e": base64url(exponent)}).kty == "RSA"


@pytest.mark.parametrize("jwk", BROKEN.values(), ids=BROKEN)
def test_a_broken_key_is_refused_with_a_reason(jwk):
    with pytest.raises(InvalidJwk, match=r"\w+ \w+"):
        PublicJwk.parse(jwk)


@given(SHAPES)
def test_whatever_is_shown_is_a_key_or_invalid(jwk):
    with suppress(InvalidJwk):
        assert PublicJwk.parse(jwk).kty in {"RSA", "EC", "OKP"}


@given(SHAPES)
def test_the_reason_repeats_nothing_that_could_harm_an_answer(jwk):
    for why in key_set_problems({"keys": [jwk]}):
        assert why.isprintable()
        assert len(why) < 120


def test_a_broken_key_beside_a_sound_one_is_no_key():
    assert [key.kty for key in usable_keys({"keys": [*list(BROKEN.values())[:10], EC]})] == ["EC"]


@pytest.mark.parametrize("jwks", [{}, {"keys": "keys"}, {"keys": {}}, {"keys": None}])
def test_what_is_no_list_has_no_keys(jwks):
    assert usable_keys(jwks) == []


def test_the_first_twenty_keys_of_a_set_are_looked_at():
    assert len(usable_keys({"keys": [EC] * 30})) == 20


@pytest.mark.parametrize("jwks", SETS.values(), ids=SETS)
def test_a_set_that_cannot_be_kept_or_used_is_refused(jwks):
    assert list(key_set_problems(jwks))


def test_every_broken_key_of_a_set_is_told_of():
    assert len(list(key_set_problems({"keys": [{"kty": "RSA"}, EC, {"kty": "EC"}]}))) == 2


def test_one_kid_may_name_a_key_of_each_type():  # RFC 7517 4.5
    keys = [RSA | {"kid": "k"}, EC | {"kid": "k"}]

    assert list(key_set_problems({"keys": keys})) == []


def test_keys_without_a_kid_are_no_doubles():
    keys = [
        {n: v for n, v in one.items() if n != "kid"}
        for one in (RSA, key_pair("RSA", 1).as_dict(private=False))
    ]

    assert list(key_set_problems({"keys": keys})) == []


@pytest.mark.parametrize(
    ("said", "verifies", "receives"),
    [
        ({}, True, True),
        ({"use": "sig"}, True, False),
        ({"use": "enc"}, False, True),
        ({"use": "tls"}, False, False),
        ({"alg": "RS256"}, True, False),
        ({"alg": "RSA-OAEP-256"}, False, True),
        ({"key_ops": []}, True, True),
        ({"key_ops": ["verify"]}, True, False),
        ({"key_ops": ["wrapKey"]}, False, True),
        ({"key_ops": ["sign"]}, False, False),
    ],
)
def test_a_key_is_used_for_what_it_says(said, verifies, receives):  # RFC 7517 4.2 to 4.4
    key = PublicJwk.parse(RSA | said)

    assert (key.is_for("sig", "RS256"), key.is_for("enc", "RSA-OAEP-256")) == (verifies, receives)
