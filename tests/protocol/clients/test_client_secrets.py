"""Secrets at the token endpoint, and clients without one: attacks A01 to A04, A10 to A14."""

import base64
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from idp.domain.clients.client import ClientAuthMethod, ClientSecret, ClientState
from tests.fakes import NOON
from tests.protocol.client_proofs import is_unknown, redeem_with
from tests.protocol.hub import ASSERTION_TYPE, SECRET, basic, encode
from tests.protocol.token.test_codes import refused


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
