"""Access tokens by audience: signed with an algorithm of the settings, or opaque."""

from dataclasses import replace

import pytest

from idp.protocol.core.access_token_formats import FORMATS, OPAQUE, AccessTokenFormats
from idp.protocol.provider import Provider
from tests.protocol.hub import ISSUER, read_header

API, OTHER = "https://api.example", "https://b.example"


@pytest.fixture
def making(hub):
    """Return a function that lets the hub make access tokens of a format."""

    def make(usual="RS256", preferred=None, **by_name):
        audiences = {"hub": ISSUER, "api": API, "other": OTHER}
        chosen = {audiences[name]: form for name, form in by_name.items()}
        formats = AccessTokenFormats(usual, chosen, {ISSUER: preferred} if preferred else {})
        hub.at = replace(hub.at, access_token_formats=formats)
        hub.provider = Provider(hub.at)
        return hub.register(access_token_audience=(API, OTHER), introspection_audience=(API,))

    return make


def algorithm_of(tokens):
    return read_header(tokens["access_token"])["alg"]


def test_a_token_is_signed_with_the_usual_algorithm(making):
    assert algorithm_of(making("ES256").obtain_tokens()) == "ES256"


def test_a_resource_may_have_its_own_algorithm(making):
    assert algorithm_of(making(api="EdDSA").obtain_tokens(resource=API)) == "EdDSA"


def test_other_resources_keep_the_usual_algorithm(making):
    assert algorithm_of(making(api="EdDSA").obtain_tokens(resource=OTHER)) == "RS256"


def test_a_token_for_two_resources_that_differ_is_of_the_usual_format(making):
    assert algorithm_of(making(api=OPAQUE).obtain_tokens(resource=[API, OTHER])) == "RS256"


def test_a_token_for_two_resources_that_agree_is_of_their_format(making):
    portal = making(api="ES256", other="ES256")

    assert algorithm_of(portal.obtain_tokens(resource=[API, OTHER])) == "ES256"


@pytest.mark.parametrize("form", FORMATS)
def test_userinfo_accepts_a_token_of_every_format(hub, making, form):
    tokens = making(hub=form).obtain_tokens()

    assert hub.userinfo(tokens["access_token"]).status == 200


@pytest.mark.parametrize("form", FORMATS)
def test_introspection_tells_the_same_of_every_format(making, form):
    portal = making(api=form)
    told = portal.introspect(portal.obtain_tokens(resource=API)["access_token"]).body

    assert told["active"] is True
    assert told["aud"] == API
    assert told["token_type"] == "Bearer"


def test_an_opaque_token_shows_nothing(making):
    token = making(OPAQUE).obtain_tokens()["access_token"]

    assert token.count(".") == 1
    assert "portal" not in token


def test_a_revoked_opaque_token_is_inactive(making):
    portal = making(OPAQUE)
    tokens = portal.obtain_tokens()
    portal.revoke(tokens["access_token"])

    assert portal.introspect(tokens["access_token"]).body == {"active": False}


def test_an_expired_opaque_token_is_refused(hub, making):
    token = making(OPAQUE).obtain_tokens()["access_token"]
    hub.move(minutes=10)

    assert hub.userinfo(token).status == 401


def test_an_opaque_token_for_a_resource_is_refused_by_userinfo(hub, making):
    token = making(api=OPAQUE).obtain_tokens(resource=API)["access_token"]

    assert hub.userinfo(token).status == 401


def test_attack_J08_another_sealed_text_of_the_hub_is_no_access_token(hub, making):
    code = making(OPAQUE).obtain_code()

    assert hub.userinfo(code).status == 401


def test_a_changed_opaque_token_is_refused(hub, making):
    token = making(OPAQUE).obtain_tokens()["access_token"]

    assert hub.userinfo(token[:-1] + ("A" if token[-1] != "A" else "E")).status == 401


def test_tokens_of_the_former_format_are_good_until_they_expire(hub, making):
    token = making().obtain_tokens()["access_token"]
    hub.at = replace(hub.at, access_token_formats=AccessTokenFormats(OPAQUE))
    hub.provider = Provider(hub.at)

    assert hub.userinfo(token).status == 200


def test_a_token_for_the_hub_alone_has_the_preferred_format_where_a_key_signs_so(making):
    assert algorithm_of(making(preferred="ES256").obtain_tokens()) == "ES256"


def test_without_such_a_key_it_has_the_usual_format(hub, making):
    portal = making(preferred="ES256")
    hub.key_store.write(replace(hub.key_store.files["key-ES256"], state="retired"))
    hub.move(seconds=6)

    assert algorithm_of(portal.obtain_tokens()) == "RS256"


def test_an_opaque_format_is_preferred_without_a_key(hub, making):
    token = making(preferred=OPAQUE).obtain_tokens()["access_token"]

    assert token.count(".") == 1
    assert hub.userinfo(token).status == 200


def test_a_token_for_an_api_is_not_what_the_hub_prefers_for_itself(making):
    assert algorithm_of(making(preferred="ES256").obtain_tokens(resource=API)) == "RS256"


def test_a_format_that_the_audiences_name_is_taken_before_the_preferred(making):
    assert algorithm_of(making(preferred="ES256", hub="PS256").obtain_tokens()) == "PS256"


def test_the_algorithms_that_need_a_key_are_those_of_the_formats():
    formats = AccessTokenFormats(OPAQUE, {API: "ES256", OTHER: "ES256"})

    assert formats.algorithms() == ["ES256"]
