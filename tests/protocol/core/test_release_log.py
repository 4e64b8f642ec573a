"""Everything that a portal learns is written down for the citizen to see."""

import json
from datetime import timedelta

from idp.protocol.core.claims import NATIONAL_ID

EMAIL = {"email", "email_verified", "sub"}


def log(portal):
    with portal.hub.at.begin(read_only=True) as work:
        return work.releases.of_account("account-1")


def test_userinfo_notes_the_names_that_it_told(portal):
    portal.hub.userinfo(portal.obtain_tokens(scope="openid email national_id")["access_token"])

    assert {*EMAIL, NATIONAL_ID} in [set(one.claims) for one in log(portal)]


def test_an_id_token_notes_what_it_told(portal):
    portal.obtain_tokens(scope="openid", claims=json.dumps({"id_token": {"email": None}}))

    assert [set(one.claims) for one in log(portal)] == [{"email", "sub"}]


def test_what_the_account_lacks_is_not_noted(hub, portal):
    hub.account(email=None)
    portal.hub.userinfo(portal.obtain_tokens(scope="openid email")["access_token"])

    assert [one.claims for one in log(portal)] == [("sub",)]


def test_no_value_is_written(portal):
    portal.hub.userinfo(portal.obtain_tokens(scope="openid email")["access_token"])

    assert "reza@example.ir" not in repr(log(portal))


def test_the_last_time_moves_once_an_hour(portal):
    hub = portal.hub
    token = portal.obtain_tokens(scope="openid")["access_token"]
    start = hub.clock()
    hub.clock.move(timedelta(minutes=9))
    hub.userinfo(token)
    assert [one.last_at for one in log(portal)] == [start]
    hub.clock.move(timedelta(minutes=52))
    hub.userinfo(portal.obtain_tokens(scope="openid")["access_token"])
    assert [(one.first_at, one.last_at) for one in log(portal)] == [(start, hub.clock())]


def test_a_refused_request_notes_nothing(portal):
    portal.hub.userinfo("no token")

    assert log(portal) == []


def test_a_refresh_that_gives_no_id_token_notes_nothing(portal):
    hub = portal.hub
    tokens = portal.obtain_offline()
    [before] = log(portal)
    hub.clock.move(timedelta(hours=2))

    answer = portal.refresh(tokens["refresh_token"], scope="profile")

    assert "id_token" not in answer.body
    assert log(portal) == [before]
