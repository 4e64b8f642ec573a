"""An answer that is lost on its way: the request comes again and is answered alike (fault F01)."""

import http.client
import json
import socket
import struct
import time
from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from threading import Thread
from urllib.parse import urlencode

import pytest
from werkzeug.serving import make_server

from idp.protocol.token.grants import REFRESH_PURPOSE
from tests.web.refreshing import put_refresh_token

TOKEN = "the-first-refresh-token"
FORM = urlencode({"grant_type": "refresh_token", "refresh_token": TOKEN})
HEADERS = {
    "Authorization": "Basic " + b64encode(b"portal:secret").decode(),
    "Content-Type": "application/x-www-form-urlencoded",
}
AT_ONCE_RESET = struct.pack("ii", 1, 0)
PATIENCE = 30  # seconds, on a busy machine


@pytest.fixture
def hub(make_hub, migrated_url):
    """A hub on a real database, and a portal with a refresh token."""
    made = make_hub(url=migrated_url)
    put_refresh_token(made, TOKEN)
    return made


@pytest.fixture
def port(hub) -> Iterator[int]:
    """The port of a real server of the hub."""
    server = make_server("127.0.0.1", 0, hub.app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def refresh_and_hang_up(port: int) -> None:
    """Send the request and cut the line before the answer can come."""
    line = http.client.HTTPConnection("127.0.0.1", port)
    line.request("POST", "/oauth2/token", FORM, HEADERS)
    line.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE_RESET)
    line.sock.close()


def refresh(port: int) -> dict[str, str]:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    line.request("POST", "/oauth2/token", FORM, HEADERS)
    answer = json.loads(line.getresponse().read())
    line.close()
    return answer


def wait_until_used(hub) -> None:
    digest = hub.deps.vault.digest(TOKEN, purpose=REFRESH_PURPOSE)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with hub.deps.begin(read_only=True) as work:
            if work.grants.find_refresh(digest).used_at is not None:
                return
        time.sleep(0.05)
    raise AssertionError("the lost request was never served")


def test_a_lost_refresh_is_asked_again_and_gets_the_one_successor(hub, port):
    refresh_and_hang_up(port)
    wait_until_used(hub)
    hub.clock.move(timedelta(seconds=9))

    first, second = refresh(port), refresh(port)

    assert first["refresh_token"] == second["refresh_token"] != TOKEN


def test_a_lost_refresh_that_comes_again_too_late_ends_the_family(hub, port):
    refresh_and_hang_up(port)
    wait_until_used(hub)
    hub.clock.move(timedelta(seconds=10))

    assert refresh(port) == {"error": "invalid_grant"}
