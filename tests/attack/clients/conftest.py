"""The provider on a real store, without a browser."""

from tests.protocol.conftest import database_path, hub

__all__ = ["database_path", "hub"]
