"""The hub whose browsers a sibling host meddles with."""

from tests.web.conftest import hub, make_hub

__all__ = ["hub", "make_hub"]
