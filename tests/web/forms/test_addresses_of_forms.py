"""An address that a browser shows after a form can be typed again: no 405, a page."""

import pytest

from idp.web.http.machines import is_for_machines

BASE = "http://127.0.0.1:8000"
FOR_OTHERS = ("/oauth2/", "/dev/", "/static/")
"""Endpoints of portals and of the demo; pages answer them as their protocol says."""

WITH_MORE = {"/account/email/confirm", "/choose-account", "/consent"}
"""Pages of a ticket or of a portal's request: without it they say that it is missing (400)."""


def forms(hub):
    """Return the addresses that take a POST of a page and no GET."""
    return sorted(
        rule.rule
        for rule in hub.app.url_map.iter_rules()
        if "POST" in rule.methods
        and "GET" not in rule.methods
        and "<" not in rule.rule
        and not is_for_machines(rule.rule)
        and not rule.rule.startswith(FOR_OTHERS)
    )


def test_the_address_of_every_form_leads_to_a_page(hub):
    browser = hub.browser()
    answers = {path: browser.get(path) for path in forms(hub)}
    assert {path for path, page in answers.items() if page.status_code >= 400} <= WITH_MORE
    assert len(answers) > 5


def test_what_the_address_carries_is_carried_on(hub):
    answer = hub.browser().client.get("/login/code/again?flow=x&context=y", base_url=BASE)
    assert (answer.status_code, answer.location) == (303, "/login/code?flow=x&context=y")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused_with_those_that_are_allowed(hub, method):
    answer = hub.browser().client.open("/login/code/again", method=method, base_url=BASE)
    assert answer.status_code == 405
