"""Forged and odd tokens, at everything that reads one: attacks J01 to J09, J12 to J14."""

import json
from dataclasses import dataclass

import pytest
from joserfc import jwe
from joserfc.jwk import RSAKey

from idp.domain.clients.client import Client
from tests.attack.both import at_both
from tests.attack.consumers import (
    CONSUMERS,
    OF_THE_HUB,
    PUBLIC,
    AccessToken,
    Assertion,
    Hint,
    RequestObject,
    SignOutHint,
)
from tests.attack.forgeries import hs256, segment, unsigned
from tests.attack.targets import (
    CALLBACK,
    END_SESSION,
    GOODBYE,
    REGISTER,
    TOKEN,
    parameters_of,
    told,
)
from tests.protocol.hub import ASSERTION_TYPE, key_pair
from tests.web.hub import ORIGIN


@dataclass
class Ended:
    client: Client
    account_id: str = "account-1"
    session_id: str = "session-1"


@pytest.fixture
def consumer(request, ours):
    return request.param(ours)


def at_each(consumers=CONSUMERS):
    names = [one.__name__ for one in consumers]
    return pytest.mark.parametrize("consumer", consumers, ids=names, indirect=True)


@at_each()
def test_a_good_token_is_believed(consumer):
    """So that the refusals below have the cause that each names."""
    assert consumer.accepts(consumer.sign(consumer.claims))


@at_each()
def test_attack_J01_a_token_is_signed(consumer):  # RFC 8725 3.1
    for alg in ("none", "None", "NONE", ""):
        assert not consumer.accepts(unsigned(consumer.claims, **consumer.header(alg=alg)))


@at_each()
def test_attack_J01_a_signature_does_not_make_none_good(consumer):
    assert not consumer.accepts(consumer.sign(consumer.claims, alg="none"))


@at_both(hub="invalid_request_object", naive="code")
def test_attack_J01_a_request_object_that_must_be_signed_is(target, expected):  # RFC 9101 10.8
    portal = target.register(jwks=PUBLIC, request_object_signing_alg="RS256")

    answer = portal.ask(request=unsigned(portal.request(), typ="JWT"))

    assert told(answer) == expected


@at_each()
def test_attack_J02_a_public_key_is_no_secret(consumer):  # RFC 8725 3.1
    pem = consumer.key.as_pem(private=False)
    forged = hs256(consumer.claims, pem, kid=consumer.kid, typ=consumer.typ)

    assert not consumer.accepts(forged)


EVIL_KEY = key_pair("RSA", 9)
EVIL_URL = "https://evil.example/keys"


BROUGHT = {
    "jwk": {"jwk": EVIL_KEY.as_dict(private=False)},
    "jwk alone": {"jwk": EVIL_KEY.as_dict(private=False), "kid": None},
    "jku": {"jku": EVIL_URL},
    "x5u": {"x5u": EVIL_URL},
    "x5c": {"x5c": ["MII="]},
}


@at_each()
@pytest.mark.parametrize("header", list(BROUGHT.values()), ids=BROUGHT)
def test_attack_J03_a_token_does_not_bring_its_key(consumer, header):  # ASVS 9.1.3
    assert not consumer.accepts(consumer.sign(consumer.claims, EVIL_KEY, **header))


UNKNOWN = [{"crit": ["x"], "x": 1}, {"crit": []}, {"b64": False, "crit": ["b64"]}, {"b64": False}]


@at_each()
def test_attack_J04_unknown_rules_are_no_rules(consumer):  # RFC 7515 4.1.11
    for header in UNKNOWN:
        assert not consumer.accepts(consumer.sign(consumer.claims, **header))


@pytest.fixture
def encrypting(ours):
    """The hub with a key to encrypt to, and a portal that signs its requests."""
    keys = ours.hub.deps.provider._provider.keys
    keys.promote(keys.new("RSA-OAEP-256").kid)
    (jwk,) = [key for key in ours.get("/oauth2/jwks").json["keys"] if key["use"] == "enc"]
    return ours.register(jwks=PUBLIC), RSAKey.import_key(jwk)


def sealed(token, key, **header):
    """Return the token encrypted to the hub."""
    whole = {"alg": "RSA-OAEP-256", "enc": "A256GCM", **header}
    registry = jwe.JWERegistry(algorithms=[*whole.values()])
    return jwe.encrypt_compact(whole, token.encode(), key, registry=registry)


@pytest.mark.parametrize(("header", "is_taken"), [({}, True), ({"zip": "DEF"}, False)], ids=str)
def test_attack_J05_nothing_is_unpacked(ours, encrypting, header, is_taken):  # RFC 8725 3.6
    """Not even what would be a good request: a bomb is known only once it is large."""
    portal, key = encrypting
    consumer = RequestObject(ours)
    good = consumer.sign(consumer.claims)

    answer = told(portal.ask(request=sealed(good, key, **header)))

    assert answer == ("code" if is_taken else "invalid_request_object")


def test_attack_J05_nobody_chooses_how_long_we_compute(encrypting):  # RFC 7518 8.1
    portal, _ = encrypting
    header = {"alg": "PBES2-HS256+A128KW", "enc": "A128GCM", "p2c": 2**31, "p2s": "AAAA"}

    assert told(portal.ask(request=f"{segment(header)}.AAAA.AAAA.AAAA.AAAA")) == (
        "invalid_request_object"
    )


def nested(depth):
    return f"{segment({'alg': 'RS256', 'kid': 'rsa'})}.{segment(b'[' * depth)}.AAAA"


@at_both(hub="invalid_request", naive="500")
def test_attack_J06_a_deep_token_is_refused(target, expected):
    target.register("signer", jwks=PUBLIC, token_endpoint_auth_method="private_key_jwt")
    form = {"client_assertion": nested(90_000), "client_assertion_type": ASSERTION_TYPE}

    assert told(target.post(TOKEN, {"grant_type": "authorization_code", **form})) == expected


@at_each([Assertion, Hint, AccessToken])
def test_attack_J06_also_below_the_limit_of_size(consumer):
    for depth in (20, 1_100, 5_000):
        assert not consumer.accepts(nested(depth))


def test_attack_J06_deep_metadata_registers_nobody(ours):
    headers = {"Authorization": f"Bearer {ours.initial_access_token()}"}
    body = b'{"jwks":' * 3_000
    kind = "application/json"

    answer = ours.stranger.post(
        REGISTER, data=body, content_type=kind, base_url=ORIGIN, headers=headers
    )

    assert told(answer) == "invalid_client_metadata"


@pytest.mark.parametrize("size", [16 * 1024, 10_000_000])
def test_attack_J06_a_long_token_is_not_read(ours, size):
    ours.register()
    form = f"client_assertion_type={ASSERTION_TYPE}&client_assertion=a.{'A' * size}.b"

    assert ours.post(TOKEN, form).status_code in {400, 413}


@at_each()
def test_attack_J07_only_compact_tokens_are_read(consumer):  # RFC 7515 7.2
    head, body, signature = consumer.sign(consumer.claims).split(".")
    flattened = {"protected": head, "signature": signature}

    for signatures in ({"signatures": [flattened]}, {"signatures": []}, {}, flattened):
        assert not consumer.accepts(json.dumps({"payload": body, **signatures}))


@at_both(hub="page 400", naive="elsewhere")
def test_attack_J08_an_access_token_of_elsewhere_is_no_hint(target, expected):  # RFC 8725 3.11
    target.register()
    claims = {"iss": "https://other.example", "aud": "portal", "sub": "x", "exp": 2**40}
    token = target.sign(claims, typ="at+jwt")
    asked = {"id_token_hint": token, "post_logout_redirect_uri": GOODBYE}

    assert told(target.get(END_SESSION, **asked)) == expected


@at_each(OF_THE_HUB)
def test_attack_J08_a_token_serves_its_own_purpose_only(consumer):
    tokens = consumer.portal.obtain_tokens()
    ended = Ended(consumer.hub.client())
    provider = consumer.hub.hub.deps.provider
    kinds = {
        "at+jwt": tokens["access_token"],
        "JWT": tokens["id_token"],
        "logout+jwt": provider.logout_token(ended, consumer.hub.hub.clock()),
    }

    assert [kind for kind in kinds if consumer.accepts(kinds[kind])] == [consumer.typ]


@at_each(OF_THE_HUB)
def test_attack_J08_claims_do_not_stand_for_the_type(consumer):
    """The right claims under each other type."""
    types = {"at+jwt", "JWT", "logout+jwt", "oauth-authz-req+jwt", None} - {consumer.typ}

    assert not any(consumer.accepts(consumer.sign(consumer.claims, typ=typ)) for typ in types)


ISSUERS = ["https://evil.example", ORIGIN + "/", "", None, [ORIGIN]]


@at_each(OF_THE_HUB)
def test_attack_J09_our_key_does_not_stand_for_our_name(consumer):  # RFC 8725 3.8
    for issuer in ISSUERS:
        assert not consumer.accepts(consumer.sign({**consumer.claims, "iss": issuer}))


CHANGES = {
    "cut": lambda text: text[:-1],
    "longer": lambda text: text + "A",
    "other case": str.swapcase,
    "padded": lambda text: text + "=",
    "twice": lambda text: text * 2,
}


@pytest.mark.parametrize("change", list(CHANGES.values()), ids=CHANGES)
def test_attack_J12_a_changed_token_is_none(ours, change):
    portal = ours.register()
    tokens = portal.obtain_offline()

    assert ours.userinfo(change(tokens["access_token"])).status_code == 401
    assert told(portal.refresh(change(tokens["refresh_token"]))) == "invalid_grant"


TIMES = ["1", "0", "-1", '"9999999999"', "9999999999.5", "1e400", "-1e400", "true", "[]", "1e20"]


@at_each([AccessToken, Assertion])
def test_attack_J13_a_time_is_a_whole_number_to_come(consumer):
    for time in TIMES:
        text = json.dumps({**consumer.claims, "exp": "THEN"}).replace('"THEN"', time)
        assert not consumer.accepts(consumer.sign(text.encode())), time


@at_each([Assertion])
@pytest.mark.parametrize("name", ["nbf", "iat"])
def test_attack_J13_nor_does_one_begin_later(consumer, name):
    for time in ("99999999999", '"1"', "1.5", "1e400", "false"):
        text = json.dumps({**consumer.claims, name: "THEN"}).replace('"THEN"', time)
        assert not consumer.accepts(consumer.sign(text.encode())), time


KIDS = ["' OR 1=1 --", '"', "../../etc/passwd", "k" * 5_000, "\x00", "é", 5, {"a": 1}, [], True]


@at_each()
def test_attack_J14_a_kid_is_looked_up_and_nothing_else(consumer):  # RFC 8725 3.10
    assert not any(consumer.accepts(consumer.sign(consumer.claims, kid=kid)) for kid in KIDS)


def test_attack_J14_the_refusal_quotes_no_kid(ours):
    consumer = SignOutHint(ours)
    token = consumer.sign(consumer.claims, kid="<script>alert(1)</script>")
    page = ours.get(END_SESSION, id_token_hint=token)

    assert "alert(1)" not in page.text
    assert parameters_of(page.location or CALLBACK) == {}
