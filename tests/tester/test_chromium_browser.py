"""With Chromium the tester comes to portals whose sign-in is a script, and judges alike."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest
from flask import Flask

from idp.adapters.browsers.chromium_browser import ChromiumBrowser
from idp.adapters.browsers.devtools import DevTools, find_chromium, running_chromium
from idp.adapters.browsers.loopback_server import serving
from idp.tester.browser import BrowserMissing, PortalAway
from idp.tester.catalogue import chosen
from idp.tester.run import play
from idp.tester.trial import SIGN_IN_WORDS, origins_of
from idp.tester.verdict import Verdict
from tests.free_ports import free_port

pytestmark = pytest.mark.browser
CASES = chosen(
    ["state-wrong", "code-replayed", "error-with-script", "cookie-flags", "logout-valid"]
)
SCRIPTED = "<script>setTimeout(() => location.assign('https://hub.example/authorize'), 50)</script>"
BUTTON = "<button onclick=\"location.assign('https://hub.example/button')\">ورود</button>"
# Chromium never reports the end of an answer that nobody reads.
UNREAD = "<script>fetch('/long').then(answer => answer.ok)</script>whole"
DRAWN = """<p></p><script>
fetch('/text').then(r => r.text()).then(text => document.querySelector('p').append(text));
</script>"""


@pytest.fixture(scope="module")
def tools() -> Iterator[DevTools]:
    with running_chromium(find_chromium()) as running:
        yield running


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    app, port = Flask(__name__), free_port()
    pages = {"scripted": SCRIPTED, "button": BUTTON, "drawn": DRAWN, "text": "words of a script"}
    pages |= {"unread": UNREAD, "long": "x" * 1_000_000}
    app.get("/<name>")(lambda name: pages[name])
    with serving(app, port):
        yield f"http://127.0.0.1:{port}"


def failures(trial, tools) -> set[str]:
    origins = origins_of(trial.client, trial.start)
    in_chromium = replace(trial, new_browser=partial(ChromiumBrowser, tools, origins, 10))
    results = play(in_chromium, CASES)
    return {one.case.id for one in results if one.finding.verdict is not Verdict.PASS}


def test_a_careful_portal_passes(trial, tools):
    assert failures(trial(), tools) == set()


def test_a_careless_portal_fails_the_same_cases(trial, tools):
    careless = trial("state", "one use", "escaping", "HttpOnly", "logout tokens")
    assert failures(careless, tools) == {case.id for case in CASES}


def test_a_script_that_leaves_the_portal_is_seen(tools, address):
    page = ChromiumBrowser(tools, {address}, 10).open(f"{address}/scripted")
    assert (page.left, page.address) == (True, "https://hub.example/authorize")


def test_a_button_is_pressed(tools, address):
    browser = ChromiumBrowser(tools, {address}, 10)
    browser.open(f"{address}/button")
    page = browser.press(SIGN_IN_WORDS)
    assert page.address == "https://hub.example/button"


def test_what_a_script_draws_is_on_the_page(tools, address):
    assert (
        "words of a script" in ChromiumBrowser(tools, {address}, 10).open(f"{address}/drawn").text
    )


def test_an_answer_that_a_script_does_not_read_keeps_no_page_open(tools, address):
    assert "whole" in ChromiumBrowser(tools, {address}, 5).open(f"{address}/unread").text


def test_a_portal_that_is_not_there_is_told(tools):
    gone = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(PortalAway):
        ChromiumBrowser(tools, {gone}, 5).open(gone)


def test_a_missing_chromium_is_told(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(BrowserMissing, match="chromium"):
        find_chromium()
