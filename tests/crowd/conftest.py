"""The hub of the crowd."""

from tests.web.conftest import make_hub

__all__ = ["make_hub"]
