"""Plain requests of programs get in front of the app what the app itself would answer."""

import base64
from dataclasses import replace
from datetime import timedelta
from typing import NoReturn

import pytest
from werkzeug.test import Client, TestResponse

from idp.domain.clients.refusal_reasons import Reason
from idp.ports import DatabaseUnavailable, Maintenance
from idp.web.app import MAX_BODY
from idp.web.oauth.plain_requests import PlainRequests
from tests import factories
from tests.fakes import NOON
from tests.web.hub import ORIGIN, Hub
from tests.web.refreshing import put_refresh_token

REFRESH_TOKEN = "the-refresh-token"
RIGHT = {"Authorization": "Basic " + base64.b64encode(b"portal:secret").decode()}
WRONG = {"Authorization": "Basic " + base64.b64encode(b"portal:wrong").decode()}
FORM = "application/x-www-form-urlencoded"
TOKEN, USERINFO, INTROSPECT, REVOKE = (
    f"/oauth2/{name}" for name in ("token", "userinfo", "introspect", "revoke")
)
UNPLAIN = {"HTTP_TRANSFER_ENCODING": "identity"}
"""What makes a request the app's, and changes nothing else."""


@pytest.fixture
def hub(hub: Hub) -> Hub:
    """A hub with a portal that has a refresh token."""
    put_refresh_token(hub, REFRESH_TOKEN)
    return hub


def post(hub: Hub, path: str, body: bytes | str, *, plain: bool = True, **options) -> TestResponse:
    return hub.app.test_client().post(
        path,
        data=body,
        base_url=options.pop("base_url", ORIGIN),
        content_type=options.pop("content_type", FORM),
        environ_overrides={} if plain else UNPLAIN,
        **options,
    )


def refreshed(hub: Hub, *, plain: bool = True) -> TestResponse:
    form = f"grant_type=refresh_token&refresh_token={REFRESH_TOKEN}"
    return post(hub, TOKEN, form, plain=plain, headers=RIGHT)


def access_token(hub: Hub) -> str:
    return str(refreshed(hub).json["access_token"])


def userinfo(hub: Hub, token: str, *, plain: bool = True) -> TestResponse:
    return hub.app.test_client().get(
        USERINFO,
        base_url=ORIGIN,
        headers={"Authorization": f"Bearer {token}"},
        environ_overrides={} if plain else UNPLAIN,
    )


def told(answer: TestResponse) -> tuple[int, bytes, list[tuple[str, str]]]:
    return answer.status_code, answer.data, sorted(answer.headers)


def test_a_token_response_has_the_headers_and_members_of_the_apps(hub):
    plain, by_the_app = refreshed(hub), refreshed(hub, plain=False)
    lengths = {"Content-Length"}

    assert plain.status == by_the_app.status == "200 OK"
    assert plain.json.keys() == by_the_app.json.keys()
    assert sorted(one for one in plain.headers if one[0] not in lengths) == sorted(
        one for one in by_the_app.headers if one[0] not in lengths
    )


def test_userinfo_is_the_apps(hub):
    token = access_token(hub)

    assert told(userinfo(hub, token)) == told(userinfo(hub, token, plain=False))


def test_a_services_token_needs_nothing_of_the_app(hub):  # RFC 6749 4.4
    with hub.deps.begin() as work:
        portal = work.clients.find("portal")
        grants = portal.grant_types | {"client_credentials"}
        factories.put_client(work, replace(portal, grant_types=grants))
    hub.app.before_request(lambda: pytest.fail("the app was asked"))

    answer = post(hub, TOKEN, "grant_type=client_credentials", headers=RIGHT)

    assert answer.json.keys() == {"access_token", "token_type", "expires_in"}


@pytest.mark.parametrize("path", [INTROSPECT, REVOKE])
def test_an_answer_about_a_token_is_the_apps(hub, path):
    form = f"token={access_token(hub)}"
    by_the_app = post(hub, path, form, plain=False, headers=RIGHT)

    assert told(post(hub, path, form, headers=RIGHT))[::2] == told(by_the_app)[::2]


REFUSED = {
    "wrong credentials": (TOKEN, b"grant_type=refresh_token&refresh_token=x", WRONG, FORM),
    "no credentials": (TOKEN, b"grant_type=refresh_token", {}, FORM),
    "no body": (TOKEN, b"", RIGHT, FORM),
    "an unknown grant type": (TOKEN, b"grant_type=password", RIGHT, FORM),
    "a repeated parameter": (TOKEN, b"grant_type=a&grant_type=b", RIGHT, FORM),
    "JSON": (TOKEN, b"{}", RIGHT, "application/json"),
    "no UTF-8": (TOKEN, b"grant_type=%ff", RIGHT, FORM),
    "no token": (USERINFO, b"", {}, FORM),
    "a made-up token": (USERINFO, b"access_token=x", {}, FORM),
    "introspection without a token": (INTROSPECT, b"", RIGHT, FORM),
    "introspection by nobody": (INTROSPECT, b"token=x", WRONG, FORM),
    "revocation by nobody": (REVOKE, b"token=x", WRONG, FORM),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refusal_is_the_apps(hub, case):
    path, body, headers, kind = REFUSED[case]
    by_the_app = post(hub, path, body, plain=False, headers=headers, content_type=kind)

    assert told(post(hub, path, body, headers=headers, content_type=kind)) == told(by_the_app)


UNKNOWN = b"&x=%e2%80%8c&x=%ff&%=%00&opt[]=1&opt[]=2"


@pytest.mark.parametrize("plain", [True, False], ids=["plain", "by the app"])
def test_unknown_parameters_are_ignored_whatever_they_hold(hub, plain):  # RFC 6749 3.2
    form = f"grant_type=refresh_token&refresh_token={REFRESH_TOKEN}".encode()
    assert post(hub, TOKEN, form + UNKNOWN, plain=plain, headers=RIGHT).status_code == 200
    assert post(hub, f"{TOKEN}?x=y", form, plain=plain, headers=RIGHT).status_code == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "HEAD"])
def test_another_method_is_the_apps_to_answer(hub, method):
    answer = hub.app.test_client().open(TOKEN, method=method, base_url=ORIGIN)

    assert answer.status_code == (200 if method == "OPTIONS" else 405)


def test_a_host_that_is_not_trusted_gets_nothing(hub):
    answer = post(hub, INTROSPECT, "token=x", headers=RIGHT, base_url="http://evil.example")

    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["/oauth2/introspect?token=y", "/oauth2//introspect"])
def test_another_spelling_of_the_address_is_refused(hub, path):
    assert post(hub, path, "token=x", headers=RIGHT).status_code in {400, 404}


def test_a_body_that_is_too_long_is_refused(hub):
    assert post(hub, INTROSPECT, "token=" + "x" * MAX_BODY, headers=RIGHT).status_code == 413


def test_a_body_that_ends_early_is_refused(hub):
    answer = hub.app.test_client().post(
        INTROSPECT,
        data=b"token=x",
        base_url=ORIGIN,
        content_type=FORM,
        headers=RIGHT,
        environ_overrides={"CONTENT_LENGTH": "1000"},
    )

    assert answer.status_code == 400


@pytest.mark.parametrize("length", ["-1", "+7", "７", "7 ", "seven"])
def test_a_length_that_is_no_number_is_the_apps_to_read(hub, length):
    answer = hub.app.test_client().post(
        INTROSPECT,
        data=b"token=x",
        base_url=ORIGIN,
        content_type=FORM,
        headers=RIGHT,
        environ_overrides={"CONTENT_LENGTH": length},
    )

    assert answer.status_code < 500


def test_maintenance_is_announced(hub):
    hub.deps.maintenance.hang_out(Maintenance(until=NOON + timedelta(hours=1)))
    try:
        assert post(hub, INTROSPECT, "token=x", headers=RIGHT).status_code == 503
    finally:
        hub.deps.maintenance.take_in()


class Failing:
    """A provider whose endpoints fail."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def token(self, _request: object) -> NoReturn:
        raise self._error

    userinfo = introspect = revoke = token


def fails(hub: Hub, error: Exception) -> TestResponse:
    deps = replace(hub.deps, provider=Failing(error))
    return Client(PlainRequests(hub.app, deps, MAX_BODY)).post(
        INTROSPECT, data="token=x", base_url=ORIGIN, content_type=FORM
    )


def test_without_the_database_a_program_is_told_when_to_come_again(hub):
    answer = fails(hub, DatabaseUnavailable("gone"))

    assert answer.status_code == 503
    assert answer.json == {"error": "temporarily_unavailable"}
    assert answer.headers["Retry-After"]


def test_an_unexpected_error_is_told_without_a_word_of_it(hub):
    answer = fails(hub, ZeroDivisionError("private"))

    assert answer.status_code == 500
    assert answer.json == {"error": "server_error"}


@pytest.mark.parametrize("path", [TOKEN, INTROSPECT, REVOKE])
@pytest.mark.parametrize("plain", [True, False])
def test_a_refused_request_leaves_its_line_either_way(hub, path, plain):
    assert post(hub, path, "token=x", plain=plain, headers=WRONG).status_code == 401
    with hub.deps.begin(read_only=True) as work:
        (line,) = work.refusals.of_client("portal")
    assert (line.endpoint, line.reason) == (path.rpartition("/")[2], Reason.SECRET_WRONG)
    assert line.count == 1
