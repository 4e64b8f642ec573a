"""A citizen's browser that runs scripts: a context of Chromium with cookies of its own."""

import json
import time
import weakref
from base64 import b64encode
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlencode

from idp.adapters.browsers.devtools import DevTools, Message
from idp.tester.addresses import origin
from idp.tester.browser import BrowserMissing, Cookie, Page, PortalAway

STILL_SECONDS = 0.4
"""A page is complete when it has been loaded and asked for nothing for this long."""
LOOK_SECONDS = 0.1
FETCHED = {"Fetch", "XHR", "EventSource"}
"""Requests that are over with their headers: a body that the script does not read never ends."""
KEPT = ("name", "value", "domain", "path", "secure", "httpOnly", "sameSite", "expires")
FORM = "application/x-www-form-urlencoded"
PRESS = """(words => {
  const found = [...document.querySelectorAll('button, a, input[type=submit], [role=button]')]
    .find(one => words.some(word => ((one.innerText || one.value || '') + ' ' + one.id)
      .toLowerCase().includes(word)));
  if (found) setTimeout(() => found.click(), 0);
  return Boolean(found);
})(%s)"""


@dataclass(slots=True)
class _Visit:
    """What is known of the page that is being loaded."""

    status: int = 0
    left: str = ""
    failed: str = ""
    loaded: bool = False
    running: set[str] = field(default_factory=set)
    still_since: float = field(default_factory=time.monotonic)
    form: Mapping[str, str] | None = None

    def is_over(self) -> bool:
        """Return whether the browser has arrived."""
        still = not self.running and time.monotonic() - self.still_since > STILL_SECONDS
        return bool(self.left or self.failed) or (self.loaded and still)


class ChromiumBrowser:
    """Opens pages of some origins with their scripts; stops at the first address of another."""

    def __init__(self, tools: DevTools, origins: Collection[str], patience: float) -> None:
        self._tools, self._origins, self._patience = tools, frozenset(origins), patience
        self._context = str(tools.call("Target.createBrowserContext")["browserContextId"])
        target = tools.call(
            "Target.createTarget", url="about:blank", browserContextId=self._context
        )
        self._frame = str(target["targetId"])  # a page's target and main frame share their id
        attached = tools.call("Target.attachToTarget", targetId=self._frame, flatten=True)
        self._session = str(attached["sessionId"])
        for domain in ("Page", "Network", "Runtime"):
            self._call(f"{domain}.enable")
        self._call("Fetch.enable", patterns=[{"urlPattern": "*", "resourceType": "Document"}])
        weakref.finalize(self, _dispose, tools, self._context)

    def open(self, address: str) -> Page:
        """Return where the browser arrives. Raises PortalAway."""
        return self._go(address, _Visit())

    def post(self, address: str, fields: Mapping[str, str]) -> Page:
        """Send a form and return where the browser arrives. Raises PortalAway."""
        return self._go(address, _Visit(form=fields))

    def press(self, words: Sequence[str]) -> Page | None:
        """Press the first button or link with one of the words; None where the page has none."""
        visit = _Visit(loaded=True)
        pressed = self._evaluate(PRESS % json.dumps(list(words)))
        return self._arrive(visit) if pressed else None

    def fork(self) -> "ChromiumBrowser":
        """Return another browser with the same cookies; the page's own storage is not copied."""
        other = ChromiumBrowser(self._tools, self._origins, self._patience)
        other._put(self._stored())
        return other

    def cookies(self) -> Sequence[Cookie]:
        """Return the portal's cookies."""
        return [
            Cookie(
                one["name"], one["value"], one["httpOnly"], one["secure"], one.get("sameSite", "")
            )
            for one in self._stored()
        ]

    def forget(self, name: str) -> None:
        """Delete the cookies of this name."""
        kept = [one for one in self._stored() if one["name"] != name]
        self._tools.call("Storage.clearCookies", browserContextId=self._context)
        self._put(kept)

    def _stored(self) -> list[Message]:
        found = self._tools.call("Storage.getCookies", browserContextId=self._context)
        return list(found["cookies"])

    def _put(self, cookies: Sequence[Message]) -> None:
        copies = [{key: one[key] for key in KEPT if key in one} for one in cookies]
        self._tools.call("Storage.setCookies", cookies=copies, browserContextId=self._context)

    def _call(self, method: str, **params: object) -> Message:
        return self._tools.call(method, self._session, **params)

    def _evaluate(self, script: str) -> object:
        return self._call("Runtime.evaluate", expression=script).get("result", {}).get("value")

    def _go(self, address: str, visit: _Visit) -> Page:
        if origin(address) not in self._origins:
            return Page(address=address, status=0, left=True)
        self._tools.send("Page.navigate", self._session, url=address)
        return self._arrive(visit)

    def _arrive(self, visit: _Visit) -> Page:
        until = time.monotonic() + self._patience
        while not visit.is_over():
            if time.monotonic() > until:
                self._call("Page.stopLoading")
                raise PortalAway(f"no complete page within {self._patience:.0f} s")
            event = self._tools.event(LOOK_SECONDS)
            if event is not None and event.get("sessionId") == self._session:
                self._note(visit, event)
        if visit.left:
            return Page(address=visit.left, status=0, left=True)
        if visit.failed:
            raise PortalAway(visit.failed)
        text = str(self._evaluate("document.documentElement.outerHTML"))
        here = str(self._evaluate("location.href"))
        return Page(address=here, status=visit.status, text=text)

    def _note(self, visit: _Visit, event: Message) -> None:
        """Bring what is known of the visit up to date."""
        told = event.get("params", {})
        match event.get("method"):
            case "Fetch.requestPaused":
                self._decide(visit, told)
            case "Network.requestWillBeSent":
                visit.running.add(told["requestId"])
            case "Network.loadingFinished" | "Network.loadingFailed":
                self._note_end(visit, told)
            case "Network.responseReceived":
                self._note_response(visit, told)
            case "Page.loadEventFired":
                visit.loaded = True
        visit.still_since = time.monotonic()

    def _note_response(self, visit: _Visit, told: Message) -> None:
        if told.get("type") in FETCHED:
            visit.running.discard(told["requestId"])
        if self._is_page(told):
            visit.status = told["response"]["status"]

    def _note_end(self, visit: _Visit, told: Message) -> None:
        visit.running.discard(told["requestId"])
        if told.get("type") == "Document" and not told.get("canceled") and not visit.left:
            visit.failed = told.get("errorText", "")

    def _is_page(self, told: Message) -> bool:
        return bool(told.get("type") == "Document" and told.get("frameId") == self._frame)

    def _decide(self, visit: _Visit, told: Message) -> None:
        """Let a document be loaded, or note that the browser would leave the portal for it."""
        number, request = told["requestId"], told["request"]
        if told.get("frameId") == self._frame and origin(request["url"]) not in self._origins:
            visit.left = request["url"]
            self._tools.send(
                "Fetch.failRequest", self._session, requestId=number, errorReason="Aborted"
            )
            return
        changes = _as_form(visit.form, request) if visit.form is not None else {}
        visit.form = None
        self._tools.send("Fetch.continueRequest", self._session, requestId=number, **changes)


def _as_form(fields: Mapping[str, str], request: Message) -> dict[str, object]:
    """Return what makes a navigation the sending of a form."""
    headers = {**request["headers"], "Content-Type": FORM}
    return {
        "method": "POST",
        "postData": b64encode(urlencode(fields).encode()).decode(),
        "headers": [{"name": name, "value": value} for name, value in headers.items()],
    }


def _dispose(tools: DevTools, context: str) -> None:
    with suppress(OSError, BrowserMissing):  # Chromium has ended before
        tools.send("Target.disposeBrowserContext", browserContextId=context)
