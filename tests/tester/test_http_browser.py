"""The plain browser goes where a citizen's browser goes, and stops where that leaves the portal."""

from collections.abc import Iterator

import pytest
from flask import Flask, Response, redirect, request

from idp.adapters.browsers.http_browser import HttpBrowser
from idp.adapters.browsers.loopback_server import serving
from idp.tester.browser import PortalAway
from tests.free_ports import free_port


def site() -> Flask:
    app = Flask(__name__)
    answers = {
        "away": lambda: redirect("https://hub.example/authorize?x=1"),
        "loop": lambda: redirect("/loop"),
        "refresh": lambda: ("", {"Refresh": "0;url=/seen"}),
        "text": lambda: Response("<script>", mimetype="text/plain"),
        "broken": lambda: ("sorry", 500),
    }
    for name, answer in answers.items():
        app.add_url_rule(f"/{name}", name, answer)

    @app.get("/set")
    def set_cookies() -> Response:
        answer = redirect("/seen")
        answer.set_cookie("plain", "1")
        answer.set_cookie("careful", "2", httponly=True, samesite="Lax", secure=True)
        return answer

    @app.route("/seen", methods=["GET", "POST"])
    def seen() -> str:
        return f"{request.method} {sorted(request.cookies)} {dict(request.form)}"

    return app


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    port = free_port()
    with serving(site(), port):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def browser(address) -> HttpBrowser:
    return HttpBrowser({address}, 5)


def test_another_origin_is_not_opened(browser, address):
    page = browser.open(f"{address}/away")
    assert (page.left, page.address) == (True, "https://hub.example/authorize?x=1")


def test_an_endless_redirect_ends(browser, address):
    assert browser.open(f"{address}/loop").status == 310


def test_a_refresh_at_once_is_followed(browser, address):
    assert browser.open(f"{address}/refresh").address == f"{address}/seen"


def test_a_crash_is_told(browser, address):
    assert browser.open(f"{address}/broken").crashed


def test_text_that_is_no_html_runs_no_script(browser, address):
    assert browser.open(f"{address}/text").text == "&lt;script&gt;"


def test_cookies_are_sent_back_secure_ones_on_loopback_too(browser, address):
    assert "['careful', 'plain']" in browser.open(f"{address}/set").text


def test_flags_of_cookies_are_known(browser, address):
    browser.open(f"{address}/set")
    flags = {one.name: (one.http_only, one.secure, one.same_site) for one in browser.cookies()}
    assert flags == {"plain": (False, False, ""), "careful": (True, True, "Lax")}


def test_a_fork_goes_its_own_way(browser, address):
    browser.open(f"{address}/set")
    other = browser.fork()
    other.forget("plain")
    assert (len(browser.cookies()), len(other.cookies())) == (2, 1)


def test_a_form_is_posted(browser, address):
    assert "POST [] {'a': 'ب'}" in browser.post(f"{address}/seen", {"a": "ب"}).text


def test_a_portal_that_is_not_there_is_told():
    address = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(PortalAway):
        HttpBrowser({address}, 1).open(address)
