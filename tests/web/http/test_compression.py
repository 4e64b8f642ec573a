"""Pages are compressed for our own forms and links, never for another site (attack BREACH)."""

import gzip

import pytest

OWN = {"Accept-Encoding": "gzip", "Sec-Fetch-Site": "same-origin"}


def test_a_page_of_our_own_way_is_compressed(hub):
    browser = hub.browser()
    page = browser.get("/register", headers=OWN)
    assert page.headers["Content-Encoding"] == "gzip"
    assert "ثبت نام - گام اول" in gzip.decompress(page.data).decode()


def test_caches_keep_both_forms_apart(hub):
    page = hub.browser().get("/register", headers=OWN)
    assert "Accept-Encoding, Sec-Fetch-Site" in page.headers.getlist("Vary")


@pytest.mark.parametrize(
    "change",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": ""},
        {"Accept-Encoding": "identity"},
        {"Accept-Encoding": "gzip;q=0"},
    ],
)
def test_what_another_site_or_an_old_browser_asks_for_is_plain(hub, change):
    page = hub.browser().get("/register", headers=OWN | change)
    assert "Content-Encoding" not in page.headers
    assert "ثبت نام - گام اول" in page.text


@pytest.mark.parametrize("path", ["/oauth2/jwks", "/.well-known/openid-configuration", "/alive"])
def test_what_is_no_page_is_plain(hub, path):
    assert "Content-Encoding" not in hub.browser().get(path, headers=OWN).headers
