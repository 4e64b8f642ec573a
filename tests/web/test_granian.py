"""What stands between granian and the app, and granian's options."""

from pathlib import Path

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app
from werkzeug.wrappers import Request, Response

from idp.domain.wire import LARGEST_HEADER_LINE, LARGEST_REQUEST_LINE
from idp.settings import load
from idp.web.granian_requests import UnambiguousRequests
from idp.web.granian_server import options
from tests.cli.conftest import CommandLine


@Request.application
def app(request: Request) -> Response:
    """Answer with the body and the path as it was sent."""
    return Response(request.get_data() or request.environ["RAW_URI"])


def asked(**changed):
    environ = EnvironBuilder("/login").get_environ() | {"SERVER_PROTOCOL": "HTTP/1.1"} | changed
    return Response(*run_wsgi_app(UnambiguousRequests(app), environ))


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"HTTP_TRANSFER_ENCODING": "chunked"}, 501),
        ({"HTTP_HOST": ""}, 400),
        ({"HTTP_HOST": "localhost,evil.example"}, 400),
        ({"HTTP_COOKIE": "a" * (LARGEST_HEADER_LINE + 1)}, 431),
        ({"QUERY_STRING": "a" * LARGEST_REQUEST_LINE}, 414),
    ],
)
def test_what_is_refused_closes_the_connection(changed, status):
    answer = asked(**changed)
    assert (answer.status_code, answer.headers["Connection"]) == (status, "close")


def test_http_1_0_needs_no_host():
    assert asked(SERVER_PROTOCOL="HTTP/1", HTTP_HOST="").status_code == 200


@pytest.mark.parametrize(
    ("path", "spelling"), [("//a", "//a"), ("/a\\b", "/a\\b"), ("/a\0", "/a%00"), ("/\xd8", "/%D8")]
)
def test_the_path_is_spelled_for_the_hub(path, spelling):
    assert asked(PATH_INFO=path).get_data(as_text=True) == spelling


def test_a_body_that_ends_before_its_length_is_400():
    assert asked(CONTENT_LENGTH="10", **{"wsgi.input_terminated": True}).status_code == 400


@pytest.mark.parametrize(
    ("bind", "place"),
    [
        ("127.0.0.1:8000", {"address": "127.0.0.1", "port": 8000}),
        ("[::1]:8000", {"address": "::1", "port": 8000}),
        ("unix:/run/hub.sock", {"uds": Path("/run/hub.sock")}),
    ],
)
def test_granian_listens_where_the_settings_say(tmp_path, monkeypatch, bind, place):
    line = CommandLine(tmp_path)
    line.write_settings()
    monkeypatch.setenv("IDP_CONFIG", line.config)
    monkeypatch.setenv("IDP__SERVER__BIND", bind)
    assert place.items() <= options(load()).items()
