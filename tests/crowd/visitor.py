"""Somebody at a browser, who does the work that is asked and counts it."""

import html
import json
import re
from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from werkzeug.test import TestResponse

from tests.crowd.town import Town
from tests.web.hub import ORIGIN, Browser, hidden

Answer = Generator[float, None, TestResponse]
BUSY_WAIT = 5.0
"""Seconds until somebody who was answered 503 presses again, at least."""


@dataclass
class Spent:
    """What somebody's way cost."""

    statuses: Counter[int] = field(default_factory=Counter)
    works: int = 0
    """Forms for which work was asked."""
    computed: float = 0.0
    """Seconds of a mid-range phone."""
    waited: float = 0.0
    """Seconds before pages that asked for work or a turn, all in all."""


@dataclass
class Visitor:
    """A browser that computes ``power`` seconds of a mid-range phone a second; 0: no script."""

    town: Town
    browser: Browser
    name: str
    power: float
    reads: bool = True
    """Loads the page that a refused form leads to; strangers load that of a held form alone."""
    spent: Spent = field(default_factory=Spent)

    def post(self, path: str, form: dict[str, Any]) -> Answer:
        """Send a form, do what it needs, and return the answer that leads on."""
        answer = self.send(path, form)
        begun = self.town.second
        carried = {"flow": form["flow"]} if "flow" in form else {}
        if _holds(answer) and _puzzle(answer):
            self.spent.works += 1
        while True:
            if answer.status_code == 503:
                yield max(BUSY_WAIT, float(answer.headers.get("Retry-After", 0)))
            elif _holds(answer):
                form = {**carried, "held": hidden(answer, "held"), "altcha": ""}
                form["altcha"] = yield from self._worked(answer)
            else:
                break
            answer = self.send(path, form)
        self.spent.waited += self.town.second - begun
        return answer

    def send(self, path: str, form: dict[str, Any]) -> TestResponse:
        """Send a form once, as it is; the page that an address leads to is loaded too."""
        self.town.requests += 1
        answer = self.browser.client.post(
            path, data={"csrf_token": self.browser.csrf_token(), **form}, base_url=ORIGIN
        )
        self.town.deliver(self.name)
        if answer.status_code == 303 and self._loads(answer.location):
            self.town.requests += 1
            answer = self.browser.get(answer.location)
        self.spent.statuses[answer.status_code] += 1
        return answer

    def _loads(self, location: str) -> bool:
        """Return whether the page behind a form is loaded; without it no held form works."""
        shown = ("work", "form") if self.reads else ("work",)
        return any(name in parse_qs(urlsplit(location).query) for name in shown)

    def _worked(self, page: TestResponse) -> Generator[float, None, str]:
        """Compute, or wait as the page says; without script until it shows its button."""
        puzzle = _puzzle(page)
        if puzzle is not None and self.power:
            self.spent.computed += puzzle["seconds"]
            yield puzzle["seconds"] / self.power
            return f"solved:{puzzle['subject']}"
        turn = re.search(r'data-wait="(\d+)"', page.text)
        shown = re.search(r"later-(\d+)", page.text)
        assert shown
        yield float(turn.group(1)) if turn and self.power else float(shown.group(1))
        return ""


def flow_of(answer: TestResponse) -> str:
    """Return the flow that an answer leads on in."""
    return parse_qs(urlsplit(answer.location or "").query).get("flow", [""])[0]


def path_of(answer: TestResponse) -> str:
    """Return the path that an answer leads to; nothing where it leads nowhere."""
    return urlsplit(answer.location or "").path


def _holds(answer: TestResponse) -> bool:
    return answer.status_code == 200 and 'name="held"' in answer.text


def _puzzle(page: TestResponse) -> dict[str, Any] | None:
    found = re.search(r'data-puzzle="([^"]*)"', page.text)
    return json.loads(html.unescape(found.group(1))) if found else None
