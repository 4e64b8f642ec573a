"""What stands between the visitor and the hub: the cases H01 to H03."""

import socket

import pytest

from tests.attack.people.portal import Portal
from tests.web.hub import ORIGIN
from tests.web.sign_in.walk import log_in

HOSTILE = {
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Prefix": "/evil",
    "X-Forwarded-Port": "8443",
    "X-Forwarded-Server": "evil.example",
    "Forwarded": "for=1.2.3.4;host=evil.example;proto=https",
    "X-Original-URL": "/account",
    "X-Rewrite-URL": "/account",
    "X-HTTP-Method-Override": "DELETE",
}


@pytest.mark.parametrize("proxies", [0, 1])
@pytest.mark.parametrize("name", HOSTILE)
def test_attack_H01_no_header_moves_the_issuer_or_a_link(make_hub, name, proxies):
    hub = make_hub(f"[server]\ntrusted_proxies = {proxies}\n")
    Portal(hub)
    browser = hub.browser()
    headers = {name: HOSTILE[name]}
    told = browser.get("/.well-known/openid-configuration", headers=headers)
    page = browser.get("/login", headers=headers)
    assert told.json["issuer"] == ORIGIN
    assert "evil" not in told.text + page.text + str(page.headers)
    assert page.request.path == "/login"


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1:8000@evil.example", "a b", ""]
)
@pytest.mark.parametrize("path", ["/login", "/oauth2/token", "/.well-known/openid-configuration"])
def test_attack_H01_another_host_is_400(hub, host, path):
    answer = hub.browser().get(path, headers={"Host": host})
    assert answer.status_code == 400
    assert "evil" not in answer.text


def raw(*lines, body=b""):
    return "\r\n".join((*lines, "", "")).encode("latin-1") + body


FORM = "Content-Type: application/x-www-form-urlencoded"
SMUGGLED = b"GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
TOKEN = "POST /oauth2/token HTTP/1.1"
HERE = "Host: 127.0.0.1"
AMBIGUOUS = {
    "two lengths": raw(TOKEN, HERE, FORM, "Content-Length: 0", f"Content-Length: {len(SMUGGLED)}"),
    "a list of lengths": raw(TOKEN, HERE, FORM, f"Content-Length: 0, {len(SMUGGLED)}"),
    "length and chunks": raw(
        TOKEN, HERE, FORM, "Content-Length: 4", "Transfer-Encoding: chunked", body=b"0\r\n\r\n"
    ),
    "chunks in disguise": raw(TOKEN, HERE, FORM, "Transfer-Encoding: xchunked"),
    "chunks twice": raw(TOKEN, HERE, FORM, "Transfer-Encoding: chunked, chunked"),
    "a blank before the colon": raw(TOKEN, HERE, FORM, "Content-Length : 5"),
    "a folded header": raw(TOKEN, HERE, FORM, "X-A: b", " Content-Length: 5"),
    "a signed length": raw(TOKEN, HERE, FORM, "Content-Length: +5"),
    "a length in hex": raw(TOKEN, HERE, FORM, "Content-Length: 0x5"),
    "a chunk of no size": raw(
        TOKEN, HERE, FORM, "Transfer-Encoding: chunked", body=b"-1\r\nx\r\n0\r\n\r\n"
    ),
    "two hosts": raw("GET /login HTTP/1.1", HERE, "Host: evil.example"),
    "no host": raw("GET /login HTTP/1.1"),
    "NUL in a header": raw("GET /login HTTP/1.1", HERE, "X-A: a\x00b"),
    "a bare CR": raw("GET /login HTTP/1.1", HERE, "X-A: a\rb"),
}


@pytest.mark.parametrize("request_bytes", AMBIGUOUS.values(), ids=AMBIGUOUS.keys())
def test_attack_H02_what_can_be_read_in_two_ways_is_refused_and_nothing_behind_it_is_read(
    served, request_bytes
):
    statuses = served.statuses(request_bytes + SMUGGLED)
    assert len(statuses) <= 1
    assert set(statuses) <= {400, 501}


def test_attack_H02_a_body_that_ends_early_is_400(served):
    head = b"POST /oauth2/token HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n"
    form = b"Content-Type: application/x-www-form-urlencoded\r\n\r\ngrant_type=x"
    with socket.create_connection(("127.0.0.1", served.port), timeout=5) as line:
        line.sendall(head + form)
        line.shutdown(socket.SHUT_WR)
        assert line.recv(65536).startswith(b"HTTP/1.1 400")


def test_attack_H02_an_absolute_address_of_another_host_is_400(served):
    request_bytes = raw("GET http://evil.example/login HTTP/1.1", "Host: evil.example", CLOSE)
    assert served.statuses(request_bytes) == [400]


CLOSE = "Connection: close"


def test_attack_H01_headers_with_underscores_are_dropped(served):
    spoofed = raw(
        "GET /account HTTP/1.1", HERE, "X_Forwarded_For: 1.2.3.4", "Script_Name: /x", CLOSE
    )
    answer = served.say(spoofed)
    assert b"/x/" not in answer
    assert answer.startswith((b"HTTP/1.1 303", b"HTTP/1.1 400"))


ENCODED_SLASHES = ["/oauth2%2fauthorize", "/account%2fdata"]
DETOURS = [
    *("/oauth2/authorize/", "//oauth2/authorize", "/oauth2//authorize", "/oauth2/authorize;x"),
    *("/oauth2/%2e%2e/account", "/OAUTH2/authorize", "/login/../account", "/account\\data"),
    *("/account/", "//account", "/account;x", "/account%5cdata", "/account%00", "/./account"),
    *("/dev/../account", "/static/../../config/default.toml", "/static/%2e%2e/web/app.py"),
]


@pytest.mark.parametrize("path", [*DETOURS, *ENCODED_SLASHES])
def test_attack_H03_no_other_spelling_reaches_a_route(town, path):
    browser = town.browser()
    log_in(browser)
    answer = browser.client.get(path, base_url=ORIGIN)
    assert answer.status_code == 404


@pytest.mark.parametrize("path", DETOURS)
def test_attack_H03_nor_through_the_real_server(served, path):
    assert served.statuses(raw(f"GET {path} HTTP/1.1", HERE, CLOSE)) in ([404], [400])


@pytest.mark.parametrize("path", ENCODED_SLASHES)
def test_attack_H03_nor_by_an_encoded_slash_through_gunicorn(served_by_gunicorn, path):
    """granian decodes it first: docs/operate/running.md says what the proxy must hold then."""
    asked = raw(f"GET {path} HTTP/1.1", HERE, CLOSE)
    assert served_by_gunicorn.statuses(asked) in ([404], [400])


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PUT", "DELETE", "PATCH", "X"])
def test_attack_H03_no_other_method_reaches_a_page(hub, method):
    answer = hub.app.test_client().open("/login", method=method, base_url=ORIGIN)
    assert answer.status_code == 405
