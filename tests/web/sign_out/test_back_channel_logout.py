"""Portals are told before the browser goes on, and a dead one holds nobody up (fault F30)."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from time import monotonic
from urllib.parse import parse_qs

import pytest

from idp.domain.messages.delivery import DeliveryState
from idp.services.sign_out.logout_deliveries import LogoutDeliveries
from tests import fakes
from tests.web.sign_in.walk import add_account, add_client, log_in


class Portal:
    """A portal on loopback that takes logout tokens."""

    def __init__(self) -> None:
        self.tokens = tokens = []

        class Take(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                tokens.extend(parse_qs(body.decode())["logout_token"])
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Keep the output of the tests clean."""

        self.server = HTTPServer(("127.0.0.1", 0), Take)
        Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/out"


@pytest.fixture
def portal() -> Iterator[Portal]:
    made = Portal()
    yield made
    made.server.shutdown()
    made.server.server_close()


@contextmanager
def silent_portal() -> Iterator[str]:
    """The address of a portal that takes the connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/out"


def inside(hub, *addresses):
    """Return a browser whose citizen has been at the portals with these addresses."""
    keys = hub.deps.provider._provider.keys
    keys.promote(keys.new("RS256").kid)
    add_account(hub)
    browser = hub.browser()
    log_in(browser)
    session = hub.deps.sessions.find_live(browser.cookie("hub_session"))
    for number, address in enumerate(addresses):
        add_client(hub, client_id=f"portal-{number}", backchannel_logout_uri=address)
        with hub.deps.begin() as work:
            work.sessions.visit(session.id, f"portal-{number}", hub.clock())
    return browser


def states(hub):
    listed = LogoutDeliveries(kernel=fakes.kernel(hub.deps.begin, hub.clock)).list()
    return {one.client_id: one.state for one in listed}


def test_the_portal_has_the_token_when_the_browser_gets_its_answer(guide_hub, portal):
    inside(guide_hub, portal.address).post("/logout", {}, follow=False)
    assert len(portal.tokens) == 1
    assert states(guide_hub) == {"portal-0": DeliveryState.DELIVERED}


def test_attack_L05_a_silent_portal_holds_nobody_up_and_is_told_later(guide_hub):
    with silent_portal() as address:
        browser = inside(guide_hub, address)
        begun = monotonic()
        answer = browser.post("/logout", {}, follow=False)
        assert monotonic() - begun < 4  # it is given up after 5 s, waited for 0.8 s
        assert answer.status_code == 200
        assert states(guide_hub) == {"portal-0": DeliveryState.WAITING}


def test_a_silent_portal_keeps_no_other_from_being_told(guide_hub, portal):
    with silent_portal() as silent:
        inside(guide_hub, silent, portal.address).post("/logout", {}, follow=False)
    assert len(portal.tokens) == 1


def test_a_dead_portal_is_tried_again(guide_hub, portal):
    portal.server.server_close()
    inside(guide_hub, portal.address).post("/logout", {}, follow=False)
    assert states(guide_hub) == {"portal-0": DeliveryState.FAILED}


def test_the_session_is_over_before_a_portal_is_told(guide_hub):
    with silent_portal() as address:
        browser = inside(guide_hub, address)
        token = browser.cookie("hub_session")
        browser.post("/logout", {}, follow=False)
        assert guide_hub.deps.sessions.find_live(token) is None
