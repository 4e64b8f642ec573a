"""`idp conformance`: a hub over TLS on this machine, for a conformance suite."""

import pytest

from tests.e2e.demo import ROOT
from tests.e2e.suite import Suite

pytestmark = pytest.mark.slow


def test_the_metadata_comes_over_tls_with_this_issuer(suite: Suite):
    path = "/.well-known/openid-configuration"
    metadata = suite.walk().session.get(f"{suite.issuer}{path}", timeout=20).json()
    assert metadata["issuer"] == suite.told("issuer") == suite.issuer
    endpoints = [value for name, value in metadata.items() if name.endswith(("_endpoint", "_uri"))]
    assert all(address.startswith(f"{suite.issuer}/") for address in endpoints)


def test_the_test_citizen_signs_in_with_name_and_password_alone(suite: Suite):
    walk = suite.walk()
    walk.open(f"{suite.issuer}/login")
    walk.submit({"username": suite.told("user name"), "password": suite.told("password")})
    assert walk.path == "/account"


def test_other_commands_work_on_it(suite: Suite):
    said = suite.idp("clients", "register", ROOT / "clients" / "insurance-records.toml")
    assert "insurance-records" in said


def test_its_password_is_the_same_at_the_next_start(suite: Suite):
    assert (suite.folder / "hub" / "password").read_text("utf-8") == suite.told("password")
