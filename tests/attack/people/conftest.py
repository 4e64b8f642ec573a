"""The hub of the pages' tests, with a citizen and a portal."""

from collections.abc import Callable

import pytest

from tests.attack.people.portal import Portal
from tests.web.conftest import easy_hub, guide_hub, hub, make_hub
from tests.web.hub import Hub
from tests.web.sign_in.walk import add_account

__all__ = ["easy_hub", "guide_hub", "hub", "make_hub"]


@pytest.fixture
def town(hub: Hub) -> Hub:
    """The hub with one citizen."""
    add_account(hub)
    return hub


@pytest.fixture
def easy_town(easy_hub: Hub) -> Hub:
    """The same where nobody is asked for work, for tests that ask for code after code."""
    add_account(easy_hub)
    return easy_hub


@pytest.fixture
def portal(town: Hub) -> Portal:
    """A portal of ours at that hub."""
    return Portal(town)


@pytest.fixture
def on_postgres(make_hub: Callable[..., Hub], migrated_postgres_url: str) -> Hub:
    """The hub with one citizen, on PostgreSQL."""
    made = make_hub(url=migrated_postgres_url)
    add_account(made)
    return made
