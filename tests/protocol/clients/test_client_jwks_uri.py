"""A client's keys at its jwks_uri: fetched, kept for a while, fetched again."""

import json
import warnings
from dataclasses import replace
from functools import partial

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.jwk import RSAKey

from idp.domain.clients.client import ClientAuthMethod
from idp.protocol.provider import Provider
from tests.protocol.client_proofs import assertion, is_unknown, redeem_signed
from tests.protocol.hub import ISSUER, key_pair, response_of, sign


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


def test_no_citizen_waits_for_keys_that_are_known(hub, fetched):  # OIDC Core 10.1.1
    fetched.change(grant_types=frozenset({"authorization_code"}))
    request = partial(signed_request, hub, fetched)
    assert "code" in response_of(fetched.authorize(request=request()))
    hub.move(hours=2)
    started = []
    hub.at = replace(hub.at, beside=started.append)
    hub.provider = Provider(hub.at)

    assert "code" in response_of(fetched.authorize(request=request()))
    assert len(hub.web.asked) == 1

    [renew] = started
    renew()
    assert len(hub.web.asked) == 2


def signed_request(hub, portal):
    return sign({**portal.request(), "iss": "portal", "aud": ISSUER}, key_pair("RSA", 1), kid="one")
