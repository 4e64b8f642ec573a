"""Who sends a request to the machine endpoints: attacks A01 to A03 and A10 to A14."""

from base64 import b64encode, urlsafe_b64decode
from dataclasses import replace
from datetime import timedelta

import pytest

from idp.adapters.randomness import SystemRandomness
from idp.domain.clients.client import SECRET_PURPOSE, ClientSecret, ClientState
from tests.attack.both import at_both
from tests.attack.targets import INTROSPECT, REVOKE, SECRET, TOKEN, AtHub, redeem_as, told
from tests.fakes import NOON
from tests.protocol.hub import ASSERTION_TYPE, basic


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

    assert counting.purposes == [SECRET_PURPOSE, "garbage"] * 4


def guess(target, times, client_id="portal"):
    wrong = {"Authorization": basic(client_id, "wrong")}
    return [target.post(TOKEN, {"grant_type": "x"}, wrong).status_code for _ in range(times)]


MOST, MOST_OF_NETWORK = 20, 120
"""Wrong credentials in a minute: of one client, and of all behind one address."""


def test_attack_A13_guesses_at_a_secret_are_counted(ours):  # RFC 6819 5.1.4.2
    ours.register()

    assert guess(ours, MOST + 1) == [401] * MOST + [429]


def test_attack_A13_the_right_secret_still_passes(ours):
    portal = ours.register()
    guess(ours, MOST + 1)

    assert told(redeem_as(portal, {"Authorization": basic("portal", SECRET)})) == "tokens"


def test_attack_A13_a_network_is_counted_over_all_clients(ours):
    statuses = guess(ours, MOST_OF_NETWORK + 1, "nobody")

    assert statuses == [401] * MOST_OF_NETWORK + [429]


def test_attack_A13_a_secret_has_256_bits():
    assert len(urlsafe_b64decode(SystemRandomness().token() + "==")) == 32


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
