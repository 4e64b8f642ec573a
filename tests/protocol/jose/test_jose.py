"""Tokens from strangers: attacks J01 to J16."""

import base64
import hashlib
import hmac
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws

from idp.protocol.jose.json_text import NotJson, read_object
from idp.protocol.jose.jws import BadToken, verify
from tests.protocol.hub import ISSUER, key_pair, read_claims, sign
from tests.protocol.token.test_codes import refused

RSA = key_pair("RSA", 3)
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")


def find(kid, alg):
    return RSA if kid == "one" else None


def part(value):
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def token(header, claims=None, signature="AAAA"):
    return ".".join([part(header), part(claims if claims is not None else {}), signature])


def test_a_good_signature_is_verified():
    signed = sign({"a": 1}, RSA, kid="one")

    assert verify(signed, find, ALGORITHMS).claims == {"a": 1}


def hmac_signed():
    head = f"{part({'alg': 'HS256', 'kid': 'one'})}.{part({})}"
    pem = RSA.as_pem(private=False)
    return f"{head}.{part(hmac.new(pem, head.encode(), hashlib.sha256).digest())}"


BAD = {
    "J01 none": token({"alg": "none", "kid": "one"}, signature=""),
    "J01 none, signed": token({"alg": "none", "kid": "one"}),
    "J01 None": token({"alg": "None", "kid": "one"}),
    "J02 hmac with the public key": hmac_signed(),
    "J03 key in the header": sign({}, key_pair("RSA", 4), jwk=key_pair("RSA", 4).as_dict()),
    "J03 address of a key": sign({}, key_pair("RSA", 4), kid="two", jku="https://evil.example"),
    "J04 crit": token({"alg": "RS256", "kid": "one", "crit": ["x"], "x": 1}),
    "J04 b64": token({"alg": "RS256", "kid": "one", "b64": False, "crit": ["b64"]}),
    "J05 jwe": token({"alg": "PBES2-HS256+A128KW", "enc": "A128GCM", "p2c": 2**31}),
    "J05 five parts": "a.b.c.d.e",
    "J06 long": "a" * 17_000,
    "J06 long segment": token({"alg": "RS256", "kid": "one"}, signature="A" * 15_000),
    "J06 deep header": token(b'{"a":' * 900 + b"1" + b"}" * 900),
    "J06 deep claims": token({"alg": "RS256", "kid": "one"}, b"[" * 4000),
    "J07 json": json.dumps({"payload": "e30", "signatures": []}),
    "alg is a list": token({"alg": ["RS256"], "kid": "one"}),
    "alg is missing": token({"kid": "one"}),
    "J14 kid is a number": token({"alg": "RS256", "kid": 5}),
    "J14 kid is long": token({"alg": "RS256", "kid": "k" * 10_000}),
    "header is a list": token([]),
    "claims are a list": sign({}, RSA, kid="one").replace(".e30.", f".{part([])}."),
    "claims are not UTF-8": token({"alg": "RS256", "kid": "one"}, b"\xff"),
    "member twice": token(b'{"alg":"RS256","kid":"one","kid":"two"}'),
    "no letters of ours": "é.é.é",
    "padded": token({"alg": "RS256", "kid": "one"}, signature="===="),
    "wrong signature": sign({"a": 1}, key_pair("RSA", 4), kid="one"),
    "another kind of key": token({"alg": "ES256", "kid": "one"}),
}


@pytest.mark.parametrize("text", BAD.values(), ids=[f"attack_{name}" for name in BAD])
def test_bad_tokens_are_refused(text):
    with pytest.raises(BadToken):
        verify(text, find, ALGORITHMS)


@given(st.text())
def test_no_text_is_more_than_a_bad_token(text):
    with pytest.raises(BadToken):
        verify(text, find, ALGORITHMS)


@given(st.binary(max_size=200), st.binary(max_size=200), st.binary(max_size=50))
def test_no_three_parts_are_more_than_a_bad_token(header, claims, signature):
    with pytest.raises(BadToken):
        verify(f"{part(header)}.{part(claims)}.{part(signature)}", find, ALGORITHMS)


@given(
    st.dictionaries(
        st.sampled_from(["alg", "kid", "typ", "x5c", "jwk"]),
        st.one_of(
            st.none(),
            st.integers(),
            st.text(max_size=5),
            st.lists(st.text(max_size=3), max_size=2),
            st.sampled_from(["RS256", "ES256", "EdDSA", "one"]),
        ),
    )
)
def test_no_header_is_more_than_a_bad_token(header):
    with pytest.raises(BadToken):
        verify(token(header), find, ALGORITHMS)


@given(st.text())
def test_json_from_strangers_is_an_object_or_refused(text):
    try:
        value = read_object(text)
    except NotJson:
        return
    assert isinstance(value, dict)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"exp": None},
        {"exp": "9999999999"},
        {"exp": 1e400},
        {"aud": "https://api.example"},
        {"aud": None},
        {"gid": "no-such-grant"},
        {"client_id": "nobody"},
    ],
    ids=str,
)
def test_attack_J09_J13_an_access_token_must_be_right_in_everything(hub, portal, changes):
    claims = {**read_claims(portal.obtain_tokens()["access_token"]), **changes}
    own = hub.at.keys.signer("RS256")
    text = json.dumps({name: value for name, value in claims.items() if value is not None})
    forged = _sign_raw(text.replace("Infinity", "1e400"), own.key)

    assert refused(hub.userinfo(forged), "invalid_token", 401)


def _sign_raw(text, key):
    header = {"alg": "RS256", "kid": "key-RS256", "typ": "at+jwt"}
    return jws.serialize_compact(header, text.encode(), key, algorithms=["RS256"])


def test_the_issuer_of_tokens_is_a_constant(portal):  # OIDC Core 16.15
    assert read_claims(portal.obtain_tokens()["access_token"])["iss"] == ISSUER
