"""A sign-out in a real browser over TLS: what the portal gets, by which way, in which order."""

import base64
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from playwright.sync_api import Browser, Page

from idp.adapters.clock import system_clock
from idp.adapters.self_signed import write_certificate
from tests.e2e.demo import IDP
from tests.e2e.loopback_portal import Portal, open_portal
from tests.e2e.suite import Suite, running_suite

pytestmark = [pytest.mark.slow, pytest.mark.browser]

VERIFIER = "v" * 50
CHALLENGE = "CrlVwe1WSHWuTQYh3iczmx3aS-faRx6C92k9_hNxl4A"


class House(NamedTuple):
    """A hub that trusts the portal's certificate, and the portal."""

    suite: Suite
    portal: Portal


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    certificate = folder / "certificate.pem"
    write_certificate(certificate, folder / "key.pem", system_clock)
    with (
        running_suite(tmp_path_factory.mktemp("suite"), certificate) as suite,
        open_portal(certificate, b"<!DOCTYPE html><title>A portal</title>") as portal,
    ):
        register(suite, portal.origin, folder)
        yield House(suite, portal)


def register(suite: Suite, origin: str, folder: Path) -> None:
    for channel in ("back", "front"):
        file = folder / f"{channel}.toml"
        file.write_text(
            f'client_id = "{channel}"\nclient_name = "Portal"\nfirst_party = true\n'
            f'token_endpoint_auth_method = "none"\nredirect_uris = ["{origin}/callback"]\n'
            f'post_logout_redirect_uris = ["{origin}/goodbye"]\n'
            f'{channel}channel_logout_uri = "{origin}/{channel}-channel"\n',
            "utf-8",
        )
        environment = {"IDP_CONFIG": suite.told("IDP_CONFIG"), "IDP_OFFICER": "suite"}
        command = [IDP, "clients", "register", file]
        subprocess.run(command, env=environment, capture_output=True, check=True)


@pytest.fixture
def page(chromium: Browser, house: House) -> Iterator[Page]:
    context = chromium.new_context(locale="fa-IR", ignore_https_errors=True)
    context.set_default_timeout(15_000)
    house.portal.asked.clear()
    house.portal.forms.clear()
    yield context.new_page()
    context.close()


def sign_in(page: Page, house: House, client_id: str) -> str:
    """Sign in for the portal, redeem its code, and return the ID token."""
    callback = f"{house.portal.origin}/callback"
    query = {
        "client_id": client_id,
        "response_type": "code",
        "redirect_uri": callback,
        "scope": "openid",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    page.goto(f"{house.suite.issuer}/oauth2/authorize?{urlencode(query)}")
    page.locator("input[name=username]").fill(house.suite.told("user name"))
    page.locator("input[name=password]").fill(house.suite.told("password"))
    page.locator("#by-password button[type=submit]").click()
    page.wait_for_url(f"{callback}**")
    form = {
        "grant_type": "authorization_code",
        "code": parse_qs(urlsplit(page.url).query)["code"][0],
        "redirect_uri": callback,
        "client_id": client_id,
        "code_verifier": VERIFIER,
    }
    answer = requests.post(
        f"{house.suite.issuer}/oauth2/token",
        data=form,
        verify=house.suite.told("certificate"),
        timeout=20,
    )
    return str(answer.json()["id_token"])


def sign_out(page: Page, house: House, hint: str) -> None:
    query = {
        "id_token_hint": hint,
        "post_logout_redirect_uri": f"{house.portal.origin}/goodbye",
        "state": "the-state",
    }
    page.goto(f"{house.suite.issuer}/oauth2/end_session?{urlencode(query)}")
    page.wait_for_url(f"{house.portal.origin}/goodbye?state=the-state")


def claims(token: str) -> dict[str, object]:
    body = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))


def test_the_back_channel_comes_before_the_browser(page: Page, house: House):
    sign_out(page, house, sign_in(page, house, "back"))
    asked = [one for one in house.portal.asked if "callback" not in one and "favicon" not in one]
    assert asked == ["POST /back-channel", "GET /goodbye?state=the-state"]


def test_the_logout_token_names_the_session_of_the_id_token(page: Page, house: House):
    hint = sign_in(page, house, "back")
    sign_out(page, house, hint)
    [form] = house.portal.forms
    told = claims(form["logout_token"][0])
    assert (told["sid"], told["sub"], told["aud"]) == (
        claims(hint)["sid"],
        claims(hint)["sub"],
        "back",
    )


def test_administrators_see_that_it_was_delivered(page: Page, house: House):
    sign_out(page, house, sign_in(page, house, "back"))
    listed = subprocess.run(
        [IDP, "logout", "deliveries", "--client", "back", "--json"],
        env={"IDP_CONFIG": house.suite.told("IDP_CONFIG")},
        capture_output=True,
        check=True,
    )
    newest = json.loads(listed.stdout)[0]
    assert (newest["client_id"], newest["state"], newest["tries"]) == ("back", "delivered", 1)


def test_the_front_channel_frame_comes_before_the_browser_goes_on(page: Page, house: House):
    hint = sign_in(page, house, "front")
    sign_out(page, house, hint)
    asked = [one for one in house.portal.asked if "callback" not in one and "favicon" not in one]
    frame, goodbye = asked
    given = parse_qs(urlsplit(frame.partition(" ")[2]).query)
    assert frame.startswith("GET /front-channel?")
    assert given == {"iss": [house.suite.issuer], "sid": [claims(hint)["sid"]]}
    assert goodbye == "GET /goodbye?state=the-state"


def test_after_it_nobody_is_signed_in(page: Page, house: House):
    sign_out(page, house, sign_in(page, house, "back"))
    page.goto(f"{house.suite.issuer}/account")
    assert urlsplit(page.url).path == "/login"
