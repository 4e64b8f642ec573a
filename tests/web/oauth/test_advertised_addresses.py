"""Every address of the live metadata is a route that does its work; what is off has none."""

import json

import pytest

from tests.web.hub import ORIGIN
from tests.web.sign_in.walk import add_client, context_of

ALL_ON = """
[openid]
implicit = true
hybrid = true
unsigned_request_objects = true
without_pkce = true
registration = "open"
session_management = true
"""
ALL_OFF = """
[openid]
registration = "off"
"""
FORM = {"client_id": "nobody", "token": "t", "grant_type": "authorization_code", "code": "c"}
CLIENT = {"redirect_uris": ["https://portal.example/callback"]}
ADDRESSES = {
    "authorization_endpoint": ("GET", {}, 400),
    "token_endpoint": ("POST", {"data": FORM}, 401),
    "userinfo_endpoint": ("GET", {}, 401),
    "jwks_uri": ("GET", {}, 200),
    "revocation_endpoint": ("POST", {"data": FORM}, 401),
    "introspection_endpoint": ("POST", {"data": FORM}, 401),
    "end_session_endpoint": ("GET", {}, 303),
    "registration_endpoint": ("POST", {"json": CLIENT}, 201),
    "check_session_iframe": ("GET", {}, 200),
}
"""What each address answers to a stranger."""

METADATA = ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server")
SWITCHED_OFF = {"registration_endpoint": 403, "check_session_iframe": 404}
"""The addresses that belong to a switch, and what they answer when it is off."""


def at(hub):
    keys = hub.deps.provider._provider.keys
    if not keys.algorithms():
        keys.promote(keys.new("RS256").kid)
    return hub.app.test_client()


def metadata_of(web, path=METADATA[0]):
    return json.loads(web.get(path, base_url=ORIGIN).data)


def addresses_of(told):
    return {name for name, value in told.items() if isinstance(value, str) and name != "issuer"}


def ask(web, address, name):
    method, content, _ = ADDRESSES[name]
    return web.open(address.removeprefix(ORIGIN), method=method, base_url=ORIGIN, **content)


@pytest.fixture
def web(make_hub):
    return at(make_hub(ALL_ON))


@pytest.fixture
def told(web):
    return metadata_of(web)


def test_both_well_known_addresses_tell_the_same(web):  # OIDC Discovery 4, RFC 8414 3
    assert metadata_of(web, METADATA[0]) == metadata_of(web, METADATA[1])


def test_every_address_is_one_that_is_asked_here(told):
    assert addresses_of(told) == ADDRESSES.keys()


@pytest.mark.parametrize("name", ADDRESSES)
def test_an_address_that_is_named_answers(web, told, name):
    assert told[name].startswith(f"{ORIGIN}/")

    assert ask(web, told[name], name).status_code == ADDRESSES[name][2]


def test_no_other_address_belongs_to_a_switch(make_hub, told):
    named = addresses_of(metadata_of(at(make_hub(ALL_OFF))))

    assert addresses_of(told) - named == SWITCHED_OFF.keys()


@pytest.mark.parametrize("name", SWITCHED_OFF)
def test_an_address_whose_switch_is_off_does_nothing(make_hub, told, name):
    answer = ask(at(make_hub(ALL_OFF)), told[name], name)

    assert answer.status_code == SWITCHED_OFF[name]


def test_every_language_is_that_of_the_login_page(make_hub):  # OIDC Core 3.1.2.1: ui_locales
    hub = make_hub(ALL_ON)
    add_client(hub)
    for language in metadata_of(at(hub))["ui_locales_supported"]:
        browser = hub.browser()
        context = context_of(browser, ui_locales=language)
        page = browser.get("/login", query_string={"context": context})
        assert f'<html lang="{language}"' in page.text
