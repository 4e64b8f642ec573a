"""What tests of the pages turn and read: the hub, its browsers, the words of a page."""

import html
import re
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from secrets import token_bytes
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from idp.deps import Deps
from idp.ports import HashingBusy, HashLane, SmsMessage
from idp.services.messages.messages import SMS, SMS_CODE
from idp.web.http.security import masked
from tests.fakes import FixedClock

ORIGIN = "http://127.0.0.1:8000"
CODE = re.compile(r"#([0-9]{6})\b")
_OF_A_FLOW = re.compile(r"[?&](flow|form|kept|work|left)=")


class BrowserClient(FlaskClient):
    """The test client with the ``User-Agent`` of a browser that says no more of itself."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0"


class QuickHashing:
    """Hashes at once; counts, and is busy when told so."""

    def __init__(self) -> None:
        self.hashed = 0
        self.is_busy = False

    def hash(self, text: str, *, lane: HashLane = HashLane.OWNER) -> str:
        if self.is_busy:
            raise HashingBusy
        self.hashed += 1
        return f"quick:{sha256(text.encode()).hexdigest()}"

    def verify(self, text: str, hashed: str | None, *, lane: HashLane = HashLane.REST) -> bool:
        return self.hash(text) == hashed

    def verify_answer(self, text: str, hashed: str | None, *, lane: HashLane) -> bool:
        return self.verify(text, hashed, lane=lane)

    def needs_rehash(self, hashed: str) -> bool:
        return False


@dataclass
class Hub:
    """The running hub and what tests may turn."""

    app: Flask
    deps: Deps
    clock: FixedClock
    hashing: QuickHashing
    sms: list[SmsMessage] = field(default_factory=list)

    def browser(self) -> "Browser":
        """Open a browser of its own, with its own cookies."""
        return Browser(self, self.app.test_client())

    def take_sms(self) -> list[SmsMessage]:
        """Take every message that the outbox holds now, oldest first."""
        taken = []
        with self.deps.begin() as work:
            while job := work.outbox.claim(
                "test", self.clock(), lease=timedelta(minutes=1), kinds=(SMS, SMS_CODE)
            ):
                assert job.sms is not None
                taken.append(job.sms)
                work.outbox.finish(job, self.clock())
        self.sms.extend(taken)
        return taken

    def take_code(self) -> str:
        """Take the code of the newest message that has one."""
        found = [CODE.search(message.text) for message in self.take_sms()]
        return next(match.group(1) for match in reversed(found) if match)


@dataclass
class Browser:
    """A browser without JavaScript: keeps cookies, sends the form's token, follows redirects."""

    hub: Hub
    client: FlaskClient

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, base_url=ORIGIN, follow_redirects=True, **options)

    def post(self, path: str, data: Any, *, follow: bool = True, **options: Any) -> TestResponse:
        """Post a form as a page of now has it; anything but a mapping is sent as it is.

        A mapping gets its token and the mark of who is signed in; a field that is None is left out.

        Without ``follow`` it is left at the answer that leads out of the flow: a refused form and a
        next step are pages of their own, and the page is what the test sees.
        """
        if isinstance(data, dict):
            data = {"csrf_token": self.csrf_token(), "account": self.account_mark(), **data}
            data = {name: value for name, value in data.items() if value is not None}
        answer = self.client.post(
            path, data=data, base_url=ORIGIN, follow_redirects=follow, **options
        )
        if answer.status_code != 303 or not _OF_A_FLOW.search(answer.location):
            return answer
        page = self.get(answer.location)
        page.history = (*answer.history, answer, *page.history)
        return page

    def csrf_token(self) -> str:
        """Return the token of this browser's forms; opens a page first when it has no cookie."""
        if (cookie := self.cookie("hub_browser")) is None:
            self.get("/register")
            cookie = self.cookie("hub_browser")
        assert cookie is not None
        # As on a page: the mask, and so the form, is new each time.
        return masked(self.hub.deps.vault.digest(cookie, purpose="csrf"), token_bytes(32))

    def account_mark(self) -> str | None:
        """Return what forms of this browser's pages name its account by; None for nobody's."""
        deps, token = self.hub.deps, self.cookie("hub_session")
        session = deps.sessions.peek(token) if token else None
        if session is None:
            return None
        return deps.vault.digest(session.account_id, purpose="account_of_a_form")

    def cookie(self, name: str) -> str | None:
        found = self.client.get_cookie(name, domain="127.0.0.1")
        return found.value if found else None


def address(page: TestResponse) -> str:
    """Return path and query that a browser shows above the page."""
    query = page.request.query_string.decode()
    return f"{page.request.path}?{query}" if query else page.request.path


def path_of(answer: TestResponse) -> str:
    """Return the path of the page that an answer leads to."""
    return urlsplit(answer.location).path


def goes_on_to(page: TestResponse) -> str:
    """Return where a page leads by itself, at once: the way out of the hub after a form."""
    when, _, address = page.headers.get("Refresh", "").partition(";url=")
    assert when == "0", f"{page.request.path} stays: {page.status}"
    return address


def words(page: TestResponse) -> str:
    """Return what a reader of the page sees, white space collapsed; attributes of inputs too."""
    markup = without_tokens(page.get_data(as_text=True))
    body = re.sub(r"<(script|style)\b.*?</\1>", " ", markup, flags=re.DOTALL)
    shown = re.findall(r'(?:placeholder|value|label)="([^"]*)"', body)
    text = re.sub(r"</?(?:bdi|wbr)\b[^>]*>", "", body)
    text = re.sub(r"<[^>]+>", " ", text)
    return " ".join(html.unescape(" ".join([text, *shown])).split())


def without_tokens(markup: str) -> str:
    """Return a page without the tokens of its forms, which differ each time."""
    return re.sub(r"\b[0-9a-f]{128}\b", "", markup)


def hidden(page: TestResponse, name: str) -> str:
    """Return the value of a hidden field."""
    match = re.search(
        rf'<input type="hidden"\s+name="{name}"\s+value="([^"]*)"', page.get_data(as_text=True)
    )
    assert match, f"no hidden field {name}"
    return html.unescape(match.group(1))
