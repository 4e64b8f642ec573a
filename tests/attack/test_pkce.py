"""PKCE: attacks C08 to C12."""

import pytest

from tests.attack.both import at_both
from tests.attack.targets import told
from tests.protocol.hub import VERIFIER, challenge_of

PLAIN = "openid.without_pkce lets go without; see docs/integrate/client-file.md"
WITHOUT_PKCE = "[openid]\nwithout_pkce = true\n"


@pytest.mark.parametrize("method", ["none", "client_secret_basic"])
@at_both(hub="invalid_request", naive="code")
def test_attack_C08_a_request_needs_a_challenge(target, expected, method):  # RFC 9700 2.1.1
    portal = target.register(token_endpoint_auth_method=method)

    answer = portal.ask(code_challenge=None, code_challenge_method=None)

    assert told(answer) == expected


@pytest.mark.parametrize("settings", [WITHOUT_PKCE])
def test_attack_C08_a_public_client_needs_it_where_others_may_go_without(ours):
    portal = ours.register(token_endpoint_auth_method="none", require_pkce=False)

    answer = portal.ask(code_challenge=None, code_challenge_method=None)

    assert told(answer) == "invalid_request"


@pytest.mark.parametrize("settings", [WITHOUT_PKCE])
def test_attack_C09_a_verifier_belongs_to_a_challenge(ours):  # RFC 9700 4.8.2
    portal = ours.register(require_pkce=False)
    code = portal.obtain_code(code_challenge=None, code_challenge_method=None)

    assert told(portal.redeem(code)) == "invalid_grant"


@pytest.mark.parametrize("verifier", [None, ""], ids=["absent", "empty"])
def test_attack_C10_a_challenge_needs_its_verifier(ours, verifier):  # RFC 7636 4.6
    portal = ours.register()

    assert told(portal.redeem(portal.obtain_code(), code_verifier=verifier)) == "invalid_grant"


@pytest.mark.parametrize(
    "sent",
    [
        {"code_challenge_method": "plain", "code_challenge": VERIFIER},
        {"code_challenge_method": None},
        {"code_challenge_method": "s256"},
        {"code_challenge_method": "S512"},
        {"code_challenge": None},
        {"code_challenge": "A" * 42},
        {"code_challenge": "A" * 42 + "="},
        {"code_challenge": "A" * 42 + "\n"},
    ],
    ids=str,
)
def test_attack_C11_only_S256_is_taken(ours, sent):  # ASVS 10.4.6
    assert told(ours.register().ask(**sent)) in {"invalid_request", "page 400"}


def test_attack_C11_the_challenge_is_no_verifier(ours):
    portal = ours.register()
    shown = challenge_of(VERIFIER)

    assert told(portal.redeem(portal.obtain_code(), code_verifier=shown)) == "invalid_grant"


ODD = ["v", VERIFIER[:42], VERIFIER[:-1], VERIFIER + "=", "v" * 129, VERIFIER.upper(), "é" * 50]


@pytest.mark.parametrize("verifier", ODD)
def test_attack_C12_an_odd_verifier_is_refused(ours, verifier):  # RFC 7636 4.1
    portal = ours.register()
    refused = {"invalid_grant", "invalid_request"}

    assert told(portal.redeem(portal.obtain_code(), code_verifier=verifier)) in refused


@at_both(hub="invalid_request", naive="tokens")
def test_attack_C12_a_line_feed_is_no_part_of_a_verifier(target, expected):  # RFC 7636 4.1
    portal = target.register()
    code = portal.obtain_code(code_challenge=challenge_of(VERIFIER + "\n"))

    assert told(portal.redeem(code, code_verifier=VERIFIER + "\n")) == expected


@at_both(hub="invalid_grant", naive="tokens")
def test_attack_C12_a_wrong_verifier_burns_the_code(target, expected):
    portal = target.register()
    code = portal.obtain_code()
    portal.redeem(code, code_verifier="x" * 43)

    assert told(portal.redeem(code)) == expected
