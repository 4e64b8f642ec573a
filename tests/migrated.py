"""An empty database with the newest tables; that of SQLite is migrated once a process."""

import functools
import tempfile
from pathlib import Path

from sqlalchemy import make_url

from idp.store import migrate


def migrated(url: str) -> str:
    """Give the database at ``url`` the newest tables, and return ``url``."""
    file = Path(make_url(url).database or "")
    if url.startswith("sqlite:///") and not file.exists():
        file.write_bytes(_empty_sqlite())
    else:
        migrate.upgrade(url)
    return url


@functools.cache
def _empty_sqlite() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.sqlite3"
        migrate.upgrade(f"sqlite:///{path}")
        return path.read_bytes()
