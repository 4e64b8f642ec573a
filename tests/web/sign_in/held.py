"""Forms that are held: sent on with their work, and at an account that strangers flood."""

import html
import json
import re
from contextlib import suppress
from datetime import timedelta

import altcha
from werkzeug.test import TestResponse

from idp.domain.protection.rate_limits import WAITED, EverybodysKey, WorkDone
from idp.services.protection.turns import TurnNeeded
from tests.web.hub import Browser, Hub, hidden
from tests.web.sign_in.walk import USER, log_in


def solved(page: TestResponse) -> str:
    """What the page's script finds."""
    match = re.search(r'data-puzzle="([^"]*)"', page.text)
    assert match, page.text
    challenge = altcha.Challenge.from_dict(json.loads(html.unescape(match.group(1))))
    solution = altcha.solve_challenge(challenge)
    assert solution is not None
    return altcha.Payload(challenge, solution).to_base64()


def bring(
    browser: Browser,
    page: TestResponse,
    path: str = "/login",
    solution: str | None = None,
    **more: str,
) -> TestResponse:
    """Send the held form on, as the script does, or with another ``solution``."""
    found = solved(page) if solution is None else solution
    form = {"held": hidden(page, "held"), "altcha": found, **more}
    return browser.post(path, form, follow=False)


def flood(hub: Hub, turns: int, user: str = USER) -> None:
    """Let strangers fail a hundred times at an account, the tests' own network among them.

    ``turns``: so many were sold ahead of time, each at the highest price.
    """
    tries = hub.deps.sign_in.tries
    account, network = EverybodysKey.of_typed_id(user), EverybodysKey.of_network("127.0.0.1")
    for _ in range(100):
        tries.by_account.ask(account, WAITED)
    tries.turns._firsts.take(account, network, WorkDone.of(4), 10)
    for _ in range(turns):
        with suppress(TurnNeeded):
            tries.turns.take(account, network, WorkDone.of(10))


def priced(browser: Browser, turns: int) -> TestResponse:
    """The page after the first work at a flooded account: that of the price."""
    flood(browser.hub, turns)
    page = log_in(browser)
    browser.hub.clock.move(timedelta(seconds=10))  # its ticket instead: no test computes long
    return bring(browser, page, solution="")
