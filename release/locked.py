"""The distributions of a lock file."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RUN_TIME = ROOT / "requirements.lock"
_LINE = re.compile(r"([a-z0-9-]+)==([^ ;]+)(?: ; (.+?))? \\")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Locked:
    """A distribution: its name, release, marker ("" for all platforms) and files' SHA-256."""

    name: str
    version: str
    marker: str
    hashes: Sequence[str]


def read_lock(file: Path = RUN_TIME) -> list[Locked]:
    """Return the distributions of the lock file, in its order.

    Raises ValueError for one without a hash.
    """
    found = []
    for block in re.split(r"\n(?=[a-z0-9])", file.read_text("utf-8")):
        line = _LINE.match(block)
        hashes = tuple(sorted(set(_HASH.findall(block))))
        if line is None or not hashes:
            raise ValueError(f"{file.name}: {block.partition(chr(10))[0]!r} is not pinned by hash")
        found.append(Locked(line[1], line[2], line[3] or "", hashes))
    return found
