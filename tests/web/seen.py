"""The pages of the tour as they are answered; each is walked to once a process and language.

Whoever only reads a page asks here: pages do not change from test to test. The files that do run in
one process (tests/groups.py).
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from flask import template_rendered

from tests.web.hub import Hub
from tests.web.visits import Visit


class SeenPage(NamedTuple):
    """What a visit ended at."""

    template: str
    text: str
    headers: Mapping[str, str]
    portals: tuple[str, ...]
    """The names of the hub's clients."""


_SEEN: dict[tuple[Visit, str], SeenPage] = {}


def see(visit: Visit, language: str, make_hub: Callable[[], Hub]) -> SeenPage:
    """Return the page of the visit in the language."""
    if (visit, language) not in _SEEN:
        _SEEN[visit, language] = _walk(make_hub(), visit, language)
    return _SEEN[visit, language]


def _walk(hub: Hub, visit: Visit, language: str) -> SeenPage:
    names: list[str] = []

    def note(_app, template, **_more):
        names.append(template.name)

    browser = hub.browser()
    browser.client.set_cookie("hub_language", language, domain="127.0.0.1")
    with template_rendered.connected_to(note, hub.app):
        page = visit.walk(browser)
    with hub.deps.begin(read_only=True) as work:
        portals = tuple(client.name for client in work.clients.list())
    return SeenPage(names[-1], page.text, dict(page.headers), portals)
