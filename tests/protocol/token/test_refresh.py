"""Refresh families: attacks C15 to C22."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from idp.domain.people.account import AccountState
from tests import factories
from tests.protocol.hub import read_claims
from tests.protocol.token.test_codes import refused


@pytest.fixture
def tokens(portal):
    return portal.obtain_offline()


def test_a_refresh_token_comes_with_offline_access_only(portal):  # OIDC Core 11
    assert "refresh_token" not in portal.obtain_tokens()


def test_a_refresh_gives_a_new_pair(portal, tokens):  # RFC 6749 6
    fresh = portal.refresh(tokens["refresh_token"]).body

    assert fresh["access_token"] != tokens["access_token"]
    assert fresh["refresh_token"] != tokens["refresh_token"]


def test_the_id_token_of_a_refresh_tells_of_the_same_sign_in(hub, portal, tokens):
    # OIDC Core 12.2
    hub.move(hours=5)

    first = read_claims(tokens["id_token"])
    second = read_claims(portal.refresh(tokens["refresh_token"]).body["id_token"])

    same = ("iss", "sub", "aud", "auth_time")
    assert [second[name] for name in same] == [first[name] for name in same]
    assert second["iat"] > first["iat"]
    assert "nonce" not in second


def test_attack_C15_more_scope_than_granted_is_refused(portal, tokens):  # RFC 6749 6
    reply = portal.refresh(tokens["refresh_token"], scope="openid national_id")

    assert refused(reply, "invalid_scope")


def test_attack_C15_the_refusal_names_the_scope(portal, tokens):
    reply = portal.refresh(tokens["refresh_token"], scope="openid national_id")

    assert "national_id" in reply.body["error_description"]


@pytest.mark.parametrize("beside", ["nonsense", "tamin.physician"])
def test_unknown_and_unallowed_scopes_are_left_out(portal, tokens, beside):  # RFC 6749 3.3, 6
    reply = portal.refresh(tokens["refresh_token"], scope=f"openid {beside}")

    assert reply.body["scope"] == "openid"


def test_nothing_but_unknown_scopes_is_refused(portal, tokens):  # RFC 6749 5.2
    assert refused(portal.refresh(tokens["refresh_token"], scope="nonsense"), "invalid_scope")


def test_a_refused_scope_does_not_use_the_token_up(portal, tokens):
    portal.refresh(tokens["refresh_token"], scope="openid national_id")

    assert portal.refresh(tokens["refresh_token"]).status == 200


def test_attack_C15_a_scope_taken_from_the_client_is_gone(portal, tokens):
    portal.change(scopes=portal.client.scopes - {"profile"})

    fresh = portal.refresh(tokens["refresh_token"]).body

    assert fresh["scope"] == "openid offline_access"


def test_a_narrower_scope_narrows_the_access_token_only(portal, tokens):  # RFC 6749 6
    narrow = portal.refresh(tokens["refresh_token"], scope="openid").body
    wide = portal.refresh(narrow["refresh_token"]).body

    assert narrow["scope"] == "openid"
    assert wide["scope"] == "openid profile offline_access"


def test_attack_C16_another_client_ends_the_family(hub, portal, tokens):  # RFC 6749 10.4
    other = hub.register(client_id="other")

    assert refused(other.refresh(tokens["refresh_token"]))
    assert refused(portal.refresh(tokens["refresh_token"]))


def test_attack_C17_a_used_token_ends_the_family(hub, portal, tokens):  # RFC 9700 4.14.2
    fresh = portal.refresh(tokens["refresh_token"]).body
    hub.move(seconds=11)

    assert refused(portal.refresh(tokens["refresh_token"]))
    assert refused(portal.refresh(fresh["refresh_token"]))
    assert hub.userinfo(fresh["access_token"]).status == 401


def test_attack_C18_a_repeat_within_the_grace_gets_the_same_successor(hub, portal, tokens):
    fresh = portal.refresh(tokens["refresh_token"]).body
    hub.move(seconds=9)

    again = portal.refresh(tokens["refresh_token"]).body

    assert again["refresh_token"] == fresh["refresh_token"]


def test_attack_C18_sixteen_at_once_get_one_successor(portal, tokens):
    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(lambda _: portal.refresh(tokens["refresh_token"]), range(16)))

    good = {reply.body["refresh_token"] for reply in replies if reply.status == 200}
    assert len(good) == 1


@pytest.mark.parametrize("jump", [{}, {"hours": 1}, {"hours": -1}, {"days": -400}], ids=str)
def test_attack_C19_a_revoked_family_stays_dead(hub, portal, tokens, jump):
    portal.revoke(tokens["refresh_token"])
    hub.move(**jump)

    assert refused(portal.refresh(tokens["refresh_token"]))


def test_attack_C19_a_used_token_stays_used_when_the_clock_is_set_back(hub, portal, tokens):
    fresh = portal.refresh(tokens["refresh_token"]).body
    hub.move(hours=-1)

    assert refused(portal.refresh(tokens["refresh_token"]))
    assert refused(portal.refresh(fresh["refresh_token"]))


@pytest.mark.parametrize(
    "change",
    [{"state": AccountState.SUSPENDED}, {"state": AccountState.CLOSED}, {"epoch": 1}],
    ids=str,
)
def test_attack_C20_a_family_dies_with_the_account(hub, portal, tokens, change):
    hub.account(**change)

    assert refused(portal.refresh(tokens["refresh_token"]))


def test_attack_C20_a_family_dies_with_the_consent(hub):
    portal = hub.register(first_party=False)
    scopes = frozenset({"openid", "profile", "offline_access"})
    with hub.at.begin() as work:
        work.consents.save(factories.consent(scopes=scopes))
    tokens = portal.obtain_offline()
    with hub.at.begin() as work:
        work.consents.revoke("account-1", "portal", hub.clock())

    assert refused(portal.refresh(tokens["refresh_token"]))
    assert hub.userinfo(tokens["access_token"]).status == 401


def test_attack_C20_a_family_dies_with_the_grant_type(portal, tokens):
    portal.change(grant_types=frozenset({"authorization_code"}))

    assert refused(portal.refresh(tokens["refresh_token"]), "unauthorized_client")


def test_an_unused_token_falls_idle(hub, portal, tokens):  # RFC 9700 4.14.2
    hub.move(days=30)

    assert refused(portal.refresh(tokens["refresh_token"]))


def test_attack_C21_a_family_has_an_absolute_end(hub, portal, tokens):  # ASVS 10.4.8
    token = tokens["refresh_token"]
    for _ in range(8):
        hub.move(days=20)
        token = portal.refresh(token).body["refresh_token"]
    hub.move(days=20)

    assert refused(portal.refresh(token))


def test_an_offline_family_outlives_the_session(hub, portal, tokens):  # OIDC Core 11
    with hub.at.begin() as work:
        work.sessions.end("session-1", hub.clock())

    assert portal.refresh(tokens["refresh_token"]).status == 200


def test_attack_SE08_what_is_not_offline_ends_with_the_session(hub, portal):
    online = portal.obtain_tokens()
    with hub.at.begin() as work:
        work.sessions.end("session-1", hub.clock())

    assert hub.userinfo(online["access_token"]).status == 401


@pytest.mark.parametrize("change", [lambda t: t[:-1], lambda t: t + "A", str.swapcase])
def test_attack_J12_a_changed_refresh_token_is_none(portal, tokens, change):
    assert refused(portal.refresh(change(tokens["refresh_token"])))


def test_the_store_knows_no_refresh_token(hub, portal, tokens, tmp_path):
    portal.refresh(tokens["refresh_token"])

    content = (tmp_path / "protocol.sqlite3").read_bytes()
    content += b"".join(path.read_bytes() for path in tmp_path.glob("*-wal"))
    assert tokens["refresh_token"].encode() not in content


def test_a_client_may_not_refresh_after_suspension(hub, portal, tokens):
    hub.save(replace(portal.client, state=type(portal.client.state).SUSPENDED))

    assert refused(portal.refresh(tokens["refresh_token"]), "invalid_client", 401)
