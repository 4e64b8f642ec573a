"""Who sends a request to the machine endpoints: attacks A01 to A14."""

from base64 import b64encode, urlsafe_b64decode
from dataclasses import replace
from datetime import timedelta

import pytest

from idp.adapters.chance import SystemChance
from idp.domain.client import SECRET_PURPOSE, ClientSecret, ClientState
from idp.domain.limits import CLIENT_AUTH_FAILURES, NETWORK_LIMITS, NetworkAction
from tests.attack.both import at_both
from tests.attack.forgeries import hs256, unsigned, with_header
from tests.attack.targets import (
    INTROSPECT,
    REVOKE,
    SECRET,
    TOKEN,
    AtHub,
    at_once,
    told,
)
from tests.fakes import NOON
from tests.protocol.hub import ASSERTION_TYPE, VERIFIER, basic, key_pair, sign
from tests.web.hub import ORIGIN

SIGNS = "private_key_jwt"
TOKEN_URL = ORIGIN + TOKEN
PUBLIC = {
    "keys": [
        {**key_pair("RSA", 7).as_dict(private=False), "kid": "rsa"},
        {**key_pair("ES256").as_dict(private=False), "kid": "ec"},
    ]
}


def redeem_as(portal, headers=None, **credentials):
    """Redeem a good code with these credentials."""
    form = {
        "grant_type": "authorization_code",
        "code": portal.obtain_code(),
        "redirect_uri": portal.redirect_uri,
        "code_verifier": VERIFIER,
        **credentials,
    }
    return portal.target.post(TOKEN, form, headers)


@pytest.mark.parametrize("path", [TOKEN, REVOKE, INTROSPECT])
def test_attack_A01_a_client_with_a_secret_needs_it(ours, path):  # RFC 6749 3.2.1
    ours.register()
    form = {"client_id": "portal", "token": "x", "grant_type": "authorization_code", "code": "x"}

    answer = ours.post(path, form)

    assert (answer.status_code, told(answer)) == (401, "invalid_client")


@pytest.mark.parametrize("path", ["/oauth2/par", "/oauth2/device_authorization"])
def test_attack_A01_what_is_not_there_needs_no_secret(ours, path):
    assert ours.post(path, {"client_id": "portal"}).status_code == 404


@at_both(hub="invalid_request", naive="tokens")
def test_attack_A02_a_secret_is_shown_once(target, expected):  # RFC 6749 2.3
    portal = target.register()
    in_body = {"client_id": "portal", "client_secret": SECRET}

    assert (
        told(redeem_as(portal, {"Authorization": basic("portal", SECRET)}, **in_body)) == expected
    )


@at_both(hub="invalid_request", naive="tokens")
def test_attack_A02_an_assertion_does_not_go_beside_a_secret(target, expected):
    portal = target.register()
    in_body = {"client_assertion": "a.b.c", "client_assertion_type": ASSERTION_TYPE}

    assert (
        told(redeem_as(portal, {"Authorization": basic("portal", SECRET)}, **in_body)) == expected
    )


@at_both(hub="invalid_request", naive="tokens")
def test_attack_A03_a_request_names_one_client(target, expected):  # RFC 6749 2.3
    portal = target.register()
    target.register("other")

    answer = redeem_as(portal, {"Authorization": basic("portal", SECRET)}, client_id="other")

    assert told(answer) == expected


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
        work.once.forget_expired(ours.hub.clock())

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


@pytest.mark.parametrize("age", ["expired", "rotated out"])
def test_attack_A10_a_secret_ends(ours, age):  # RFC 7591 3.2.1, client_secret_expires_at
    portal = ours.register()
    (secret,) = ours.client().secrets
    digest = ours.hub.deps.vault.digest("new", purpose=SECRET_PURPOSE)
    newer = [ClientSecret(digest, NOON)] if age == "rotated out" else []
    ends = replace(secret, expires_at=NOON + timedelta(minutes=5))
    ours.change_client(secrets=(*newer, ends))
    ours.later(minutes=5)
    ours.sign_in()

    answer = redeem_as(portal, {"Authorization": basic("portal", SECRET)})

    assert told(answer) == "invalid_client"


def encoded(credentials):
    return "Basic " + b64encode(credentials).decode()


@pytest.mark.parametrize(
    "header", [encoded(b"\xff\xfe:x"), encoded("portal:رمز".encode())], ids=["bytes", "Persian"]
)
@at_both(hub="invalid_client", naive="500")
def test_attack_A11_odd_credentials_are_a_refusal(target, expected, header):
    assert told(redeem_as(target.register(), {"Authorization": header})) == expected


@at_both(hub="invalid_client", naive="500")
def test_attack_A11_a_client_without_a_secret_has_none_to_show(target, expected):
    portal = target.register()
    target.forget_secret("portal")

    assert told(redeem_as(portal, {"Authorization": basic("portal", "x")})) == expected


@pytest.mark.parametrize(
    "header",
    [
        *("Basic", "Basic !", "", "é", "Bearer abc", "Digest username=portal"),
        *map(
            encoded, [b"portal", b":secret", b"portal:\x00", b"%00:x", b"%ff:x", b"%zz:%", b"a+b:+"]
        ),
    ],
)
def test_attack_A11_what_is_no_Basic_is_401(ours, header):  # RFC 6749 2.3.1
    answer = redeem_as(ours.register(), {"Authorization": header})

    assert (answer.status_code, told(answer)) == (401, "invalid_client")


class CountingVault:
    """Says for what it was asked to digest."""

    def __init__(self, vault):
        self._vault = vault
        self.purposes = []

    def digest(self, value, *, purpose):
        self.purposes.append(purpose)
        return self._vault.digest(value, purpose=purpose)

    def __getattr__(self, name):
        return getattr(self._vault, name)


def test_attack_A12_every_refusal_computes_the_same(make_hub, a_vault):
    """As many digests of equal length for unknown clients as for known ones."""
    counting = CountingVault(a_vault)
    hub = make_hub(vault=counting)
    target = AtHub(hub.app, hub=hub)
    target.register()
    counting.purposes.clear()

    for client_id in ("portal", "nobody"):
        for secret in ("wrong", "w" * 5000):
            target.post(TOKEN, {"grant_type": "x"}, {"Authorization": basic(client_id, secret)})

    assert counting.purposes == [SECRET_PURPOSE] * 4


def guess(target, times, client_id="portal"):
    wrong = {"Authorization": basic(client_id, "wrong")}
    return [target.post(TOKEN, {"grant_type": "x"}, wrong).status_code for _ in range(times)]


@pytest.mark.parametrize("client_id", ["portal", "nobody"])
def test_attack_A13_guesses_at_a_secret_are_counted(ours, client_id):  # RFC 6819 5.1.4.2
    ours.register()
    most = CLIENT_AUTH_FAILURES.count

    assert guess(ours, most + 1, client_id) == [401] * most + [429]


def test_attack_A13_the_right_secret_still_passes(ours):
    portal = ours.register()
    guess(ours, CLIENT_AUTH_FAILURES.count + 1)

    assert told(redeem_as(portal, {"Authorization": basic("portal", SECRET)})) == "tokens"


def test_attack_A13_a_network_is_counted_over_all_clients(ours):
    most = NETWORK_LIMITS[NetworkAction.CLIENT_AUTH].count
    names = [f"portal-{number}" for number in range(most + 1)]
    statuses = [guess(ours, 1, ours.register(name).client_id)[0] for name in names]

    assert statuses == [401] * most + [429]


def test_attack_A13_a_secret_has_256_bits():
    assert len(urlsafe_b64decode(SystemChance().token() + "==")) == 32


@pytest.mark.parametrize("path", [TOKEN, REVOKE, INTROSPECT])
def test_attack_A14_a_suspended_client_is_served_nowhere(ours, path):
    portal = ours.register()
    tokens = portal.obtain_tokens()
    form = {"grant_type": "authorization_code", "code": portal.obtain_code()}
    ours.change_client(state=ClientState.SUSPENDED)

    answer = portal.send(path, {**form, "token": tokens["access_token"]})

    assert (answer.status_code, told(answer)) == (401, "invalid_client")


def test_attack_A14_its_requests_end_here_and_its_tokens_die(ours):
    portal = ours.register()
    token = portal.obtain_tokens()["access_token"]
    ours.change_client(state=ClientState.SUSPENDED)

    assert told(portal.ask()) == "page 400"
    assert ours.userinfo(token).status_code == 401
