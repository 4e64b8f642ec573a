"""The hub of the attacks on people, with its citizen and portal."""

from tests.attack.people.conftest import hub, make_hub, portal, town

__all__ = ["hub", "make_hub", "portal", "town"]
