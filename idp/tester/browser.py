"""What the tester needs of a citizen's browser; ``idp/adapters/browsers`` implements it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


class PortalAway(Exception):
    """The portal does not answer: no connection, or nothing in time."""


class BrowserMissing(Exception):
    """The browser with scripts is not installed, or it ended; the text says what was looked for."""


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie that the portal set; ``same_site`` is empty where it says nothing."""

    name: str
    value: str
    http_only: bool
    secure: bool
    same_site: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Where a browser arrived after all redirects.

    ``left``: the address is another origin's, which the browser did not open.
    """

    address: str
    status: int
    text: str = ""
    left: bool = False

    @property
    def crashed(self) -> bool:
        """Return whether the portal answered with an unhandled error."""
        return self.status == 500

    @property
    def says(self) -> str:
        """Return in words where the browser arrived, without the query."""
        place = self.address.partition("?")[0].partition("#")[0]
        return f"sent the browser to {place}" if self.left else f"answered {self.status} at {place}"


class Browser(Protocol):
    """A browser that opens the portal's origins, keeps its cookies, and stops where it leaves."""

    def open(self, address: str) -> Page:
        """Return where the browser arrives. Raises PortalAway."""

    def post(self, address: str, fields: Mapping[str, str]) -> Page:
        """Send a form and return where the browser arrives. Raises PortalAway."""

    def press(self, words: Sequence[str]) -> Page | None:
        """Press the first button or link with one of the words, and return where that leads.

        None where the page has none, and in browsers without scripts. Raises PortalAway.
        """

    def fork(self) -> "Browser":
        """Return another browser with the same cookies, which then go separate ways."""

    def cookies(self) -> Sequence[Cookie]:
        """Return the portal's cookies."""

    def forget(self, name: str) -> None:
        """Delete the cookies of this name."""
