"""Requests are counted by their route, never by a path that somebody made up."""

import pytest

from idp.telemetry.catalogue import HTTP_REQUESTS, HTTP_SECONDS, PROTOCOL_REQUESTS, TOKEN_GRANTS
from idp.web.http.measured_requests import MeasuredRequests, plain_routes
from tests.counted import counting
from tests.web.hub import ORIGIN, Hub


@pytest.fixture
def measured(hub: Hub) -> Hub:
    hub.app.wsgi_app = MeasuredRequests(hub.app.wsgi_app, plain_routes(hub.app))
    return hub


@pytest.mark.parametrize(
    ("method", "path", "counted"),
    [
        ("GET", "/alive", ("/alive", "GET", "200")),
        ("GET", "/static/hub.css", ("/static/<path:filename>", "GET", "200")),
        ("GET", "/09121234567", ("none", "GET", "404")),
        ("POST", "/alive", ("/alive", "POST", "405")),
        ("BREW", "/alive", ("/alive", "other", "405")),
        ("POST", "/oauth2/token", ("/oauth2/token", "POST", "400")),
        ("GET", "/oauth2/jwks", ("/oauth2/jwks", "GET", "200")),
        ("GET", "/oauth2/register/0012345679", ("/oauth2/register/<client_id>", "GET", "401")),
        ("GET", "/login?username=0012345679", ("/login", "GET", "200")),
    ],
)
def test_a_request_is_counted_by_its_route(measured, method, path, counted):
    keys = measured.deps.provider._provider.keys
    keys.promote(keys.new("RS256").kid)
    with counting() as seen:
        measured.app.test_client().open(path, method=method, base_url=ORIGIN).close()
    assert seen.of(HTTP_REQUESTS) == {counted: 1}


def test_a_request_is_timed_under_its_route(measured):
    with counting() as seen:
        measured.app.test_client().get("/alive", base_url=ORIGIN)
    [(labels, seconds)] = seen.observed[HTTP_SECONDS]
    assert labels == ("/alive",)
    assert 0 < seconds < 10


def test_an_app_that_breaks_is_counted_as_the_server_answers():
    def breaks(_environ, _start_response):
        raise ValueError("broken")

    app = MeasuredRequests(breaks, frozenset())
    with counting() as seen, pytest.raises(ValueError, match="broken"):
        app({"REQUEST_METHOD": "GET", "PATH_INFO": "/x"}, lambda *_: None)
    assert seen.of(HTTP_REQUESTS) == {("none", "GET", "500"): 1}


@pytest.mark.parametrize(
    ("form", "grant_type"),
    [({"grant_type": "authorization_code"}, "authorization_code"), ({"grant_type": "x"}, "other")],
)
def test_a_refused_token_request_is_counted(measured, form, grant_type):
    with counting() as seen:
        measured.app.test_client().post("/oauth2/token", data=form, base_url=ORIGIN)
    assert seen.of(TOKEN_GRANTS) == {(grant_type, "invalid_request"): 1}
    assert seen.of(PROTOCOL_REQUESTS) == {("token", "", "invalid_request"): 1}


def test_an_id_that_somebody_made_up_is_no_label(measured):
    form = {"grant_type": "authorization_code", "client_id": "0012345679", "client_secret": "x"}
    with counting() as seen:
        measured.app.test_client().post("/oauth2/token", data=form, base_url=ORIGIN)
    assert seen.of(PROTOCOL_REQUESTS) == {("token", "", "invalid_client"): 1}


def test_a_body_that_is_no_form_is_counted(measured):
    with counting() as seen:
        measured.app.test_client().post("/oauth2/token", json={}, base_url=ORIGIN)
    assert seen.of(TOKEN_GRANTS) == {("other", "invalid_request"): 1}
