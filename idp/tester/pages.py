"""Forms, links and visible words of an HTML page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

SILENT = frozenset({"script", "style", "noscript", "template"})


@dataclass(slots=True)
class Form:
    """A form: where it goes, and what it holds."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)


class Html(HTMLParser):
    """What a page contains: its forms, its links with their words, its visible text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.chunks: list[str] = []
        self._silent = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note forms, their fields and links."""
        given = {name: value or "" for name, value in attrs}
        self._silent += tag in SILENT
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get").lower()))
        elif tag == "a" and given.get("href"):
            self.links.append(given["href"])
        elif tag == "input" and self.forms and given.get("name"):
            self._note(given)

    def _note(self, given: Mapping[str, str]) -> None:
        if given.get("type") not in {"checkbox", "radio", "submit"} or "checked" in given:
            self.forms[-1].values[given["name"]] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        """Leave an element without visible words."""
        self._silent -= tag in SILENT

    def handle_data(self, data: str) -> None:
        """Note visible words."""
        words = " ".join(data.split())
        if words and self._silent <= 0:
            self.chunks.append(words)
