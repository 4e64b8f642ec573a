"""Whatever is sent to any page of the hub: no 5xx, and nobody is led to a stranger's address."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.architecture.sources import ROOT
from tests.fuzzing import often
from tests.web.growth import left_for_good
from tests.web.hub import ORIGIN, Browser, Hub, hidden
from tests.web.registration.walk import step_one
from tests.web.sign_in.walk import (
    CALLBACK,
    PASSWORD,
    USER,
    add_account,
    add_client,
    ask_recovery,
    context_of,
    enter,
)

UNLIMITED = "[protection]\nnetwork_limits = false\nproof_of_work = false\n"
TEMPLATES = "".join(file.read_text("utf-8") for file in (ROOT / "templates").rglob("*.html"))
FIELDS = sorted(
    {*re.findall(r'name="([a-z_]+)"', TEMPLATES), *re.findall(r'\("([a-z_]+)", ', TEMPLATES)}
)
NASTY = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            *("", "\x00", "a\r\nb", "é", "\u202e", "null", "[]", "-1", "۱۲۳", "a" * 9000),
            *("//evil.example", "https://evil.example", "javascript:alert(1)"),
        ]
    ),
)
OFTEN = often(400, share=2)


@dataclass(frozen=True)
class Reached:
    """A hub with somebody under way on each of its paths."""

    hub: Hub
    stranger: Browser
    inside: Browser
    known: list[str]

    def routes(self) -> list[tuple[str, str]]:
        """Return path and method of every page."""
        rules = self.hub.app.url_map.iter_rules()
        return sorted(
            (re.sub(r"<[^>]*>", "x", rule.rule), method)
            for rule in rules
            if rule.endpoint != "static"
            for method in rule.methods or ()
            if method in {"GET", "POST"}
        )


@pytest.fixture
def reached(make_hub, sqlite_url: str) -> Iterator[Reached]:
    """Somebody under way everywhere; in the end nothing of it is left for good (attack D05)."""
    hub = make_hub(UNLIMITED, url=sqlite_url)
    keys = hub.deps.provider._provider.keys
    keys.promote(keys.new("RS256").kid)
    add_account(hub)
    add_client(hub)
    stranger, inside = hub.browser(), hub.browser()
    context = context_of(stranger)
    known = [context, hidden(step_one(stranger), "flow")]
    known += [hidden(ask_recovery(stranger), "flow"), hub.take_code()]
    enter(inside)
    yield Reached(hub, stranger, inside, [*known, USER, PASSWORD, "portal", "accept", "mci"])
    assert left_for_good(hub, sqlite_url) == {}


@given(data=st.data())
@OFTEN
def test_every_page_answers_whatever_is_sent(reached: Reached, data: st.DataObject):
    path, method = data.draw(st.sampled_from(reached.routes()))
    values = st.one_of(st.sampled_from(reached.known), NASTY)
    sent = data.draw(st.dictionaries(st.sampled_from(FIELDS), values, max_size=6))
    browser = data.draw(st.sampled_from([reached.stranger, reached.inside]))
    answer = send(browser, path, method, sent)
    assert answer.status_code < 500 or "Retry-After" in answer.headers
    for one in (*answer.history, answer):
        location = one.headers.get("Location", "/")
        assert re.match(rf"/(?!/)|{re.escape(ORIGIN)}/|{re.escape(CALLBACK)}[?#]", location)


def send(browser: Browser, path: str, method: str, sent: dict[str, str]) -> Any:
    if method == "POST":
        return browser.post(path, sent, follow=False)
    return browser.client.get(path, query_string=sent, base_url=ORIGIN)
