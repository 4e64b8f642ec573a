"""Errors are told in the order of the fields: whoever goes down the list goes down the page."""

import re

import pytest

from tests.web.forms_of_pages import forms_of, ids_of
from tests.web.hub import ORIGIN
from tests.web.tour import VISITS
from tests.web.visits import name_of

WRONG = ("", "@")


def told(markup):
    """Return the fields that the summary leads to, in its order."""
    summary = re.search(r'id="summary">(.*?)</div>', markup, re.DOTALL)
    return re.findall(r'href="#([^"]+)"', summary[1]) if summary else []


def places(markup):
    ids = ids_of(markup)
    return [ids.index(name) for name in told(markup)]


def sent(form, value):
    """Return what the form sends when every box has ``value`` and nothing is chosen."""
    kept = form.sends("hidden")
    typed = {
        one.attributes["name"]: "" if one.tag == "select" else value
        for one in form.controls
        if one.kind not in {"hidden", "button"} and "name" in one.attributes
    }
    return {**kept, **typed}


def page_after(browser, action, fields):
    """Return the page that a form leads to here; a portal's own is none of ours."""
    answer = browser.post(action, fields, follow=False)
    onward = answer.location or ""
    return (
        browser.client.get(onward, base_url=ORIGIN).text if onward.startswith("/") else answer.text
    )


def answers(browser, page):
    """Send every form of the page, empty and then wrong; return the pages that come back."""
    for form in forms_of(page):
        for value in WRONG:
            fields = sent(form, value)
            if form.attributes.get("method") == "post" and fields.keys() - {"csrf_token"}:
                yield page_after(browser, form.attributes["action"], fields)


@pytest.mark.parametrize("visit", VISITS, ids=name_of)
def test_errors_are_told_in_the_order_of_the_fields(hub, visit):
    browser = hub.browser()
    page = visit.walk(browser).text

    told_in_order = [places(one) == sorted(places(one)) for one in (page, *answers(browser, page))]

    assert all(told_in_order)


def test_step_two_tells_every_field_that_is_empty(hub):
    [visit] = [one for one in VISITS if one[:2] == ("register/step_two.html", "of a physician")]
    browser = hub.browser()
    [form] = [one for one in forms_of(visit.walk(browser).text) if "data-minutes" in one.attributes]

    answer = browser.post(form.attributes["action"], sent(form, "")).text

    assert told(answer) == [
        *("family_name", "given_name", "certificate_number", "serial", "series", "birth"),
        *("gender", "profession", "council_number", "question", "answer", "country", "city"),
        *("email", "password", "password_again"),
    ]
