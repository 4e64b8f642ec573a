"""The content of a backup: a manifest as its first line, then the archive; all is encrypted."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

from idp.adapters import age
from idp.ports import BrokenBackup, Manifest, Progress
from idp.settings import Settings
from idp.store import migrate
from idp.store.backup.postgresql import PostgresCopy
from idp.store.backup.sqlite import SqliteCopy

LONGEST_MANIFEST = 64 * 1024
Copy = PostgresCopy | SqliteCopy


def copy_of(url: str) -> Copy:
    """Return what reads and writes the whole database at ``url``."""
    if url.startswith("sqlite"):
        return SqliteCopy(url)
    # Imported here: PostgreSQL's driver is an extra of the package.
    from idp.adapters.postgres_tools import PostgresTools  # noqa: PLC0415

    return PostgresCopy(url, PostgresTools())


def on_database(settings: Settings, url: str) -> Settings:
    """Return the settings with this database, and without the Redis of the hub that serves."""
    return settings.model_copy(
        update={
            "database": settings.database.model_copy(update={"url": url}),
            "redis": settings.redis.model_copy(update={"url": ""}),
        }
    )


def verified(file: Path, key: bytes, progress: Progress) -> Manifest:
    """Read the whole file, and return its manifest. Raises BrokenBackup, OSError."""
    with reading(file, key, "verifying", progress) as (manifest, archive):
        for _ in archive:
            pass
    return manifest


@contextmanager
def reading(
    file: Path, key: bytes, name: str, progress: Progress
) -> Iterator[tuple[Manifest, Iterator[bytes]]]:
    """Yield manifest and archive of a backup. Raises BrokenBackup, OSError."""
    with file.open("rb") as opened_file:
        manifest, archive = _parted(age.decrypted(opened_file, key))
        yield manifest, with_progress(name, archive, progress, total=file.stat().st_size)


def with_progress(
    name: str, pieces: Iterable[bytes], progress: Progress, *, total: int | None = None
) -> Iterator[bytes]:
    """Yield the pieces, and show how many bytes they have; the step ends with the last one."""
    with progress.step(name, total) as advance:
        for piece in pieces:
            yield piece
            advance(len(piece))


def manifest_line(manifest: Manifest) -> bytes:
    """Return the first line of a backup."""
    members = asdict(manifest) | {"format": 1, "made_at": manifest.made_at.isoformat()}
    return json.dumps(members, sort_keys=True).encode() + b"\n"


def _parted(plain: Iterator[bytes]) -> tuple[Manifest, Iterator[bytes]]:
    """Return the manifest of the first line, and the rest."""
    held = b""
    while b"\n" not in held:
        piece = next(plain, b"")
        held += piece
        if not piece or len(held) > LONGEST_MANIFEST + age.CHUNK:
            raise BrokenBackup("it has no manifest: `idp backup` did not write it")
    line, _, rest = held.partition(b"\n")
    return _manifest(line), chain([rest], plain)


def _manifest(line: bytes) -> Manifest:
    try:
        members: dict[str, Any] = json.loads(line)
        if members.pop("format") != 1:
            raise BrokenBackup("a newer version wrote it")
        number, chain = members.pop("head")
        made_at = datetime.fromisoformat(members.pop("made_at"))
        return Manifest(**members, made_at=made_at, head=(int(number), str(chain)))
    except (ValueError, TypeError, KeyError):
        raise BrokenBackup("its manifest cannot be read") from None


def require_engine(manifest: Manifest, copy: Copy) -> None:
    """Raise BrokenBackup: the other kind of database, or of a newer version of the hub."""
    engine = "sqlite" if isinstance(copy, SqliteCopy) else "postgresql"
    if manifest.engine != engine:
        raise BrokenBackup(f"it is of {manifest.engine}, and database.url is {engine}")
    if manifest.revision not in migrate.revisions():
        raise BrokenBackup(
            f"version {manifest.version} wrote it (revision {manifest.revision}): install that"
        )
