"""Clients that prove themselves by a signed assertion: attacks A04 to A09."""

import pytest

from tests.attack.both import at_both
from tests.attack.forgeries import hs256, unsigned, with_header
from tests.attack.targets import INTROSPECT, REVOKE, SECRET, TOKEN, at_once, redeem_as, told
from tests.protocol.hub import ASSERTION_TYPE, basic, key_pair, sign
from tests.web.hub import ORIGIN

SIGNS = "private_key_jwt"
TOKEN_URL = ORIGIN + TOKEN
PUBLIC = {
    "keys": [
        {**key_pair("RSA", 7).as_dict(private=False), "kid": "rsa"},
        {**key_pair("ES256").as_dict(private=False), "kid": "ec"},
    ]
}


def signer(target, **metadata):
    """Register a client that proves itself by its key."""
    given = {"token_endpoint_auth_method": SIGNS, "jwks": PUBLIC, **metadata}
    return target.register("signer", **given)


def assertion(target, key=None, alg="RS256", header=None, **claims):
    """Return a good assertion but for what is named; None leaves a claim out."""
    whole = {
        "iss": "signer",
        "sub": "signer",
        "aud": ORIGIN,
        "iat": target.now(),
        "exp": target.now() + 60,
        "jti": "an-id",
        **claims,
    }
    given = {name: value for name, value in whole.items() if value is not None}
    return sign(given, key or key_pair("RSA", 7), alg, **(header or {"kid": "rsa"}))


def redeem_signed(portal, text):
    form = {"client_assertion": text, "client_assertion_type": ASSERTION_TYPE}
    return redeem_as(portal, client_id=portal.client_id, **form)


@pytest.mark.parametrize("alg", ["RS256", "ES256"])
def test_an_honest_client_is_served(ours, alg):
    """So that the refusals below have the cause that each names."""
    key, kid = {"RS256": (key_pair("RSA", 7), "rsa"), "ES256": (key_pair("ES256"), "ec")}[alg]

    signed = assertion(ours, key, alg, {"kid": kid})

    assert told(redeem_signed(signer(ours), signed)) == "tokens"


@at_both(hub="invalid_client", naive="tokens")
def test_attack_A04_only_the_registered_algorithm_signs(target, expected):
    """OIDC Registration 2, token_endpoint_auth_signing_alg."""
    portal = signer(target, token_endpoint_auth_signing_alg="ES256")

    assert told(redeem_signed(portal, assertion(target))) == expected


@pytest.mark.parametrize("way", ["header", "body"])
def test_attack_A04_a_client_with_a_key_has_no_secret(ours, way):
    portal = signer(ours)
    in_body = {"client_id": "signer", "client_secret": SECRET} if way == "body" else {}
    headers = {"Authorization": basic("signer", SECRET)} if way == "header" else {}

    assert told(redeem_as(portal, headers, **in_body)) == "invalid_client"


def test_attack_A04_the_secret_comes_by_the_registered_way(ours):
    in_body = {"client_id": "portal", "client_secret": SECRET}

    assert told(redeem_as(ours.register(), **in_body)) == "invalid_client"


def test_attack_A05_an_assertion_works_once(ours):
    portal, text = signer(ours), assertion(ours)
    redeem_signed(portal, text)

    assert told(redeem_signed(portal, text)) == "invalid_client"


def test_attack_A05_of_sixteen_at_once_one_is_believed(ours):
    signer(ours)
    form = {"client_id": "signer", "client_assertion": assertion(ours), "token": "x"}

    answers = at_once(lambda: ours.post(REVOKE, {**form, "client_assertion_type": ASSERTION_TYPE}))

    assert [one.status_code for one in answers].count(200) == 1


class Flushed:
    """A cache that has just lost everything, each time it is asked."""

    def find(self, key):
        return None

    def put(self, key, value, *, ttl):
        """Lost at once."""

    def add(self, key, *, ttl):
        return True

    def hit(self, key, *, window):
        return 1


@pytest.mark.parametrize("ephemeral", [Flushed()], ids=["flushed"])
def test_attack_A05_a_lost_cache_makes_no_assertion_good_again(ours):
    portal, text = signer(ours), assertion(ours)
    redeem_signed(portal, text)

    assert told(redeem_signed(portal, text)) == "invalid_client"


@pytest.mark.parametrize("seconds", [60, 69, 600])
def test_attack_A05_nor_does_time(ours, seconds):
    portal, text = signer(ours), assertion(ours, exp=ours.now() + 300)
    redeem_signed(portal, text)
    ours.later(seconds=seconds)
    with ours.hub.deps.begin() as work:
        work.single_use.forget_expired(ours.hub.clock())

    assert told(redeem_signed(portal, text)) == "invalid_client"


@pytest.mark.parametrize(
    "audience", [[ORIGIN, "https://evil.example"], [ORIGIN], TOKEN_URL], ids=str
)
@at_both(hub="invalid_client", naive="tokens")
def test_attack_A06_an_assertion_is_for_the_issuer_alone(target, expected, audience):
    """draft-ietf-oauth-rfc7523bis 4."""
    portal = signer(target)

    assert told(redeem_signed(portal, assertion(target, aud=audience))) == expected


TEN_YEARS = 10 * 365 * 86400


@at_both(hub="invalid_client", naive="tokens")
def test_attack_A07_an_assertion_lives_five_minutes_at_most(target, expected):  # FAPI 2.0 5.3.2.1
    text = assertion(target, exp=target.now() + TEN_YEARS, iat=None)

    assert told(redeem_signed(signer(target), text)) == expected


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": 311},
        {"exp": -10},
        {"exp": None},
        {"nbf": 61},
        {"iat": 61},
        {"iss": "other"},
        {"sub": "other"},
        {"sub": None},
        {"jti": None},
    ],
    ids=str,
)
def test_attack_A07_an_assertion_is_right_in_everything(ours, claims):
    now = ours.now()
    moved = {name: now + one if isinstance(one, int) else one for name, one in claims.items()}

    assert told(redeem_signed(signer(ours), assertion(ours, **moved))) == "invalid_client"


@pytest.mark.parametrize("path", [REVOKE, INTROSPECT])
@pytest.mark.parametrize(
    "audience",
    [*("https://evil.example", ORIGIN + "/", ORIGIN + REVOKE, ORIGIN + INTROSPECT), None, 5, []],
    ids=str,
)
def test_attack_A08_an_assertion_for_somebody_else_is_refused(ours, path, audience):
    signer(ours)
    form = {"client_id": "signer", "token": "x", "client_assertion_type": ASSERTION_TYPE}

    answer = ours.post(path, {**form, "client_assertion": assertion(ours, aud=audience)})

    assert told(answer) == "invalid_client"


def forgeries(target):
    good = assertion(target)
    claims = {"iss": "signer", "sub": "signer", "aud": ORIGIN, "exp": target.now() + 60, "jti": "x"}
    shared = key_pair("RSA", 7).as_pem(private=False)
    return {
        "HS256 by the public key": hs256(claims, shared, kid="rsa"),
        "none": unsigned(claims, kid="rsa"),
        "crit": with_header(good, crit=["x"], x=1),
        "quotes in kid": with_header(good, kid="\"' OR 1=1 --"),
        "another key": assertion(target, key_pair("RSA", 8)),
        "no parts": "x",
        "no JSON": "e30.e30.e30",
        "not ASCII": "é.é.é",
    }


FORGERIES = [
    *("HS256 by the public key", "none", "crit", "quotes in kid", "another key"),
    *("no parts", "no JSON", "not ASCII"),
]


@pytest.mark.parametrize("name", FORGERIES)
def test_attack_A09_a_forged_assertion_is_a_refusal(ours, name):
    answer = redeem_signed(signer(ours), forgeries(ours)[name])

    assert told(answer) in {"invalid_client", "invalid_request"}
