"""The hubs of the attacks on flows: with work asked, and without."""

from tests.attack.people.conftest import easy_hub, easy_town, hub, make_hub, portal, town

__all__ = ["easy_hub", "easy_town", "hub", "make_hub", "portal", "town"]
