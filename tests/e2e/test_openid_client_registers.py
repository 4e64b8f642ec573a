"""The npm package openid-client, unmodified, registers itself and signs somebody in."""

import json
from collections.abc import Callable

import pytest

from tests.e2e.conversation import talk
from tests.e2e.landing import landing
from tests.e2e.suite import Suite
from tests.e2e.walk import Walk

pytestmark = pytest.mark.slow


def allowing(walk: Walk) -> str:
    """Say yes to the portal, which is not the organisation's own; return where that leads."""
    walk.submit({"decision": "accept"})
    return walk.here


def at(suite: Suite) -> Callable[[str], str]:
    walk = suite.walk()
    return lambda address: allowing(suite.sign_in(walk, address))


def test_it_registers_itself_at_a_hub_that_is_open(suite: Suite):
    with landing() as address:
        arguments = [suite.issuer, f"{address}/callback"]
        said = talk("openid_client_registers.mjs", arguments, {"OPEN": at(suite)}, **suite.trust)
    assert said == ["registration", "tokens"]


def test_it_registers_itself_with_an_invitation(suite: Suite):
    invited = json.loads(suite.idp("clients", "invite", "openid-client", "--json"))
    with landing() as address:
        arguments = [suite.issuer, f"{address}/callback", invited["initial_access_token"]]
        talk("openid_client_registers.mjs", arguments, {"OPEN": at(suite)}, **suite.trust)
    came = {row["came_by"] for row in json.loads(suite.idp("clients", "list", "--json"))}
    assert f"invitation {invited['invitation']}" in came
