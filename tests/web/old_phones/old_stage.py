"""Answers of the hub in Chromium 80, without a server: the test client answers each request."""

import base64
import time
from dataclasses import dataclass, field
from typing import Any

from werkzeug.test import TestResponse

from tests.web.frame.stage import PATIENCE_SECONDS, STYLED, address_of, fetched
from tests.web.hub import ORIGIN, Browser
from tests.web.old_phones.old_chromium import OldPage

Message = dict[str, Any]
SETTLED = f"""() => ({STYLED})() && new Promise((resolve) => {{
  requestAnimationFrame(() => requestAnimationFrame(() => resolve(true)));
}})"""


@dataclass
class OldStage:
    """A page of the hub in front of Chromium 80, and what that one complained about."""

    page: OldPage
    citizen: Browser
    shown: TestResponse | None = None
    strangers: list[str] = field(default_factory=list)
    """Requests to any other origin."""
    complaints: list[str] = field(default_factory=list)
    """Of the console: errors, warnings, violations of the policy."""

    def __post_init__(self) -> None:
        self.page.browser.listeners |= {
            "Fetch.requestPaused": self._take,
            "Runtime.consoleAPICalled": self._note_call,
            "Runtime.exceptionThrown": self._note_exception,
            "Log.entryAdded": self._note_entry,
        }
        self.page.ask("Fetch.enable", patterns=[{"urlPattern": "*"}])

    def show(self, answer: TestResponse) -> OldPage:
        """Show what the hub answered."""
        self.shown = answer
        self.strangers.clear()
        self.complaints.clear()
        self.page.ask("Page.navigate", url=address_of(answer))
        end = time.monotonic() + PATIENCE_SECONDS
        while not self.page.evaluate(SETTLED):
            assert time.monotonic() < end, "the styles do not come"
        return self.page

    def _take(self, event: Message) -> None:
        request, number = event["request"], event["requestId"]
        is_the_page = event["resourceType"] == "Document"
        if is_the_page and request["method"] != "GET":
            # A form that posts itself: the page stays to be looked at.
            self.page.tell("Fetch.failRequest", requestId=number, errorReason="Aborted")
        elif not request["url"].startswith(f"{ORIGIN}/"):
            self.strangers.append(request["url"])
            self.page.tell("Fetch.failRequest", requestId=number, errorReason="Aborted")
        else:
            answer = self.shown if is_the_page else self._fetched(request)
            self._fulfil(number, answer, 200 if is_the_page else answer.status_code)

    def _fetched(self, request: Message) -> TestResponse:
        return fetched(
            self.citizen,
            request["method"],
            request["url"],
            request.get("postData"),
            request["headers"].get("Content-Type"),
        )

    def _fulfil(self, number: str, answer: TestResponse, status: int) -> None:
        self.page.tell(
            "Fetch.fulfillRequest",
            requestId=number,
            responseCode=status,
            responseHeaders=[
                {"name": name, "value": value}
                for name, value in answer.headers.items()
                if name not in {"Refresh", "Location"}
            ],
            body=base64.b64encode(answer.data).decode(),
        )

    def _note_call(self, event: Message) -> None:
        if event["type"] in {"error", "warning"}:
            self.complaints += [str(one.get("value")) for one in event["args"]]

    def _note_exception(self, event: Message) -> None:
        details = event["exceptionDetails"]
        self.complaints.append(f"{details['text']} {details.get('exception')}")

    def _note_entry(self, event: Message) -> None:
        if event["entry"]["level"] in {"error", "warning"}:
            self.complaints.append(event["entry"]["text"])
