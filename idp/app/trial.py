"""A portal's trial, wired: a hub that can misbehave, on loopback, and the citizen's browsers.

Only `idp portals try` loads this: no setting of the served hub leads here.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Event
from wsgiref.types import WSGIApplication

from idp.adapters.browsers.chromium_browser import ChromiumBrowser
from idp.adapters.browsers.devtools import find_chromium, running_chromium
from idp.adapters.browsers.http_browser import HttpBrowser, ask_with
from idp.adapters.browsers.loopback_server import serving
from idp.adapters.logs import logging_to
from idp.app.outside import Outside, build_outside
from idp.settings import Settings
from idp.tester.addresses import origin
from idp.tester.api import Api
from idp.tester.browser import Browser
from idp.tester.citizen import Citizen
from idp.tester.forge import Forge
from idp.tester.hostile_hub import HostileHub
from idp.tester.plan import Plan
from idp.tester.strangers import strangers_keys
from idp.tester.trial import Trial, origins_of

ACCESS_TOKEN_ALG = "RS256"  # noqa: S105 (no secret)
"""The tester's hub has no `tokens.access_token_formats`."""


@contextmanager
def portal_trial(
    settings: Settings, plan: Plan, make_app: Callable[[Outside, Event], WSGIApplication]
) -> Iterator[Trial]:
    """Serve the hub of ``settings`` with a tester in front, and yield the trial of a portal.

    Raises OSError where the port is taken.
    """
    with logging_to(plan.log), _stop() as stop:
        outside = build_outside(settings)
        hub = HostileHub(make_app(outside, stop), outside.pause)
        with serving(hub, plan.port), _browsers(plan) as new_browser:
            yield _trial(outside, plan, hub, new_browser)


@contextmanager
def _stop() -> Iterator[Event]:
    """Yield what ends the hub's embedded worker when the trial is over."""
    stop = Event()
    try:
        yield stop
    finally:
        stop.set()


def _trial(
    outside: Outside, plan: Plan, hub: HostileHub, new_browser: Callable[[], Browser]
) -> Trial:
    issuer = outside.settings.server.issuer
    alg = ACCESS_TOKEN_ALG if plan.api else plan.client.id_token_signed_response_alg
    at_hub = partial(HttpBrowser, {origin(issuer)}, plan.patience.total_seconds())
    return Trial(
        client=plan.client,
        issuer=issuer,
        hub=hub,
        forge=Forge(keys=outside.keys, strangers=strangers_keys(outside.clock, alg), alg=alg),
        citizen=Citizen(
            browser=at_hub(),
            hub=issuer,
            user_name=plan.user_name,
            password=plan.password,
            new_browser=at_hub,
        ),
        new_browser=new_browser,
        program=_plain(plan),
        start=plan.start,
        clock=outside.clock,
        pause=outside.pause,
        patience=plan.patience,
        api=_api(plan),
    )


def _api(plan: Plan) -> Api | None:
    if not plan.api:
        return None
    ask = partial(ask_with, plan.patience.total_seconds())
    return Api(plan.api, plan.client.introspection_audience[0], ask)


def _plain(plan: Plan) -> Callable[[], Browser]:
    origins = origins_of(plan.client, plan.start)
    return partial(HttpBrowser, origins, plan.patience.total_seconds())


@contextmanager
def _browsers(plan: Plan) -> Iterator[Callable[[], Browser]]:
    """Yield what makes the citizen's browsers. Raises BrowserMissing."""
    if not plan.uses_chromium:
        yield _plain(plan)
        return
    with running_chromium(find_chromium()) as tools:
        origins = origins_of(plan.client, plan.start)
        yield partial(ChromiumBrowser, tools, origins, plan.patience.total_seconds())
