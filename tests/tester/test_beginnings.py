"""How a trial begins: where the sign-in starts, and what tells a signed-in page."""

from dataclasses import replace

import pytest

from idp.tester.signed_in import NotLearned
from idp.tester.start import find_start, learn_signed_in
from idp.tester.verdict import Undecidable

LINKS = """<h1>portal</h1><a href="https://elsewhere.example/login">another site</a>
<a href="/help/login">how to sign in</a><form action="/login"><button>in</button></form>"""


def behind_links(portal):
    """Return the portal with a first page of links, of which one leads to the hub."""

    def app(environ, start_response):
        if environ["PATH_INFO"] != "/" or environ.get("HTTP_COOKIE"):
            return portal(environ, start_response)
        start_response("200 OK", [("Content-Type", "text/html")])
        return [LINKS.encode()]

    return app


def test_the_link_that_leads_to_the_hub_is_found(trial, stage):
    begun = replace(trial(), start=stage.callback.replace("/callback", "/"))
    stage.app = behind_links(stage.app)
    find_start(begun)
    assert begun.start == stage.callback.replace("/callback", "/login")


def test_a_page_that_shows_everybody_the_same_tells_nothing(trial, stage):
    address = stage.callback.replace("/callback", "/same")
    with pytest.raises(NotLearned, match="--signed-in or words by --marker"):
        learn_signed_in(trial(), address)


def test_a_named_marker_tells_it(trial, stage):
    learned = learn_signed_in(trial(), marker="Your own page")
    assert learned.how == "the page has 'Your own page'"


@pytest.mark.parametrize("marker", ["no such words", "portal"])
def test_a_marker_that_tells_nothing_is_refused(trial, marker):
    with pytest.raises(NotLearned, match=marker):
        learn_signed_in(trial(), marker=marker)


def test_a_portal_with_another_secret_signs_nobody_in_and_is_told_so(trial, stage, monkeypatch):
    monkeypatch.setattr(stage, "secret", "another")
    with pytest.raises(Undecidable, match="Compare issuer, client id and secret"):
        learn_signed_in(trial())
