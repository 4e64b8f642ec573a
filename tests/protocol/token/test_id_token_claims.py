"""``id_token_claims``: for libraries that read the ID token alone (OIDC Core 5.4, 5.5)."""

import pytest

from tests.protocol.hub import read_claims

NATIONAL_ID = "https://account.tamin.ir/claims/national_id"
PHYSICIAN = "https://account.tamin.ir/claims/physician"
EVERYTHING = "openid profile email phone national_id tamin.roles tamin.physician offline_access"


@pytest.fixture
def portal(hub):
    portal = hub.register(id_token_claims=True)
    portal.change(scopes=portal.client.scopes | {"tamin.physician"})
    return portal


def test_the_id_token_has_what_userinfo_has(portal):
    tokens = portal.obtain_tokens(scope="openid profile email")
    told = portal.hub.userinfo(tokens["access_token"]).body

    assert told.items() <= read_claims(tokens["id_token"]).items()


def test_attack_D7_but_neither_national_id_nor_council_number(portal):
    claims = read_claims(portal.obtain_tokens(scope=EVERYTHING)["id_token"])

    assert claims["phone_number"]
    assert not {NATIONAL_ID, PHYSICIAN} & claims.keys()


def test_a_refresh_gives_them_again(portal):  # OIDC Core 12.2
    tokens = portal.obtain_tokens(scope=EVERYTHING)

    assert read_claims(portal.refresh(tokens["refresh_token"]).body["id_token"])["name"]


def test_they_are_of_the_granted_scopes_alone(portal):
    assert "email" not in read_claims(portal.obtain_tokens(scope="openid profile")["id_token"])


def test_who_does_not_ask_for_it_gets_protocol_claims(hub):
    portal = hub.register()

    assert "name" not in read_claims(portal.obtain_tokens()["id_token"])


def test_the_release_is_noted(portal):
    portal.obtain_tokens(scope="openid profile")
    with portal.hub.at.begin(read_only=True) as work:
        [release] = work.releases.of_account(portal.hub.session.account_id)

    assert "name" in release.claims


def test_a_citizen_without_e_mail_has_a_user_name(portal):  # OIDC Core 5.1
    portal.hub.account(email=None)
    claims = read_claims(portal.obtain_tokens(scope="openid profile email")["id_token"])

    assert claims["preferred_username"] == claims["sub"]
    assert "email" not in claims


def test_attack_J20_the_user_name_is_the_portals_own(hub, portal):
    other = hub.register(client_id="other", sector="other.example")

    names = {
        hub.userinfo(one.obtain_tokens()["access_token"]).body["preferred_username"]
        for one in (portal, other)
    }
    assert len(names) == 2
