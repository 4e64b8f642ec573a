"""Codes and PKCE: attacks C01 to C13, C25."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from idp.domain.clients.client import ClientState
from idp.domain.people.account import AccountState
from idp.protocol.core.subjects import session_identifier
from idp.protocol.token.code import PURPOSE, new, seal
from tests import factories
from tests.protocol.hub import BROWSER, ISSUER, VERIFIER, challenge_of, read_claims, response_of


def refused(reply, error="invalid_grant", status=400):
    assert (reply.status, reply.body.get("error")) == (status, error), reply.body
    return True


def test_attack_C01_a_code_works_once(portal):  # RFC 6749 4.1.2
    code = portal.obtain_code()
    portal.redeem(code)

    assert refused(portal.redeem(code))


def test_a_code_of_a_later_version_is_redeemed(hub, portal):  # F27
    vault = hub.at.vault
    values = json.loads(vault.open(portal.obtain_code(), purpose=PURPOSE))
    later = json.dumps(values | {"later_member": 1}).encode()

    assert portal.redeem(vault.seal(later, purpose=PURPOSE)).status == 200


def test_attack_C01_a_replay_revokes_what_the_first_use_gave(hub, portal):  # RFC 6749 4.1.2
    code = portal.obtain_code(scope="openid offline_access")
    tokens = portal.redeem(code).body
    portal.redeem(code)

    assert hub.userinfo(tokens["access_token"]).status == 401
    assert refused(portal.refresh(tokens["refresh_token"]))


def test_attack_C01_a_late_replay_revokes_too(hub, portal):
    code = portal.obtain_code(scope="openid offline_access")
    tokens = portal.redeem(code).body
    hub.move(seconds=300)

    portal.redeem(code)

    assert refused(portal.refresh(tokens["refresh_token"]))


def test_a_replay_is_written_into_the_audit(hub, portal):
    code = portal.obtain_code()
    portal.redeem(code)
    portal.redeem(code)

    with hub.at.begin(read_only=True) as work:
        entry = work.audit.tail(1)[0]
    assert (entry.action, entry.details) == ("grant.revoked", {"reason": "code_replayed"})


def test_attack_C02_of_sixteen_at_once_one_succeeds(hub, portal):
    code = portal.obtain_code()
    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(lambda _: portal.redeem(code), range(16)))

    assert sorted(reply.status for reply in replies) == [200] + [400] * 15
    token = next(r.body["access_token"] for r in replies if r.status == 200)
    assert hub.userinfo(token).status == 401


def test_attack_C03_C06_a_code_is_of_its_client(hub, portal):  # RFC 6749 4.1.3
    other = hub.register(client_id="other")

    assert refused(other.redeem(portal.obtain_code()))


def test_attack_C03_another_client_cannot_burn_a_code(hub, portal):
    other = hub.register(client_id="other")
    code = portal.obtain_code()
    other.redeem(code)

    assert portal.redeem(code).status == 200


def test_attack_C04_a_code_is_good_for_less_than_a_minute(hub, portal):  # ASVS 10.4.3
    code = portal.obtain_code()
    hub.move(seconds=60)

    assert refused(portal.redeem(code))


def test_a_code_is_good_until_then(hub, portal):
    code = portal.obtain_code()
    hub.move(seconds=59.9)

    assert portal.redeem(code).status == 200


@pytest.mark.parametrize(
    "change",
    [{"state": AccountState.SUSPENDED}, {"state": AccountState.CLOSED}, {"epoch": 1}],
    ids=str,
)
def test_attack_C05_a_code_dies_with_the_account(hub, portal, change):
    code = portal.obtain_code()
    hub.account(**change)

    assert refused(portal.redeem(code))


def test_attack_C05_a_code_dies_with_the_session(hub, portal):
    code = portal.obtain_code()
    with hub.at.begin() as work:
        work.sessions.end("session-1", hub.clock())

    assert refused(portal.redeem(code))


def test_attack_A14_a_code_dies_with_the_client(portal):
    code = portal.obtain_code()
    portal.change(state=ClientState.SUSPENDED)

    assert refused(portal.redeem(code), "invalid_client", 401)


def test_attack_C06_a_code_of_one_browser_needs_that_ones_verifier(portal):
    code = portal.obtain_code(code_challenge=challenge_of("w" * 43))

    assert refused(portal.redeem(code))


@pytest.mark.parametrize("change", [lambda c: c[:-1], lambda c: c + "A", str.swapcase, str.upper])
def test_attack_C07_a_changed_code_is_no_code(portal, change):
    assert refused(portal.redeem(change(portal.obtain_code())))


@pytest.mark.parametrize("code", ["x", ".", "k1.", "k1.AAAA", "k1." + "A" * 300, "é", "\x00"])
def test_attack_C07_made_up_codes_are_refused(portal, code):
    assert portal.redeem(code).status == 400


def test_attack_C07_no_other_seal_of_ours_is_a_code(hub, portal):
    sealed = portal.authorize(session=None).sealed

    assert refused(portal.redeem(sealed))


@pytest.mark.parametrize(
    "verifier",
    [
        None,
        "short",
        VERIFIER[:-1],
        VERIFIER + "\n",
        VERIFIER + "=",
        "v" * 129,
        challenge_of(VERIFIER),
        VERIFIER.upper(),
    ],
)
def test_attack_C10_C12_only_the_verifier_itself_will_do(portal, verifier):  # RFC 7636 4.6
    assert portal.redeem(portal.obtain_code(), code_verifier=verifier).status == 400


def test_attack_C09_a_verifier_belongs_to_a_challenge(hub, portal):  # RFC 9700 4.8.2
    """No request gets past the endpoint without one; a code of an older version could."""
    context = hub.provider.open_context(portal.authorize(session=None).sealed, BROWSER)
    redirect = portal.client.match_redirect(context.redirect_uri)
    bare = seal(hub.at, new(hub.at, replace(context, code_challenge=None), redirect, hub.session))

    assert refused(portal.redeem(bare))


def test_attack_C12_a_wrong_verifier_burns_the_code(portal):
    code = portal.obtain_code()
    portal.redeem(code, code_verifier="x" * 43)

    assert refused(portal.redeem(code))


@pytest.mark.parametrize("uri", ["https://portal.example/other", None])
def test_attack_R13_the_address_must_be_the_one_of_the_request(portal, uri):  # RFC 6749 4.1.3
    assert refused(portal.redeem(portal.obtain_code(), redirect_uri=uri))


def test_attack_R13_a_wrong_address_burns_the_code(portal):
    code = portal.obtain_code()
    portal.redeem(code, redirect_uri="https://portal.example/other")

    assert refused(portal.redeem(code))


@pytest.mark.parametrize("grant_type", ["password", "implicit", "x"])
def test_attack_C13_other_grants_do_not_exist(portal, grant_type):  # RFC 9700 2.4
    reply = portal.token(grant_type=grant_type, username="a", password="b")

    assert refused(reply, "unsupported_grant_type")


def test_attack_C13_a_grant_type_must_be_registered(hub):
    portal = hub.register(grant_types=frozenset({"authorization_code"}))

    assert refused(portal.refresh("x"), "unauthorized_client")


@pytest.mark.parametrize("missing", ["code", "grant_type"])
def test_missing_parameters_are_an_invalid_request(portal, missing):  # RFC 6749 5.2
    form = {"grant_type": "authorization_code", "code": "x", missing: None}

    assert portal.token(**form).status == 400


def test_answers_of_the_token_endpoint_are_not_stored(portal):  # RFC 6749 5.1
    good = portal.redeem(portal.obtain_code())
    bad = portal.redeem("x")

    assert good.headers["Cache-Control"] == bad.headers["Cache-Control"] == "no-store"


def test_a_portal_that_learnt_of_the_session_is_remembered(hub, portal):
    portal.obtain_tokens()

    with hub.at.begin(read_only=True) as work:
        assert list(work.sessions.visited("session-1")) == ["portal"]


def test_a_failure_of_the_keys_burns_nothing(hub, portal):
    code = portal.obtain_code()
    portal.change(id_token_signed_response_alg="ES384")
    assert portal.redeem(code).status == 503
    portal.change(id_token_signed_response_alg="RS256")

    assert portal.redeem(code).status == 200


def test_the_id_token_says_what_happened_at_sign_in(portal, hub):  # OIDC Core 2
    hub.move(seconds=30)

    claims = read_claims(portal.obtain_tokens()["id_token"])

    assert claims["iss"] == ISSUER
    assert claims["aud"] == "portal"
    assert claims["auth_time"] == int(hub.session.auth_time.timestamp())
    assert claims["iat"] == int(hub.clock().timestamp())
    assert (claims["acr"], claims["amr"]) == (hub.session.acr, ["pwd"])
    assert claims["sid"] == session_identifier(hub.at.vault, portal.client, "session-1")


def test_attack_J10_the_id_token_holds_nobodys_data(portal):  # D7
    claims = read_claims(portal.obtain_tokens(scope="openid profile email phone")["id_token"])

    assert set(claims) == {
        *("iss", "sub", "aud", "azp", "exp", "iat", "auth_time", "nonce"),
        *("acr", "amr", "sid", "at_hash"),
    }


def test_without_a_nonce_there_is_none(portal):
    assert "nonce" not in read_claims(portal.obtain_tokens(nonce=None)["id_token"])


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256", "EdDSA"])
def test_attack_J15_at_hash_is_there_for_every_algorithm(hub, alg):  # OIDC Core 3.1.3.6
    portal = hub.register(id_token_signed_response_alg=alg)

    assert read_claims(portal.obtain_tokens()["id_token"])["at_hash"]


def test_attack_J11_nothing_is_signed_with_none(hub):
    portal = hub.register(id_token_signed_response_alg="none")

    assert portal.redeem(portal.obtain_code()).status == 503


def test_attack_J20_subjects_differ_from_sector_to_sector(hub, portal):  # OIDC Core 8.1
    other = hub.register(client_id="other", sector="other.example")

    subs = {read_claims(p.obtain_tokens()["id_token"])["sub"] for p in (portal, other)}

    assert len(subs) == 2
    assert all(factories.NATIONAL_ID.value not in sub for sub in subs)


def test_portals_of_one_sector_share_a_subject(hub, portal):  # OIDC Core 8.1
    sister = hub.register(client_id="sister")

    subs = {read_claims(p.obtain_tokens()["id_token"])["sub"] for p in (portal, sister)}

    assert len(subs) == 1


def test_public_subjects_are_the_same_everywhere(hub):
    clients = [
        hub.register(client_id=name, sector=f"{name}.example", subject_type="public")
        for name in ("one", "two")
    ]

    subs = {read_claims(p.obtain_tokens()["id_token"])["sub"] for p in clients}

    assert len(subs) == 1
    assert "account-1" not in subs.pop()


def test_access_tokens_are_of_RFC_9068(portal):  # RFC 9068 2.2
    claims = read_claims(portal.obtain_tokens()["access_token"])

    assert claims.keys() >= {"iss", "exp", "aud", "sub", "client_id", "iat", "jti", "scope"}
    assert claims["exp"] - claims["iat"] == 600


def test_the_answer_of_authorize_holds_no_token(portal):  # RFC 9700 2.1.2
    assert response_of(portal.authorize()).keys() == {"code", "state", "iss"}


def test_no_code_and_no_token_gets_into_a_log(hub, portal, caplog):
    with caplog.at_level("DEBUG"):
        code = portal.obtain_code(scope="openid offline_access", login_hint="9994863177")
        tokens = portal.redeem(code).body
        portal.refresh(tokens["refresh_token"])
        portal.redeem(code)

    secrets = (code, tokens["access_token"], tokens["refresh_token"], "9994863177")
    assert not [secret for secret in secrets if secret in caplog.text]
