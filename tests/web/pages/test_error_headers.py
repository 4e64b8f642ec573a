"""An error keeps the headers that its status asks for (RFC 9110), on pages and for programs."""

import pytest
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import HTTPException, ServiceUnavailable, TooManyRequests, Unauthorized

from tests.web.hub import ORIGIN


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("post", "/account", {"GET", "HEAD", "OPTIONS"}),
        ("get", "/oauth2/token", {"POST", "OPTIONS"}),
        ("delete", "/login", {"GET", "HEAD", "POST", "OPTIONS"}),
    ],
)
def test_405_names_the_methods_that_are_allowed(hub, method, path, allowed):  # RFC 9110 15.5.6
    answer = getattr(hub.app.test_client(), method)(path, base_url=ORIGIN)
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == allowed


@pytest.mark.parametrize(
    ("error", "header", "value"),
    [
        (Unauthorized(www_authenticate=WWWAuthenticate("bearer")), "WWW-Authenticate", "Bearer"),
        (TooManyRequests(retry_after=7), "Retry-After", "7"),
        (ServiceUnavailable(retry_after=9), "Retry-After", "9"),
    ],
)
@pytest.mark.parametrize("path", ["/nothing", "/oauth2/nothing"])
def test_other_errors_keep_theirs(hub, path: str, error: HTTPException, header: str, value: str):
    def broken() -> None:
        raise error

    hub.app.add_url_rule(path, "broken", broken)
    answer = hub.app.test_client().get(path, base_url=ORIGIN)
    assert answer.headers.getlist(header) == [value]
    assert answer.headers.getlist("Content-Type") == ["text/html; charset=utf-8"]
