"""Metadata and key set are prepared, and the answers are those that the app would give."""

import pytest
from werkzeug.test import Client, TestResponse

from idp.web.oauth.prepared_documents import PreparedDocuments
from tests.web.hub import ORIGIN, Hub

CONFIGURATION, JWKS = "/.well-known/openid-configuration", "/oauth2/jwks"
PATHS = (CONFIGURATION, "/.well-known/oauth-authorization-server", JWKS)


@pytest.fixture
def signing_hub(hub: Hub) -> Hub:
    promote(hub, "RS256")
    return hub


def promote(hub: Hub, alg: str) -> None:
    keys = hub.deps.provider._provider.keys
    keys.promote(keys.new(alg).kid)


def get(hub: Hub, path: str, host: str = ORIGIN, **headers: str) -> TestResponse:
    return hub.app.test_client().get(path, base_url=host, headers=headers)


def told(answer: TestResponse) -> tuple[bytes, list[tuple[str, str]]]:
    """The body and the headers, but for the time."""
    return answer.data, [one for one in answer.headers if one[0] != "Date"]


@pytest.mark.parametrize("path", PATHS)
def test_an_answer_is_repeated_with_all_its_headers(signing_hub, path):
    first, again = get(signing_hub, path), get(signing_hub, path)
    assert told(again) == told(first)


@pytest.mark.parametrize("path", PATHS)
def test_a_prepared_answer_is_that_of_the_app(signing_hub, path):
    get(signing_hub, path)
    prepared, unprepared = get(signing_hub, path), get(signing_hub, f"{path}?x")
    assert told(prepared) == told(unprepared)


def test_a_repeated_answer_has_the_time_of_its_request(signing_hub):
    hub, times = signing_hub, iter(["one", "two"])
    app = PreparedDocuments(hub.app.wsgi_app, hub.deps, date=lambda: next(times))
    answers = [Client(app).get(JWKS, base_url=ORIGIN) for _ in range(2)]
    assert [answer.headers["Date"] for answer in answers] == ["one", "two"]


def test_a_new_key_is_published_at_once(signing_hub):
    get(signing_hub, JWKS)
    promote(signing_hub, "ES256")
    assert {key["alg"] for key in get(signing_hub, JWKS).json["keys"]} == {"RS256", "ES256"}


def test_a_new_algorithm_is_named_at_once(signing_hub):
    get(signing_hub, CONFIGURATION)
    promote(signing_hub, "ES256")
    named = get(signing_hub, CONFIGURATION).json["id_token_signing_alg_values_supported"]
    assert named == ["RS256", "ES256"]


@pytest.mark.parametrize("path", PATHS)
def test_who_has_the_document_is_told_so(signing_hub, path):
    etag = get(signing_hub, path).headers["ETag"]
    assert get(signing_hub, path, **{"If-None-Match": etag}).status_code == 304


@pytest.mark.parametrize("path", PATHS)
def test_a_host_that_is_not_trusted_gets_nothing(signing_hub, path):
    get(signing_hub, path)
    assert get(signing_hub, path, "http://evil.example").status_code == 400


@pytest.mark.parametrize("path", PATHS)
def test_without_a_key_nothing_is_kept(hub, path):
    assert get(hub, path).status_code == 503
    promote(hub, "RS256")
    assert get(hub, path).status_code == 200
