"""PyPI's idpyoidc, mozilla-django-oidc and Authlib's client, unmodified, as portals."""

import json
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.deploy.deployment import listens
from tests.e2e.conversation import converse
from tests.e2e.demo import eventually
from tests.e2e.landing import landing
from tests.e2e.suite import Suite
from tests.free_ports import free_port

pytestmark = pytest.mark.slow

SCRIPTS = Path(__file__).parent / "python_clients"
PYTHON = Path(sys.prefix) / "clients" / "bin" / "python"
EMAIL = "suite@example.com"


@pytest.fixture
def python() -> str:
    """The interpreter of the environment that has these clients."""
    assert PYTHON.exists(), "make .venv/.clients installs what these tests need"
    return str(PYTHON)


def test_idpyoidc_completes_everything(suite: Suite, python: str):
    with landing() as address:
        secret = suite.register(
            "idpyoidc",
            redirect_uris=[f"{address}/callback"],
            post_logout_redirect_uris=[f"{address}/goodbye"],
            scope=["openid", "profile"],
        )
        known = {"issuer": suite.issuer, "client_id": "idpyoidc", "secret": secret}
        browser = suite.walk()
        said = converse(
            [python, str(SCRIPTS / "idpyoidc_portal.py"), json.dumps(known | {"address": address})],
            {"OPEN": lambda url: suite.sign_in(browser, url).here},
            **suite.trust,
        )
    assert said == ["discovery", "code and PKCE", "userinfo", "logout"]


@contextmanager
def running_django(suite: Suite, python: str, folder: Path) -> Iterator[str]:
    """Serve the project and yield its address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    secret = suite.register(
        "mozilla-django-oidc",
        token_endpoint_auth_method="client_secret_post",
        redirect_uris=[f"{address}/oidc/callback/"],
        post_logout_redirect_uris=[f"{address}/goodbye"],
        scope=["openid", "email"],
    )
    known = {"issuer": suite.issuer, "client_id": "mozilla-django-oidc", "secret": secret}
    settings = json.dumps(known | {"port": port, "folder": str(folder)})
    with (folder / "django.log").open("wb") as log:
        process = subprocess.Popen(
            [python, SCRIPTS / "django_portal.py", settings], env=suite.trust, stderr=log
        )
    try:
        eventually(lambda: listens(port) or None, what=f"Django: {folder}/django.log")
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def test_mozilla_django_oidc_signs_in_and_out(suite: Suite, python: str, tmp_path: Path):
    with running_django(suite, python, tmp_path) as address:
        walk = suite.sign_in(suite.walk(), f"{address}/oidc/authenticate/")
        assert (walk.here, walk.text) == (f"{address}/", EMAIL)

        walk.submit(action="/oidc/logout/")

        assert (walk.here, walk.text) == (f"{address}/goodbye", "nobody")


def test_authlibs_client_gets_tokens_and_takes_them_back(suite: Suite):
    with landing() as address:
        callback = f"{address}/callback"
        secret = suite.register(
            "authlib",
            redirect_uris=[callback],
            grant_types=["authorization_code", "refresh_token"],
            scope=["openid", "email", "offline_access"],
        )
        portal = OAuth2Session(
            "authlib",
            secret,
            scope="openid email offline_access",
            redirect_uri=callback,
            code_challenge_method="S256",
        )
        portal.verify, portal.trust_env = str(suite.certificate), False
        metadata = portal.get(
            f"{suite.issuer}/.well-known/openid-configuration", withhold_token=True
        ).json()
        verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
        url, state = portal.create_authorization_url(
            metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce
        )
        arrived = suite.sign_in(suite.walk(), url).here

    token = portal.fetch_token(
        metadata["token_endpoint"],
        authorization_response=arrived,
        state=state,
        code_verifier=verifier,
    )
    keys = KeySet.import_key_set(portal.get(metadata["jwks_uri"]).json())
    assert jwt.decode(token["id_token"], keys, algorithms=["RS256"]).claims["nonce"] == nonce
    assert portal.get(metadata["userinfo_endpoint"]).json()["email"] == EMAIL
