"""A log line says which request it belongs to, and nothing of the person who sent it."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from idp.adapters.logs import add_request
from idp.protocol.core.refusal_notes import about
from idp.telemetry import request_context
from idp.telemetry.request_context import RequestContext, answering
from idp.web.http.request_ids import RequestIds
from tests.fakes import PlainVault
from tests.web.hub import ORIGIN, Hub

GIVEN = "0af7651916cd43dd8448eb211c80319c"
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def line_of(*, has_proxy: bool = True, address: str = "5.1.1.1", **headers: str) -> dict[str, Any]:
    """Return a line that is written while a request with these headers is answered."""
    lines: list[dict[str, Any]] = []

    def app(_environ, _start_response):
        lines.append(dict(add_request(None, "info", {"event": "x"})))
        lines.append(dict(add_request(None, "info", {"event": "y"})))
        return []

    environ = {"REMOTE_ADDR": address, **{f"HTTP_{name}": text for name, text in headers.items()}}
    RequestIds(app, PlainVault(), has_proxy=has_proxy)(environ, lambda *_: None)
    assert lines[0]["request"] == lines[1]["request"]
    return lines[0]


def test_a_request_has_an_id_of_its_own():
    first, second = line_of(), line_of()
    assert re.fullmatch("[0-9a-f]{32}", first["request"])
    assert first["request"] != second["request"]


def test_the_proxys_id_is_taken():
    assert line_of(X_REQUEST_ID=GIVEN)["request"] == GIVEN


@pytest.mark.parametrize("given", ["0012345679", GIVEN.upper(), GIVEN + "0", "", f"{GIVEN}\n"])
def test_an_id_of_another_form_is_not(given):
    assert line_of(X_REQUEST_ID=given)["request"] != given


def test_without_a_proxy_of_ours_nobody_else_gives_the_id():
    assert line_of(has_proxy=False, X_REQUEST_ID=GIVEN)["request"] != GIVEN


def test_a_valid_traceparent_is_in_the_line():
    line = line_of(TRACEPARENT=f"00-{TRACE}-{SPAN}-01")
    assert (line["trace_id"], line["span_id"]) == (TRACE, SPAN)


def test_a_malformed_traceparent_is_ignored():
    assert "trace_id" not in line_of(TRACEPARENT="00-0012345679-x-01")


def test_the_network_is_a_digest_that_neighbours_share():
    lines = [line_of(address=address)["network"] for address in ("5.1.1.1", "5.1.1.1", "6.1.1.1")]
    assert lines[0] == lines[1] != lines[2]
    assert "5.1.1" not in lines[0]


def test_without_an_address_there_is_no_network():
    assert "network" not in line_of(address="")


def test_a_line_outside_of_a_request_says_nothing_of_one():
    assert add_request(None, "info", {"event": "x"}) == {"event": "x"}


def test_a_line_that_names_its_client_keeps_it():
    context = RequestContext()
    with answering(context):
        request_context.note_client("one")
        request_context.note_client("two")
        assert add_request(None, "info", {"event": "x"})["client"] == "one"
        assert add_request(None, "info", {"event": "x", "client": "own"})["client"] == "own"


def test_outside_of_a_request_no_client_is_noted():
    request_context.note_client("one")
    assert request_context.current() is None


def test_the_client_that_a_request_is_about_is_in_its_lines():
    with answering(RequestContext()):
        about("history")
        assert add_request(None, "info", {"event": "x"})["client"] == "history"


def members_during(hub: Hub, path: str) -> Mapping[str, str]:
    """Return the members that a line at the end of a request would have."""
    kept: list[RequestContext] = []
    inner = hub.app.wsgi_app

    def app(environ, start_response):
        answer = inner(environ, start_response)
        kept.append(request_context.current())
        return answer

    hub.app.wsgi_app = RequestIds(app, PlainVault(), has_proxy=False)
    hub.app.test_client().get(path, base_url=ORIGIN)
    return kept[0].members()


def test_a_made_up_client_is_in_no_line(hub):
    path = "/oauth2/authorize?client_id=0012345679&response_type=code"
    assert "client" not in members_during(hub, path)
