"""Grants and refresh tokens: attacks C13 to C26."""

from dataclasses import replace

import pytest

from idp.domain.people.account import AccountState
from tests import factories
from tests.attack.both import at_both
from tests.attack.naive import DEVICE_CODE_GRANT_TYPE
from tests.attack.targets import (
    INTROSPECT,
    REVOKE,
    TOKEN,
    AtHub,
    at_once,
    parameters_of,
    told,
)
from tests.protocol.hub import VERIFIER
from tests.web.hub import ORIGIN

SHORT_LIVES = "[tokens]\nrefresh_idle_seconds = 172800\nrefresh_absolute_seconds = 345600\n"


@pytest.mark.parametrize("response_type", ["token", "id_token", "id_token token", "code token"])
def test_attack_C13_tokens_do_not_come_by_the_browser(ours, response_type):  # RFC 9700 2.1.2
    answer = ours.register().ask(response_type=response_type)

    assert told(answer) == "unsupported_response_type"
    assert "token" not in parameters_of(answer.location).keys() - {"id_token"}


def test_attack_C13_a_way_that_is_on_is_not_on_for_everybody(ours):
    portal = ours.register(grant_types=["authorization_code"])

    assert told(portal.refresh("x")) == "unauthorized_client"


@pytest.mark.parametrize("grant_type", ["password", "implicit", "AUTHORIZATION_CODE", "x"])
def test_attack_C13_other_grants_do_not_exist(ours, grant_type):  # RFC 9700 2.4
    form = {"grant_type": grant_type, "username": "9994863177", "password": "Salam#1234"}

    assert told(ours.register().send(TOKEN, form)) == "unsupported_grant_type"


@pytest.mark.parametrize("response_type", ["code code", "id_token code", "code,token", "Code", "x"])
def test_attack_C14_a_response_type_is_taken_or_refused(ours, response_type):
    told_of = told(ours.register().ask(response_type=response_type))

    assert told_of == "unsupported_response_type"


def test_attack_C15_more_scope_than_granted_is_refused(ours):  # RFC 6749 6
    portal = ours.register(scope=["openid", "profile", "offline_access", "national_id"])
    tokens = portal.obtain_offline()

    asked = portal.refresh(tokens["refresh_token"], scope="openid national_id")

    assert told(asked) == "invalid_scope"


def test_attack_C15_a_scope_taken_from_the_client_is_gone(ours):
    portal = ours.register()
    tokens = portal.obtain_offline()
    ours.change_client(scopes=frozenset({"openid", "offline_access"}))

    fresh = portal.refresh(tokens["refresh_token"]).json

    assert fresh["scope"] == "openid offline_access"
    assert ours.userinfo(tokens["access_token"]).json.keys() == {"sub"}


def test_attack_C16_another_client_ends_the_family(ours):  # RFC 6749 10.4
    portal, other = ours.register(), ours.register("other")
    refresh_token = portal.obtain_offline()["refresh_token"]

    assert told(other.refresh(refresh_token)) == "invalid_grant"
    assert told(portal.refresh(refresh_token)) == "invalid_grant"


@at_both(hub=["invalid_grant", "invalid_grant"], naive=["invalid_grant", "tokens"])
def test_attack_C17_a_used_token_ends_the_family(target, expected):  # RFC 9700 4.14.2
    portal = target.register()
    old = portal.obtain_offline()["refresh_token"]
    new = portal.refresh(old).get_json()["refresh_token"]
    target.later(seconds=11)

    assert [told(portal.refresh(old)), told(portal.refresh(new))] == expected


@at_both(hub=1, naive="several")
def test_attack_C18_of_sixteen_at_once_all_get_one_successor(target, expected):
    portal = target.register()

    def families():
        old = portal.obtain_offline()["refresh_token"]
        answers = at_once(lambda: portal.refresh(old))
        return len({one.get_json()["refresh_token"] for one in answers if told(one) == "tokens"})

    most = max(families() for _ in range(3))

    assert (most if most < 2 else "several") == expected


@pytest.mark.parametrize("jump", [{}, {"hours": 1}, {"hours": -1}, {"days": -400}], ids=str)
def test_attack_C19_a_revoked_token_stays_dead_after_a_restart(ours, make_hub, tmp_path, jump):
    portal = ours.register()
    refresh_token = portal.obtain_offline()["refresh_token"]
    portal.send(REVOKE, {"token": refresh_token})
    restarted = make_hub(url=f"sqlite:///{tmp_path / 'hub0.sqlite3'}", vault=ours.hub.deps.vault)
    again = replace(portal, target=AtHub.restarted(restarted))
    again.target.later(**jump)

    assert told(again.refresh(refresh_token)) == "invalid_grant"


@pytest.mark.parametrize(
    "change",
    [{"state": AccountState.SUSPENDED}, {"state": AccountState.CLOSED}, {"epoch": 1}],
    ids=["suspended", "closed", "new password"],
)
def test_attack_C20_a_family_dies_with_the_account(ours, change):
    portal = ours.register()
    refresh_token = portal.obtain_offline()["refresh_token"]
    ours.change_account(**change)

    assert told(portal.refresh(refresh_token)) == "invalid_grant"


def test_attack_C20_a_family_dies_with_the_consent(ours):
    scopes = frozenset({"openid", "profile", "offline_access"})
    portal = ours.register(first_party=False)
    with ours.hub.deps.begin() as work:
        work.consents.save(factories.consent(scopes=scopes))
    refresh_token = portal.obtain_offline()["refresh_token"]
    with ours.hub.deps.begin() as work:
        work.consents.revoke("account-1", "portal", ours.hub.clock())

    assert told(portal.refresh(refresh_token)) == "invalid_grant"


def test_attack_C20_a_family_dies_with_the_grant_type(ours):
    portal = ours.register()
    refresh_token = portal.obtain_offline()["refresh_token"]
    ours.change_client(grant_types=frozenset({"authorization_code"}))

    assert told(portal.refresh(refresh_token)) == "unauthorized_client"


@pytest.mark.parametrize("settings", [SHORT_LIVES])
def test_attack_C21_a_family_ends_though_it_is_used_daily(ours):  # ASVS 10.4.8
    portal = ours.register()
    token = portal.obtain_offline()["refresh_token"]
    for _ in range(3):
        ours.later(days=1)
        token = portal.refresh(token).json["refresh_token"]
    ours.later(days=1)

    assert told(portal.refresh(token)) == "invalid_grant"


def test_attack_C22_a_refresh_token_opens_nothing(ours):  # OIDC Core 16.9
    tokens = ours.register().obtain_offline()

    assert ours.userinfo(tokens["refresh_token"]).status_code == 401


def test_attack_C22_an_access_token_refreshes_nothing(ours):
    portal = ours.register()
    tokens = portal.obtain_offline()

    assert told(portal.refresh(tokens["access_token"])) == "invalid_grant"


def test_attack_C22_a_resource_server_takes_no_refresh_token(ours):
    tokens = ours.register().obtain_offline()
    api = ours.register("api")

    told_of = api.send(INTROSPECT, {"token": tokens["refresh_token"]}).json

    assert told_of == {"active": False}


@at_both(hub="page 404", naive="tokens")
def test_attack_C23_a_device_code_gives_tokens_once(target, expected):  # RFC 8628 3.5
    """The hub has no device grant."""
    portal = target.register(grant_types=[*("authorization_code", "refresh_token")])
    target.allow_devices("portal")
    asked = portal.send("/oauth2/device_authorization", {"scope": "profile"})
    if told(asked) == "ok":
        device = asked.get_json()
        confirmed = {"user_code": device["user_code"], "confirm": "yes"}
        target.citizen.post("/device", data=confirmed, base_url=ORIGIN)
        poll = {"grant_type": DEVICE_CODE_GRANT_TYPE, "device_code": device["device_code"]}
        portal.send(TOKEN, poll)
        asked = portal.send(TOKEN, poll)

    assert told(asked) == expected


def test_attack_C23_no_grant_takes_a_device_code(ours):
    form = {"grant_type": DEVICE_CODE_GRANT_TYPE, "device_code": "x"}

    assert told(ours.register().send(TOKEN, form)) == "unsupported_grant_type"


@pytest.mark.parametrize("path", ["/device", "/oauth2/device", "/activate"])
def test_attack_C24_no_page_takes_a_user_code(ours, path):
    """A code that nobody can type cannot be guessed; the metadata names no such endpoint."""
    metadata = ours.get("/.well-known/openid-configuration").json

    assert ours.citizen.get(path, base_url=ORIGIN).status_code == 404
    assert "device_authorization_endpoint" not in metadata


@pytest.mark.parametrize("moved", ["grant_type", "redirect_uri"])
@at_both(hub="invalid_request", naive="tokens")
def test_attack_C25_the_token_endpoint_reads_no_query(target, expected, moved):  # OAuth 2.1 3.2
    portal = target.register()
    form = {
        "grant_type": "authorization_code",
        "code": portal.obtain_code(),
        "redirect_uri": portal.redirect_uri,
        "code_verifier": VERIFIER,
    }
    in_query = form.pop(moved)

    assert told(portal.send(f"{TOKEN}?{moved}={in_query}", form)) == expected


@pytest.mark.parametrize("name", ["client_id", "client_secret", "code", "refresh_token"])
def test_attack_C25_no_secret_and_no_code_in_the_query(ours, name):
    portal = ours.register()

    assert told(portal.send(f"{TOKEN}?{name}=x", {"grant_type": "x"})) == "invalid_request"


def test_attack_C26_no_client_gets_tokens_of_its_own_unless_its_file_says_so(ours):
    """RFC 9700 4.15; a service's ``client_id`` is never as long as a citizen's ``sub``."""
    portal = ours.register(grant_types=["authorization_code"])
    form = {"grant_type": "client_credentials", "scope": "openid"}

    assert told(portal.send(TOKEN, form)) == "unauthorized_client"
