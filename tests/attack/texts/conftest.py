"""The hub of the pages' tests."""

from tests.web.conftest import hub, make_hub, see

__all__ = ["hub", "make_hub", "see"]
