"""The forms of a page, read from its markup as a browser would."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

CONTROLS = ("input", "select", "textarea", "button")


@dataclass
class Control:
    """A control of a form: its tag and attributes."""

    tag: str
    attributes: dict[str, str]

    @property
    def kind(self) -> str:
        return self.attributes.get("type", "text") if self.tag == "input" else self.tag


@dataclass
class Form:
    """A form: its attributes and its controls in the order of the page."""

    attributes: dict[str, str]
    controls: list[Control] = field(default_factory=list)

    def sends(self, kind: str) -> dict[str, str]:
        """Return what controls of a kind send without a citizen."""
        named = (one.attributes for one in self.controls if one.kind == kind)
        return {one["name"]: one.get("value", "") for one in named if "name" in one}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.ids: list[str] = []
        self._open: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag == "form":
            self._open = Form(attributes)
            self.forms.append(self._open)
        elif tag in CONTROLS and self._open is not None:
            self._open.controls.append(Control(tag, attributes))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None


def _read(markup: str) -> _Reader:
    reader = _Reader()
    reader.feed(markup)
    return reader


def forms_of(markup: str) -> list[Form]:
    """Return the forms of a page in their order."""
    return _read(markup).forms


def ids_of(markup: str) -> list[str]:
    """Return every id of a page in its order."""
    return _read(markup).ids
