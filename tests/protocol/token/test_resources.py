"""Whom access tokens are for: RFC 8707, attack J23."""

import pytest

from tests.protocol.hub import (
    BROWSER,
    ISSUER,
    error_of,
    fragment_of,
    read_claims,
    response_of,
)

API, OTHER, STRANGE = "https://api.example", "https://b.example", "https://strange.example"
OFFLINE = "openid offline_access"


@pytest.fixture
def portal(hub):
    """A portal that may have tokens for two resource servers."""
    return hub.register(access_token_audience=(API, OTHER))


def audience_of(tokens):
    return read_claims(tokens["access_token"])["aud"]


def redeemed(portal, asked, **form):
    return portal.redeem(portal.obtain_code(scope=OFFLINE, resource=asked), **form)


@pytest.mark.parametrize(
    ("asked", "audience"),
    [
        (None, ISSUER),
        (API, API),
        ([API, OTHER], [API, OTHER]),
        ([API, API], API),
        (ISSUER, ISSUER),
        ([ISSUER, API], ISSUER),
    ],
    ids=str,
)
def test_attack_J23_a_token_is_for_whom_it_was_asked_for(portal, asked, audience):  # RFC 8707 2.2
    assert audience_of(portal.obtain_tokens(resource=asked)) == audience


@pytest.mark.parametrize(
    ("granted", "asked", "audience"),
    [
        ([API, OTHER], API, API),
        ([API, OTHER], [OTHER, API], [OTHER, API]),
        ([ISSUER, API], API, API),
        ([ISSUER, API], ISSUER, ISSUER),
        (None, ISSUER, ISSUER),
    ],
    ids=str,
)
@pytest.mark.parametrize("again", [False, True], ids=["code", "refresh"])
def test_a_token_request_may_name_fewer(portal, granted, asked, audience, again):
    """RFC 8707 2.2."""
    if again:
        refresh_token = redeemed(portal, granted).body["refresh_token"]
        answer = portal.refresh(refresh_token, resource=asked)
    else:
        answer = redeemed(portal, granted, resource=asked)

    assert audience_of(answer.body) == audience


WIDER = [(API, OTHER), (API, [API, OTHER]), (API, ISSUER), (None, API), (API, STRANGE)]


@pytest.mark.parametrize(("granted", "asked"), WIDER, ids=str)
def test_attack_J23_a_code_gives_no_token_for_more_than_was_asked(portal, granted, asked):
    assert redeemed(portal, granted, resource=asked).body["error"] == "invalid_target"


@pytest.mark.parametrize(("granted", "asked"), WIDER, ids=str)
def test_attack_J23_nor_does_a_refresh_token(portal, granted, asked):
    tokens = redeemed(portal, granted).body

    answer = portal.refresh(tokens["refresh_token"], resource=asked)

    assert (answer.status, answer.body["error"]) == (400, "invalid_target")


def test_a_refused_resource_uses_no_refresh_token_up(portal):
    refresh_token = redeemed(portal, API).body["refresh_token"]
    portal.refresh(refresh_token, resource=OTHER)

    assert audience_of(portal.refresh(refresh_token).body) == API


def test_a_narrower_token_leaves_the_family_as_it_is(portal):
    first = redeemed(portal, [API, OTHER]).body
    narrowed = portal.refresh(first["refresh_token"], resource=API).body

    assert audience_of(portal.refresh(narrowed["refresh_token"]).body) == [API, OTHER]


@pytest.mark.parametrize("asked", [[ISSUER, API], [API, ISSUER, OTHER]], ids=str)
def test_attack_J23_no_token_is_for_the_hub_and_for_an_api(portal, asked):
    answer = redeemed(portal, [ISSUER, API, OTHER], resource=asked)

    assert answer.body["error"] == "invalid_target"


def test_attack_J23_an_api_asks_the_hub_about_nobody(hub, portal):
    token = portal.obtain_tokens(scope="openid national_id", resource=API)["access_token"]

    assert hub.userinfo(token).status == 401


def test_attack_J23_what_was_taken_back_is_not_replaced_by_the_hub(portal):
    refresh_token = redeemed(portal, API).body["refresh_token"]
    portal.change(access_token_audience=(OTHER,))

    assert portal.refresh(refresh_token).body["error"] == "invalid_target"


def test_what_was_taken_back_while_somebody_signed_in_is_refused(hub, portal):
    sealed = portal.authorize(session=None, resource=API).sealed
    portal.change(access_token_audience=(OTHER,))

    assert error_of(hub.provider.resume(sealed, BROWSER, hub.session)) == "invalid_target"


def test_what_is_still_allowed_goes_on(hub, portal):
    sealed = portal.authorize(session=None, resource=API).sealed

    assert "code" in response_of(hub.provider.resume(sealed, BROWSER, hub.session))


@pytest.mark.parametrize(
    ("asked", "audience"), [(API, API), (None, ISSUER), ([ISSUER, API], ISSUER)]
)
def test_attack_J23_the_same_in_the_front_channel(hub, portal, asked, audience):
    response_type = "code token"
    hub.switch_on(hybrid=True)
    portal.change(
        response_types=frozenset({response_type}),
        grant_types=portal.client.grant_types | {"implicit"},
    )

    answer = fragment_of(portal.authorize(response_type=response_type, resource=asked))

    assert audience_of(answer) == audience


def test_attack_J23_one_api_learns_nothing_of_a_token_for_another(hub, portal):  # RFC 7662 4
    other = hub.register(client_id="other", introspection_audience=(OTHER,))

    token = portal.obtain_tokens(resource=API)["access_token"]

    assert other.introspect(token).body == {"active": False}


def test_attack_J23_nor_of_one_that_is_for_the_hub(hub, portal):
    server = hub.register(client_id="server", introspection_audience=(ISSUER, API))

    assert server.introspect(portal.obtain_tokens()["access_token"]).body == {"active": False}
