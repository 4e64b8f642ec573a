"""A hub in trouble: slow, out of order, restarted, with new keys."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from idp.protocol.core import endpoints
from idp.tester.browser import Browser, Page, PortalAway
from idp.tester.case import Case, Weight
from idp.tester.cases.answers import arrive, judge_refusal, judge_welcome, require_asked
from idp.tester.hostile_hub import Misbehaviour
from idp.tester.trial import Trial
from idp.tester.verdict import Finding, failed, passed

BEYOND = timedelta(seconds=2)
SLOW = 4
"""The part of the citizen's patience that a slow hub takes: a quarter."""


def _key_rotation(trial: Trial) -> Finding:
    trial.signed_in_browser()  # the portal has read the key set
    ring = trial.forge.keys
    ring.promote(ring.new(trial.forge.alg).kid, at_once=True)
    browser = trial.new_browser()
    page = trial.sign_in(browser)
    return judge_welcome(trial, browser, page)


def _slow(trial: Trial) -> Finding:
    browser = trial.new_browser()
    page, _ = arrive(trial, browser, Misbehaviour(delays={endpoints.TOKEN: trial.patience / SLOW}))
    return judge_welcome(trial, browser, page)


def _hangs(trial: Trial) -> Finding:
    browser = trial.new_browser()
    does = Misbehaviour(delays={endpoints.TOKEN: trial.patience + BEYOND})
    try:
        page, seen = arrive(trial, browser, does)
    except PortalAway:
        seconds = trial.patience.total_seconds()
        return failed(f"gave the citizen no page for {seconds:.0f} s: it waits for the hub")
    require_asked(seen, endpoints.TOKEN)
    return passed(f"gave up in time: it {page.says}")


@dataclass(frozen=True, slots=True)
class _Outage:
    """A play in which one endpoint fails during a sign-in, and is well at the next one."""

    does: Misbehaviour
    path: str

    def __call__(self, trial: Trial) -> Finding:
        browser = trial.new_browser()
        page, seen = arrive(trial, browser, self.does)
        require_asked(seen, self.path)
        refusal = judge_refusal(trial, browser, page)
        return _recovered(trial, browser, page) if refusal.portal.endswith("nobody in") else refusal


def _recovered(trial: Trial, browser: Browser, page: Page) -> Finding:
    """Return that the portal passes when the same browser can sign in afterwards."""
    trial.sign_in(browser)
    if trial.is_signed_in(browser):
        return passed(f"{page.says}; the next sign-in worked")
    return failed(f"{page.says}; the next sign-in, with a hub that was well, failed too")


def _outage(path: str, make: Callable[[str], Misbehaviour]) -> _Outage:
    return _Outage(make(path), path)


def _unavailable(path: str) -> Misbehaviour:
    return Misbehaviour(statuses={path: 503})


def _silent(path: str) -> Misbehaviour:
    return Misbehaviour(silent=frozenset({path}))


CASES = (
    Case(
        id="hub-slow",
        title="A slow hub signs in all the same",
        does="answered the token request after a quarter of the time that a citizen waits",
        why="On a busy morning, answers take seconds; a time limit below that makes it an outage.",
        source="docs/integrate/try.md, time limits",
        play=_slow,
        weight=Weight.SHOULD,
    ),
    Case(
        id="hub-hangs",
        title="A hub that hangs does not hang the portal",
        does="did not answer the token request for as long as a citizen waits",
        why="A portal without a time limit loses a thread for each citizen, then all of its pages.",
        source="docs/integrate/try.md, time limits",
        play=_hangs,
        weight=Weight.SHOULD,
    ),
    Case(
        id="hub-503-token",
        title="503 of the token endpoint signs nobody in and is forgotten",
        does="answered the token request with 503, then signed in again with a hub that was well",
        why="Maintenance of the hub must not leave a portal broken after it.",
        source="RFC 9110 15.6.4; RFC 6749 5.2",
        play=_outage(endpoints.TOKEN, _unavailable),
    ),
    Case(
        id="hub-restart",
        title="A restart of the hub signs nobody in and is forgotten",
        does="closed the connection of the token request unanswered, then signed in again",
        why="Connections that a portal keeps open die when the hub restarts.",
        source="RFC 9110 9.2.2 (a POST is not repeated by itself)",
        play=_outage(endpoints.TOKEN, _silent),
    ),
    # Last: a portal that does not read the new key signs nobody in any more.
    Case(
        id="key-rotation",
        title="A new signing key is accepted at once",
        does="gave the hub a new signing key, published and in use from this moment on",
        why="Keys are changed without notice after a leak. A portal that keeps the key set until it"
        " restarts is closed meanwhile.",
        source="OpenID Connect Core 10.1.1",
        play=_key_rotation,
    ),
)
