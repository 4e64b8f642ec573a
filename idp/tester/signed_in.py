"""How to tell whether a portal has signed a person in: learned from right sign-ins."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from idp.tester.addresses import origin, without_query
from idp.tester.browser import Browser, Page
from idp.tester.pages import Html


class NotLearned(Exception):
    """Nothing on the page distinguishes who is signed in; the text says what was tried."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A page of the portal, and what it shows to whoever is signed in alone."""

    address: str
    how: str
    shows_it: Callable[[Page], bool]

    def is_true_of(self, browser: Browser) -> bool:
        """Return whether the page is a signed-in one in this browser."""
        return self.shows_it(browser.open(self.address))


@dataclass(frozen=True, slots=True)
class Samples:
    """One address, opened by browsers that are signed in, and by one that is not."""

    address: str
    inside: Sequence[Page]
    outside: Page


def learn(samples: Samples, marker: str = "") -> SignedIn:
    """Return what tells the pages of the samples apart. Raises NotLearned.

    In this order: the ``marker``, where the browser arrives and with which status, the words that
    every signed-in page has and the signed-out one has not.
    """
    if marker:
        return _by_marker(samples, marker)
    looks = {_look(page) for page in samples.inside}
    if len(looks) == 1 and _look(samples.outside) not in looks:
        return SignedIn(
            samples.address,
            f"the portal {samples.inside[0].says}; signed out, it {samples.outside.says}",
            lambda page: _look(page) in looks,
        )
    return _by_words(samples)


def _look(page: Page) -> tuple[str, int]:
    return (origin(page.address) if page.left else without_query(page.address), page.status)


def _by_marker(samples: Samples, marker: str) -> SignedIn:
    if marker in samples.outside.text:
        raise NotLearned(f"the marker {marker!r} is on the signed-out page too")
    if not all(marker in page.text for page in samples.inside):
        raise NotLearned(f"the marker {marker!r} is not on the signed-in page")
    return SignedIn(samples.address, f"the page has {marker!r}", lambda page: marker in page.text)


def _by_words(samples: Samples) -> SignedIn:
    common = set.intersection(*(_words(page) for page in samples.inside))
    telling = common - _words(samples.outside)
    if not telling:
        raise NotLearned(f"{samples.address} looks the same for everybody")
    shown = min(telling, key=lambda words: (len(words), words))[:60]
    return SignedIn(
        samples.address,
        f"the page has {shown!r}, which the signed-out page lacks",
        lambda page: 2 * len(telling & _words(page)) >= len(telling),
    )


def _words(page: Page) -> set[str]:
    return set() if page.left or page.status >= 400 else set(Html(page.text).chunks)
