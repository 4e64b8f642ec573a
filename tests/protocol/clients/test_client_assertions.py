"""Signed assertions at the token endpoint (private_key_jwt): attacks A04 to A09."""

import base64
import json
from datetime import timedelta

import pytest

from idp.domain.clients.client import ClientAuthMethod
from tests.protocol.client_proofs import NOW, assertion, is_unknown, redeem_signed, redeem_with
from tests.protocol.hub import ISSUER, SECRET, basic, key_pair
from tests.protocol.token.test_codes import refused

TOKEN = "/oauth2/token"


@pytest.fixture
def signer(hub):
    return hub.register(
        auth_method=ClientAuthMethod.PRIVATE_KEY_JWT,
        secrets=(),
        auth_signing_alg="RS256",
        jwks={"keys": [{**key_pair("RSA", 1).as_dict(private=False), "kid": "one"}]},
    )


def test_a_signed_assertion_will_do(signer):  # RFC 7523 3
    assert redeem_signed(signer, assertion()).status == 200


def test_the_client_id_may_stand_beside_the_assertion(signer):  # RFC 7521 4.2
    assert redeem_signed(signer, assertion(), client_id="portal").status == 200


@pytest.mark.parametrize("typ", ["JWT", "client-authentication+jwt"])
def test_the_types_of_assertions_are_accepted(signer, typ):
    assert redeem_signed(signer, assertion(header={"kid": "one", "typ": typ})).status == 200


@pytest.mark.parametrize(
    ("attack", "claims"),
    [
        ("A06", {"aud": [ISSUER]}),
        ("A06", {"aud": [ISSUER, "https://evil.example"]}),
        ("A06", {"aud": ISSUER + TOKEN}),
        ("A08", {"aud": "https://evil.example"}),
        ("A08", {"aud": None}),
        ("A07", {"exp": NOW + 10 * 365 * 86400, "iat": None}),
        ("A07", {"exp": NOW + 311}),
        ("A07", {"exp": NOW - 10}),
        ("A07", {"exp": None}),
        ("A07", {"nbf": NOW + 61}),
        ("A07", {"iat": NOW + 61}),
        ("A07", {"iss": "other"}),
        ("A07", {"sub": "other"}),
        ("A07", {"sub": None}),
        ("A05", {"jti": None}),
        ("A05", {"jti": ""}),
        ("A05", {"jti": 5}),
        ("A05", {"jti": "j" * 513}),
        ("J13", {"exp": str(NOW + 60)}),
        ("J13", {"exp": NOW + 60.5}),
        ("J13", {"exp": True}),
        ("J13", {"iat": "now"}),
        ("J13", {"nbf": -1}),
        ("J13", {"exp": 2**80}),
    ],
    ids=lambda value: f"attack_{value}" if isinstance(value, str) else str(value)[:40],
)
def test_assertions_that_claim_wrong_things_are_refused(signer, attack, claims):
    assert is_unknown(redeem_signed(signer, assertion(**claims), client_id="portal"))


def test_a_clock_may_be_eight_seconds_fast(signer):  # FAPI 2.0 5.3.2.1
    assert redeem_signed(signer, assertion(nbf=NOW + 8, iat=NOW + 8)).status == 200


def test_attack_A05_an_assertion_works_once(signer):
    redeem_signed(signer, assertion())

    assert is_unknown(redeem_signed(signer, assertion()))


def test_attack_A05_a_sweep_by_a_clock_that_is_ahead_forgets_no_assertion(hub, signer):
    redeem_signed(signer, assertion())
    with hub.at.begin() as work:
        work.single_use.forget_expired(hub.clock() + timedelta(minutes=30))

    assert is_unknown(redeem_signed(signer, assertion()))


def test_attack_A06_old_clients_may_name_the_token_endpoint(signer):
    signer.change(auth_audience_token_endpoint=True)

    assert redeem_signed(signer, assertion(aud=ISSUER + TOKEN)).status == 200


def test_attack_A04_another_algorithm_than_the_registered_is_refused(signer):
    signer.change(auth_signing_alg="ES256")

    assert is_unknown(redeem_signed(signer, assertion()))


def test_attack_A04_the_same_key_signs_with_one_algorithm(signer):
    assert is_unknown(redeem_signed(signer, assertion(alg="PS256")))


def test_attack_A04_a_client_with_a_key_has_no_secret(signer):
    assert is_unknown(redeem_with(signer, {"authorization": basic("portal", SECRET)}))


def test_attack_A09_another_key_is_refused(signer):
    assert is_unknown(redeem_signed(signer, assertion(key_pair("RSA", 2))))


@pytest.mark.parametrize("kid", ["two", '"', "' OR 1=1", "../../etc/passwd", "k" * 10_000])
def test_attack_A09_J14_an_unknown_kid_is_refused(signer, kid):
    header = base64.urlsafe_b64encode(json.dumps({"alg": "RS256", "kid": kid}).encode())
    _, _, rest = assertion().partition(".")
    forged = f"{header.decode().rstrip('=')}.{rest}"

    assert redeem_signed(signer, forged, client_id="portal").status in {400, 401}


@pytest.mark.parametrize("text", ["", "a", "a.b", "a.b.c", "..", "é.é.é", "{}", "e30.e30.e30"])
def test_attack_A09_garbage_is_refused(signer, text):
    assert redeem_signed(signer, text).status in {400, 401}


def test_attack_A09_the_type_of_an_assertion_must_be_named(signer):
    reply = redeem_with(signer, client_assertion=assertion(), client_assertion_type="x")

    assert refused(reply, "invalid_request")


@pytest.mark.parametrize("issuer", ["\x00", "\ud800", "é", 5, None, ["portal"], "x" * 5000])
def test_attack_I03_an_assertion_may_name_nobody(signer, issuer):
    assert redeem_signed(signer, assertion(iss=issuer, sub=issuer)).status in {400, 401}
