"""A portal's logo comes from our origin, alone on its page."""

import pytest
from flask.testing import FlaskClient

from tests.web.hub import ORIGIN, Hub
from tests.web.sign_in.walk import add_client, context_of

VERSION = "0123456789abcdef"
PATH = f"/portals/portal/logo-{VERSION}.png"


@pytest.fixture
def client(hub: Hub) -> FlaskClient:
    add_client(hub, logo=b"picture", logo_version=VERSION)
    return hub.app.test_client()


def test_the_logo_stands_on_the_sign_in_page(hub, client):
    browser = hub.browser()
    page = browser.get("/login", query_string={"context": context_of(browser)})
    assert f'src="{PATH}"' in page.text


def test_a_portal_without_logo_has_none_there(hub):
    add_client(hub)
    browser = hub.browser()
    page = browser.get("/login", query_string={"context": context_of(browser)})
    assert "/portals/" not in page.text


@pytest.mark.parametrize("kind", ["policy", "tos"])
def test_the_papers_of_a_portal_are_linked_from_the_sign_in_page(hub, kind):
    address = f"https://portal.example/{kind}"
    add_client(hub, **{f"{kind}_uri": address})
    browser = hub.browser()
    page = browser.get("/login", query_string={"context": context_of(browser)})
    assert f'href="{address}"' in page.text


def test_the_logo_may_be_kept_by_everybody(client):
    answer = client.get(PATH, base_url=ORIGIN)
    assert (answer.data, answer.mimetype) == (b"picture", "image/png")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Set-Cookie" not in answer.headers


def test_a_known_logo_is_not_sent_again(client):
    etag = client.get(PATH, base_url=ORIGIN).headers["ETag"]
    assert client.get(PATH, base_url=ORIGIN, headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.parametrize(
    "path", ["/portals/portal/logo-x.png", f"/portals/other/logo-{VERSION}.png", "/portals/portal"]
)
def test_another_address_has_no_picture(client, path):
    assert client.get(path, base_url=ORIGIN).status_code == 404
