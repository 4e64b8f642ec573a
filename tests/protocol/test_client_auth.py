"""Who sends a request to the token endpoint: attacks A01 to A14."""

import base64
import json
import warnings
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc.jwk import RSAKey

from idp.domain.client import ClientAuthMethod, ClientSecret, ClientState
from tests.fakes import NOON
from tests.protocol.hub import (
    ASSERTION_TYPE,
    ISSUER,
    SECRET,
    basic,
    encode,
    key_pair,
    sign,
)
from tests.protocol.test_codes import refused

NOW = int(NOON.timestamp())
TOKEN = "/oauth2/token"


def redeem_with(portal, headers=None, **form):
    """Redeem a good code with these credentials."""
    return portal.token(
        headers or {},
        grant_type="authorization_code",
        code=portal.obtain_code(),
        redirect_uri=portal.client.redirect_uris[0],
        code_verifier="v" * 50,
        **form,
    )


def is_unknown(reply):
    return refused(reply, "invalid_client", 401) and "WWW-Authenticate" in reply.headers


def test_a_secret_in_the_header_will_do(portal):  # RFC 6749 2.3.1
    assert redeem_with(portal, {"authorization": basic("portal", SECRET)}).status == 200


def test_a_secret_in_the_body_will_do_where_it_is_registered(hub):
    portal = hub.register(auth_method=ClientAuthMethod.POST)

    assert redeem_with(portal, client_id="portal", client_secret=SECRET).status == 200


def test_a_public_client_needs_its_id_only(hub):  # RFC 6749 3.2.1
    portal = hub.register(auth_method=ClientAuthMethod.NONE, secrets=())

    assert redeem_with(portal, client_id="portal").status == 200


def test_attack_A01_a_confidential_client_needs_its_secret(portal):
    assert is_unknown(redeem_with(portal, client_id="portal"))


def test_attack_A04_another_method_than_the_registered_is_refused(portal):
    assert is_unknown(redeem_with(portal, client_id="portal", client_secret=SECRET))


def test_attack_A04_a_public_client_has_no_secret(hub):
    portal = hub.register(auth_method=ClientAuthMethod.NONE)

    assert is_unknown(redeem_with(portal, {"authorization": basic("portal", SECRET)}))


def test_attack_A02_two_methods_at_once_are_refused(portal):  # RFC 6749 2.3
    header = {"authorization": basic("portal", SECRET)}

    assert refused(redeem_with(portal, header, client_secret=SECRET), "invalid_request")


def test_attack_A02_an_assertion_beside_a_secret_is_refused(portal):
    header = {"authorization": basic("portal", SECRET)}
    reply = redeem_with(
        portal, header, client_assertion="a.b.c", client_assertion_type=ASSERTION_TYPE
    )

    assert refused(reply, "invalid_request")


def test_attack_A03_two_client_ids_are_refused(hub, portal):
    hub.register(client_id="other")
    header = {"authorization": basic("portal", SECRET)}

    assert refused(redeem_with(portal, header, client_id="other"), "invalid_request")


def test_the_same_client_id_twice_is_no_harm(portal):
    header = {"authorization": basic("portal", SECRET)}

    assert redeem_with(portal, header, client_id="portal").status == 200


def test_no_client_at_all_is_an_invalid_request(portal):
    assert refused(redeem_with(portal), "invalid_request")


def test_unknown_client_and_wrong_secret_look_alike(portal):
    unknown = redeem_with(portal, {"authorization": basic("nobody", SECRET)})
    wrong = redeem_with(portal, {"authorization": basic("portal", "x")})

    assert is_unknown(unknown)
    assert unknown == wrong


def test_attack_A14_a_suspended_client_is_refused(portal):
    code = portal.obtain_code()
    portal.change(state=ClientState.SUSPENDED)

    assert is_unknown(portal.redeem(code))


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic !",
        "Basic " + base64.b64encode(b"portal").decode(),
        "Basic " + base64.b64encode(b":secret").decode(),
        "Basic " + base64.b64encode(b"\xff\xfe:x").decode(),
        "Basic " + base64.b64encode(b"portal:\x00").decode(),
        "Basic " + base64.b64encode(b"%00:x").decode(),
        "Basic " + base64.b64encode(b"%ff:x").decode(),
        "Basic " + base64.b64encode("portal:رمز".encode()).decode(),
        "Bearer abc",
        "",
        "é",
        "Digest username=portal",
    ],
)
def test_attack_A11_headers_that_are_no_basic_are_401(portal, header):
    assert is_unknown(redeem_with(portal, {"authorization": header}))


@given(st.text(max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_attack_A11_no_header_leads_to_more_than_a_refusal(portal, text):
    reply = portal.token({"authorization": text}, grant_type="authorization_code", code="x")

    assert reply.status in {400, 401, 429}


def test_attack_A11_credentials_are_form_decoded(hub):  # RFC 6749 2.3.1
    secret = "a+b%c:d é"
    digest = hub.at.vault.digest(secret, purpose="client_secret")
    portal = hub.register(secrets=(ClientSecret(digest, NOON),))
    coded = encode({"s": secret}).decode().removeprefix("s=")

    assert redeem_with(portal, {"authorization": basic("portal", coded)}).status == 200


def test_attack_A10_an_expired_secret_is_refused(portal):
    portal.change(secrets=(replace(portal.client.secrets[0], expires_at=NOON),))

    assert is_unknown(redeem_with(portal, {"authorization": basic("portal", SECRET)}))


def test_attack_A10_two_secrets_live_during_a_rotation(hub, portal):
    new = ClientSecret(hub.at.vault.digest("new", purpose="client_secret"), NOON)
    old = replace(portal.client.secrets[0], expires_at=NOON + timedelta(days=1))
    portal.change(secrets=(new, old))

    for secret in ("new", SECRET):
        assert redeem_with(portal, {"authorization": basic("portal", secret)}).status == 200


def test_attack_A11_a_client_without_a_secret_is_refused(portal):
    portal.change(secrets=())

    assert is_unknown(redeem_with(portal, {"authorization": basic("portal", "")}))


def test_attack_A13_failures_are_limited_but_the_right_secret_passes(portal):
    wrong = {"authorization": basic("portal", "wrong")}
    replies = [portal.token(wrong, grant_type="x") for _ in range(21)]

    assert [reply.status for reply in replies] == [401] * 20 + [429]
    assert redeem_with(portal, {"authorization": basic("portal", SECRET)}).status == 200


# private_key_jwt


@pytest.fixture
def signer(hub):
    return hub.register(
        auth_method=ClientAuthMethod.PRIVATE_KEY_JWT,
        secrets=(),
        auth_signing_alg="RS256",
        jwks={"keys": [{**key_pair("RSA", 1).as_dict(private=False), "kid": "one"}]},
    )


def assertion(key=None, alg="RS256", header=None, **claims):
    whole = {
        "iss": "portal",
        "sub": "portal",
        "aud": ISSUER,
        "iat": NOW,
        "exp": NOW + 60,
        "jti": "an-id",
        **claims,
    }
    given = {name: value for name, value in whole.items() if value is not None}
    return sign(given, key or key_pair("RSA", 1), alg, **(header or {"kid": "one"}))


def redeem_signed(portal, text, **form):
    return redeem_with(portal, client_assertion=text, client_assertion_type=ASSERTION_TYPE, **form)


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
        work.once.forget_expired(hub.clock() + timedelta(minutes=30))

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


@pytest.fixture
def fetched(hub):
    hub.web.pages["https://portal.example/jwks"] = jwks_of(1, "one")
    return hub.register(
        auth_method=ClientAuthMethod.PRIVATE_KEY_JWT,
        secrets=(),
        jwks_uri="https://portal.example/jwks",
    )


def jwks_of(number, kid):
    key = {**key_pair("RSA", number).as_dict(private=False), "kid": kid}
    return json.dumps({"keys": [key]}).encode()


def test_keys_are_fetched_once(hub, fetched):
    for number in range(3):
        assert redeem_signed(fetched, assertion(jti=f"id-{number}")).status == 200

    assert len(hub.web.asked) == 1


def test_attack_J19_a_short_key_at_the_portals_address_proves_nothing(hub, fetched):
    bits = 1024
    numbers = rsa.generate_private_key(65537, bits)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library warns of the length, too
        short = RSAKey.import_key(numbers)
        key = {**short.as_dict(private=False), "kid": "one"}
        hub.web.pages["https://portal.example/jwks"] = json.dumps({"keys": [key]}).encode()

        assert is_unknown(redeem_signed(fetched, assertion(short)))


def test_new_keys_are_fetched_when_a_kid_is_unknown(hub, fetched):  # refresh-token-rp-key-rotation
    redeem_signed(fetched, assertion(jti="first"))
    hub.web.pages["https://portal.example/jwks"] = jwks_of(2, "two")
    hub.move(minutes=2)
    now = int(hub.clock().timestamp())

    new = assertion(key_pair("RSA", 2), header={"kid": "two"}, iat=now, exp=now + 60)

    assert redeem_signed(fetched, new).status == 200


def test_keys_are_asked_for_again_after_an_hour(hub, fetched):
    redeem_signed(fetched, assertion(jti="first"))
    hub.web.pages["https://portal.example/jwks"] = jwks_of(2, "one")
    hub.move(hours=1)

    assert is_unknown(redeem_signed(fetched, later(hub)))


def test_known_keys_serve_while_the_portals_server_is_away(hub, fetched):
    redeem_signed(fetched, assertion(jti="first"))
    hub.web.pages.clear()
    hub.move(hours=23)

    assert redeem_signed(fetched, later(hub)).status == 200


def test_known_keys_serve_a_day_at_most(hub, fetched):
    redeem_signed(fetched, assertion(jti="first"))
    hub.web.pages.clear()
    hub.move(hours=24)

    assert is_unknown(redeem_signed(fetched, later(hub)))


def test_garbage_takes_no_known_key_away(hub, fetched):
    redeem_signed(fetched, assertion(jti="first"))
    hub.web.pages["https://portal.example/jwks"] = b"<html>"
    hub.move(hours=2)

    assert redeem_signed(fetched, later(hub)).status == 200


def later(hub):
    now = int(hub.clock().timestamp())
    return assertion(iat=now, exp=now + 60, jti="later")


def test_attack_S10_unknown_kids_fetch_once_a_minute(hub, fetched):
    redeem_signed(fetched, assertion(jti="first"))

    for number in range(5):
        redeem_signed(fetched, assertion(header={"kid": f"unknown-{number}"}))

    assert len(hub.web.asked) == 1 + 1


def test_keys_may_change_right_after_they_were_fetched(hub, fetched):
    # oidcc-refresh-token-rp-key-rotation changes them within seconds
    redeem_signed(fetched, assertion(jti="first"))
    hub.web.pages["https://portal.example/jwks"] = jwks_of(2, "two")

    new = assertion(key_pair("RSA", 2), header={"kid": "two"})

    assert redeem_signed(fetched, new).status == 200


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"keys": 5}', b'{"keys": [5]}', b"\xff"])
def test_a_broken_key_set_is_a_refusal(hub, fetched, content):
    hub.web.pages["https://portal.example/jwks"] = content

    assert is_unknown(redeem_signed(fetched, assertion()))


def test_keys_that_cannot_be_fetched_are_a_refusal(hub, fetched):
    hub.web.pages.clear()

    assert is_unknown(redeem_signed(fetched, assertion()))
