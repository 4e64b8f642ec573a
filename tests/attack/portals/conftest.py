"""The hub with a citizen in a browser, and portals that nobody reviewed."""

from dataclasses import replace

import pytest

from idp.domain.clients.client import SelfRegistration
from tests import factories
from tests.attack.people.conftest import portal, town
from tests.attack.people.portal import Portal
from tests.web.conftest import guide_hub, hub, make_hub
from tests.web.hub import Hub

__all__ = ["guide_hub", "hub", "make_hub", "portal", "town"]


@pytest.fixture
def stranger(town: Hub) -> Portal:
    """A portal that registered itself; nobody has looked at it."""
    made = Portal(town, "stranger")
    with town.deps.begin() as work:
        client = work.clients.find("stranger")
        assert client is not None
        factories.put_client(
            work, replace(client, first_party=False, registration=SelfRegistration(()))
        )
    return made
