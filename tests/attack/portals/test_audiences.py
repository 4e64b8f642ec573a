"""What a resource server can do with the access token that it is handed: J23."""

import pytest

from tests.attack.both import at_both
from tests.attack.targets import INTROSPECT, told
from tests.protocol.hub import read_claims
from tests.web.hub import ORIGIN

API, OTHER = "https://api.example", "https://other-api.example"
NAMES = {"access_token_audience": [API, OTHER]}


@at_both(hub="invalid_token", naive="ok")
def test_attack_J23_an_api_reads_nothing_at_userinfo(target, expected):
    """RFC 8707 1: the token is for the API, and the API uses it at the hub."""
    handed = target.register(**NAMES).obtain_tokens(resource=API)["access_token"]

    assert told(target.userinfo(handed)) == expected


@pytest.fixture
def portal(ours):
    return ours.register(**NAMES)


@pytest.mark.parametrize(
    ("resource", "audience"),
    [({}, ORIGIN), ({"resource": API}, API), ({"resource": [API, OTHER]}, [API, OTHER])],
    ids=["none", "one", "two"],
)
def test_attack_J23_a_token_is_good_at_those_alone_that_it_was_asked_for(
    portal, resource, audience
):
    assert read_claims(portal.obtain_tokens(**resource)["access_token"])["aud"] == audience


@pytest.mark.parametrize(("resource", "is_told"), [({}, 200), ({"resource": API}, 401)], ids=str)
def test_attack_J23_the_hub_tells_of_a_citizen_for_its_own_tokens_alone(
    ours, portal, resource, is_told
):
    tokens = portal.obtain_tokens(**resource)

    assert ours.userinfo(tokens["access_token"]).status_code == is_told


@pytest.mark.parametrize(
    ("resource", "is_active"),
    [({}, False), ({"resource": API}, True), ({"resource": OTHER}, False)],
)
def test_attack_J23_an_api_learns_of_its_own_tokens_alone(ours, portal, resource, is_active):
    api = ours.register("api", introspection_audience=[API])
    token = portal.obtain_tokens(**resource)["access_token"]

    assert api.send(INTROSPECT, {"token": token}).json["active"] is is_active


def test_attack_J23_a_refresh_may_name_fewer(portal):
    tokens = portal.obtain_tokens(scope="openid offline_access", resource=[API, OTHER])

    answer = portal.refresh(tokens["refresh_token"], resource=API)

    assert read_claims(answer.json["access_token"])["aud"] == API


@pytest.mark.parametrize("more", [OTHER, ORIGIN, "https://strange.example"])
def test_attack_J23_a_refresh_may_not_name_others(portal, more):
    tokens = portal.obtain_tokens(scope="openid offline_access", resource=API)

    assert told(portal.refresh(tokens["refresh_token"], resource=more)) == "invalid_target"


@pytest.mark.parametrize("resource", ["https://strange.example", f"{API}/", f"{API}#x", "api"])
def test_attack_J23_a_portal_asks_for_registered_apis_alone(portal, resource):  # RFC 8707 2
    assert told(portal.ask(resource=resource)) == "invalid_target"
