"""docs/generated/openapi.json says what the routes and the checks say."""

import json

import pytest

from idp.protocol.core import endpoints
from tests.architecture.sources import ROOT
from tests.openapi.document import FILE, text
from tests.openapi.operations import OPERATIONS
from tests.openapi.parameters import PARAMETERS
from tests.openapi.routes import protocol_routes

ADDRESSES = [
    value for name, value in vars(endpoints).items() if name.isupper() and isinstance(value, str)
]


def test_the_file_is_what_is_generated_today():
    """``make openapi`` writes it anew."""
    assert FILE.read_text("utf-8") == text()


def test_every_route_of_the_protocol_is_described():
    assert sorted(OPERATIONS) == protocol_routes()


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_endpoint_that_discovery_can_name_is_in_the_file(address: str):
    assert address in json.loads(FILE.read_text("utf-8"))["paths"]


def test_no_parameter_is_described_that_nobody_takes():
    taken = {name for operation in OPERATIONS.values() for name in operation.parameters}
    assert set(PARAMETERS) == taken


def test_portals_are_told_of_the_file():
    guide = (ROOT / "docs" / "integrate" / "guide.md").read_text("utf-8")
    assert "(../generated/openapi.json)" in guide
