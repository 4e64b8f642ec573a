"""The hub of the pages' tests."""

from tests.web.conftest import hub, make_hub

__all__ = ["hub", "make_hub"]
