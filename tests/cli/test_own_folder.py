"""The signing keys of a hub in a folder of its own: that of `idp demo` and `idp conformance`."""

import pytest

from idp.app import open_hub
from idp.cli.context import Hub
from idp.cli.own_folder import make_signing_keys
from idp.private_files import private_folder
from idp.settings import load
from tests.cli.conftest import CommandLine


@pytest.fixture
def hub(bare: CommandLine, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """A hub with a database and no key."""
    bare.done("db", "upgrade")
    private_folder(bare.folder / "keys")
    monkeypatch.setenv("IDP_CONFIG", bare.config)
    return open_hub(load([bare.settings]))


def states(hub: Hub) -> list[tuple[str, str]]:
    return [(key.alg, key.state) for key in hub.keys.all()]


SIGNING = [("RS256", "active"), ("ES256", "active")]


def test_the_first_start_makes_a_key_for_portals_and_one_for_userinfo(hub: Hub):
    make_signing_keys(hub)
    assert states(hub) == SIGNING


def test_the_next_start_keeps_them(hub: Hub):
    make_signing_keys(hub)
    make_signing_keys(hub)
    assert states(hub) == SIGNING


def test_a_start_that_was_stopped_after_its_key_was_made_is_finished_by_the_next(hub: Hub):
    hub.keys.new("RS256")
    make_signing_keys(hub)
    assert states(hub) == SIGNING
