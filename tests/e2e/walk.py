"""A browser without a screen: cookies, links and forms over plain HTTP."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

import requests


@dataclass
class Form:
    """A form of a page: where it goes, and what it holds before anybody types."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)
    buttons: set[str] = field(default_factory=set)
    """Names of buttons, which are sent only when they are pressed."""


class Page(HTMLParser):
    """The text, the forms and the links of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.articles: list[str] = []
        self._text: list[str] = []
        self._select = ""
        self._article_from = 0
        self.feed(html)

    @property
    def text(self) -> str:
        """What a person reads, white space collapsed."""
        return " ".join(" ".join(self._text).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get")))
        elif tag == "article":
            self._article_from = len(self._text)
        elif tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif self.forms and given.get("name"):
            self._control(tag, given)
        elif tag == "option" and "selected" in given and self.forms:
            self.forms[-1].values[self._select] = given.get("value", "")

    def _control(self, tag: str, given: dict[str, str]) -> None:
        if tag == "select":
            self._select = given["name"]
        if tag == "button":
            self.forms[-1].buttons.add(given["name"])
        if tag in {"input", "select"}:
            self.forms[-1].values[given["name"]] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "article":
            self.articles.append(" ".join(" ".join(self._text[self._article_from :]).split()))

    def handle_data(self, data: str) -> None:
        self._text.append(data)


class Walk:
    """One person's browser. Every request follows redirects, as browsers do, and `Refresh: 0`."""

    def __init__(self) -> None:
        self.session = requests.Session()
        # A browser tries again when a kept connection turns out to be dead; this one keeps none.
        self.session.headers["Connection"] = "close"
        self.session.headers["User-Agent"] = "Mozilla/5.0"
        self.here = ""
        self.status = 0
        self.markup = ""
        self.page = Page("")

    @property
    def text(self) -> str:
        """The text of the page in front of us."""
        return self.page.text

    @property
    def path(self) -> str:
        """Where we are on the host."""
        return urlsplit(self.here).path

    def open(self, address: str) -> "Walk":
        """Go to an address, absolute or of the page's host."""
        return self._arrive(self.session.get(self._absolute(address), timeout=30))

    def submit(self, typed: dict[str, str] | None = None, *, action: str = "") -> "Walk":
        """Fill in and send the first form with these fields, or the one with that action."""
        form = next(self._fitting(typed or {}, action))
        values = form.values | (typed or {})
        target = self._absolute(form.action or self.here)
        return self._arrive(self.session.post(target, data=values, timeout=30))

    def _fitting(self, typed: dict[str, str], action: str) -> Iterator[Form]:
        for form in self.page.forms:
            if set(typed) <= form.buttons.union(form.values) and action in form.action:
                yield form

    def _absolute(self, address: str) -> str:
        if "://" in address:
            return address
        parts = urlsplit(self.here)
        return f"{parts.scheme}://{parts.netloc}{address}"

    def _arrive(self, response: requests.Response) -> "Walk":
        self.here, self.status = response.url, response.status_code
        self.markup = response.text
        self.page = Page(response.text)
        at_once, _, onward = response.headers.get("Refresh", "").partition(";url=")
        return self.open(onward) if at_once == "0" else self
