"""The tokens that the server makes, and who may look at them: attacks J10, J11, J15 to J20."""

import json
from base64 import urlsafe_b64encode
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from idp.protocol.core.claims import CLAIM_NAMES, REQUESTABLE
from tests import factories
from tests.attack.both import at_both
from tests.attack.consumers import CLIENTS_KEY
from tests.attack.forgeries import segment
from tests.attack.targets import INTROSPECT, parameters_of, told
from tests.protocol.hub import key_pair, read_claims, read_header
from tests.web.hub import ORIGIN

HYBRID = "[openid]\nhybrid = true\n"
PROTOCOL_CLAIMS = (
    *("iss", "sub", "aud", "azp", "exp", "iat", "nbf", "jti", "nonce", "auth_time", "acr", "amr"),
    *("sid", "at_hash", "c_hash", "client_id", "scope", "gid", "events"),
)


def test_attack_J10_nothing_that_is_told_of_a_person_bears_a_name_of_the_protocol():
    assert set(CLAIM_NAMES) & set(PROTOCOL_CLAIMS) == set()
    assert set(REQUESTABLE) & set(PROTOCOL_CLAIMS) == set()


def test_attack_J10_a_wish_for_claims_changes_none_of_the_protocol(ours):  # OIDC Core 5.5
    portal = ours.register()
    wishes = {name: {"value": "evil"} for name in PROTOCOL_CLAIMS if name not in {"sub", "acr"}}
    asked = json.dumps({"id_token": {**wishes, "acr": {"value": "evil"}, "name": None}})

    claims = read_claims(portal.obtain_tokens(claims=asked)["id_token"])

    assert "evil" not in claims.values()
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (ORIGIN, "portal", "the-nonce")
    assert claims["name"] == "محمد رضا احمدی‌نژاد"


@at_both(hub="invalid_client_metadata", naive="ok")
def test_attack_J11_nobody_registers_for_unsigned_id_tokens(target, expected):
    """OIDC Registration 2."""
    asked = {"id_token_signed_response_alg": "none", "response_types": ["code id_token"]}

    assert told(target.register_by_http(**asked)) == expected


def test_attack_J11_no_record_of_a_client_makes_one(ours):
    portal = ours.register()
    ours.change_client(id_token_signed_response_alg="none")

    assert told(portal.redeem(portal.obtain_code())) == "503"


def half(text):
    """Return the hash of OIDC Core 3.1.3.6 for a 256-bit algorithm."""
    return urlsafe_b64encode(sha256(text.encode()).digest()[:16]).rstrip(b"=").decode()


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256"])
def test_attack_J15_an_id_token_names_its_access_token(ours, alg):  # OIDC Core 3.1.3.6
    tokens = ours.register(id_token_signed_response_alg=alg).obtain_tokens()

    assert read_claims(tokens["id_token"])["at_hash"] == half(tokens["access_token"])


def test_attack_J15_EdDSA_too(ours):
    tokens = ours.register(id_token_signed_response_alg="EdDSA").obtain_tokens()

    assert read_claims(tokens["id_token"])["at_hash"]


@pytest.mark.parametrize("settings", [HYBRID])
def test_attack_J15_and_its_code(ours):  # OIDC Core 3.3.2.11
    types = "code id_token token"
    grants = ["authorization_code", "implicit"]
    portal = ours.register(response_types=[types], grant_types=grants)

    sent = parameters_of(portal.ask(response_type=types).location)

    claims = read_claims(sent["id_token"])
    assert claims["c_hash"] == half(sent["code"])
    assert claims["at_hash"] == half(sent["access_token"])


@pytest.mark.parametrize("alg", ["ES384", "Ed25519", "HS256", ""])
def test_attack_J15_what_has_no_hash_signs_nothing(ours, alg):
    portal = ours.register()
    ours.change_client(id_token_signed_response_alg=alg)

    assert told(portal.redeem(portal.obtain_code())) == "503"


@at_both(hub={"new"}, naive={"old", "new"})
def test_attack_J16_one_key_signs_and_not_the_old_one(target, expected):  # OIDC Core 10.1.1
    portal = target.register()
    old = read_header(portal.obtain_tokens()["id_token"])["kid"]
    target.rotate()
    target.later(seconds=10)

    kids = {read_header(portal.obtain_tokens()["id_token"])["kid"] for _ in range(24)}

    assert {"old" if kid == old else "new" for kid in kids} == expected


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256", "EdDSA"])
def test_attack_J16_the_key_that_signs_is_published(ours, alg):
    tokens = ours.register(id_token_signed_response_alg=alg).obtain_tokens()
    published = {key["kid"]: key["alg"] for key in ours.get("/oauth2/jwks").json["keys"]}

    header = read_header(tokens["id_token"])
    assert published[header["kid"]] == header["alg"] == alg


API = "https://api.example"


@pytest.fixture
def audience(ours):
    """A portal whose tokens are for an API, that API, and one that they are not for."""
    portal = ours.register(access_token_audience=[API])
    api = ours.register("api", introspection_audience=[API])
    other = ours.register("other", introspection_audience=["https://other.example"])
    return portal, api, other


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_attack_J17_whom_a_token_is_not_for_learns_nothing(audience, kind):  # RFC 7662 4
    portal, _, other = audience

    answer = other.send(
        INTROSPECT,
        {"token": portal.obtain_tokens(scope="openid offline_access", resource=API)[kind]},
    )

    assert answer.json == {"active": False}


def test_attack_J18_an_answer_is_for_who_asked(audience):
    """Whoever asked before, and whatever they were told."""
    portal, api, other = audience
    token = portal.obtain_tokens(resource=API)["access_token"]

    told_to = [one.send(INTROSPECT, {"token": token}) for one in (api, other, api, other)]

    assert [answer.json["active"] for answer in told_to] == [True, False, True, False]
    assert all(answer.headers["Cache-Control"] == "no-store" for answer in told_to)


def test_attack_J18_an_answer_is_of_now(ours, audience):
    portal, api, _ = audience
    token = portal.obtain_tokens(resource=API)["access_token"]
    api.send(INTROSPECT, {"token": token})
    ours.end_sessions()

    assert api.send(INTROSPECT, {"token": token}).json == {"active": False}


RSA = CLIENTS_KEY.as_dict(private=False)
EC = key_pair("ES256").as_dict(private=False)


def shorter(bits):
    """Return an RSA key of so many bits, with as many zeros in front as hide that."""
    numbers = rsa.generate_private_key(65537, bits).public_key().public_numbers()
    return {**RSA, "n": segment(numbers.n.to_bytes(256, "big"))}


UNSOUND = {
    "RSA of 512 bits": {**RSA, "n": "u" * 86},
    "RSA of 1024 bits": shorter(1024),
    "off the curve": {**EC, "x": EC["y"], "y": EC["x"]},
    "unknown curve": {**EC, "crv": "secp256k1"},
    "HMAC of 8 bytes": {"kty": "oct", "k": "c2VjcmV0MTI"},
    "private RSA": CLIENTS_KEY.as_dict(private=True),
    "private EC": key_pair("ES256").as_dict(private=True),
}


@pytest.mark.parametrize("key", list(UNSOUND.values()), ids=UNSOUND)
def test_attack_J19_only_sound_public_keys_are_registered(ours, key):  # RFC 8725 3.4, 3.5
    answer = ours.register_by_http(jwks={"keys": [{**key, "kid": "one"}]})

    assert told(answer) == "invalid_client_metadata"


def test_attack_J20_portals_cannot_compare_whom_they_know(ours):  # OIDC Core 8.1
    portal = ours.register()
    elsewhere = ours.register("elsewhere", redirect_uris=["https://elsewhere.example/callback"])
    scope = "openid profile"

    subs = [
        read_claims(one.obtain_tokens(scope=scope)["id_token"])["sub"]
        for one in (portal, elsewhere)
    ]

    assert subs[0] != subs[1]


def test_attack_J20_nothing_in_a_token_is_the_national_id(ours):
    tokens = ours.register().obtain_offline()
    claims = [read_claims(tokens[kind]) for kind in ("id_token", "access_token")]
    shown = json.dumps([*claims, ours.userinfo(tokens["access_token"]).json])

    assert factories.NATIONAL_ID.value not in shown
    assert "account-1" not in shown
