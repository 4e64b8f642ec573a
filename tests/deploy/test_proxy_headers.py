"""What the proxy of config/deploy passes on, and whom it lets in by certificate."""

import json
import ssl
from collections.abc import Iterator
from http.client import HTTPSConnection

import pytest

from tests.deploy.deployment import Deployment
from tests.simulators.http import Answer, Received, simulated

pytestmark = pytest.mark.slow

CLAIMED = {
    "Forwarded": "for=192.0.2.1;host=evil.example;proto=http",
    "X-Forwarded-For": "192.0.2.1",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Port": "80",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Prefix": "/evil",
    "X-Original-URL": "/account",
    "X-Rewrite-URL": "/account",
    "X-Real-IP": "192.0.2.1",
    "X_Forwarded_For": "192.0.2.1",
    "Proxy": "http://evil.example",
}


def echo(received: Received) -> Answer:
    return Answer(200, json.dumps(received.headers).encode())


@pytest.fixture(scope="module")
def echoed(deployment: Deployment) -> Iterator[int]:
    """The port of a proxy whose hub answers with the headers that it got."""
    with simulated(echo) as hub, deployment.proxy_of(hub.port) as address:
        yield int(address.rpartition(":")[2])


@pytest.mark.parametrize("path", ["/login", "/oauth2/token", "/static/hub.css"])
def test_no_header_of_a_proxy_that_a_visitor_claims_reaches_the_hub(deployment, echoed, path):
    line = to(deployment, echoed)
    line.request("GET", path, headers=CLAIMED)
    got = json.loads(line.getresponse().read())
    line.close()

    assert got.pop("X-Forwarded-For") == "127.0.0.1"
    assert not {name for name in got if name in CLAIMED}


def test_a_portal_without_a_certificate_is_refused_before_the_hub(deployment: Deployment):
    assert asked(to(deployment, deployment.portals), "/oauth2/token").startswith("400")


def test_a_portal_with_a_certificate_reaches_the_endpoints_of_programs(deployment: Deployment):
    said = asked(with_certificate(deployment), "/oauth2/token")
    assert said.startswith("401")
    assert "invalid_client" in said


def test_a_certificate_of_nobody_we_trust_is_refused(deployment: Deployment):
    line = with_certificate(deployment, "fullchain.pem", "key.pem")
    assert asked(line, "/oauth2/token").startswith("400")


def test_no_page_of_citizens_is_behind_the_certificate(deployment: Deployment):
    assert asked(with_certificate(deployment), "/login").startswith("404")


def to(hub: Deployment, port: int) -> HTTPSConnection:
    context = ssl.create_default_context(cafile=hub.certificate)
    return HTTPSConnection("localhost", port, timeout=20, context=context)


def with_certificate(
    hub: Deployment, certificate: str = "portals-ca.pem", key: str = "portal-key.pem"
) -> HTTPSConnection:
    context = ssl.create_default_context(cafile=hub.certificate)
    context.load_cert_chain(hub.folder / certificate, hub.folder / key)
    return HTTPSConnection("localhost", hub.portals, timeout=20, context=context)


def asked(line: HTTPSConnection, path: str) -> str:
    """Return status and body of a POST."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    line.request("POST", path, "grant_type=client_credentials&client_id=x&client_secret=y", form)
    answer = line.getresponse()
    said = f"{answer.status} {answer.read().decode()}"
    line.close()
    return said
