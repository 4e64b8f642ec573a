"""What clients were told: an append-only file, on the disk before the client goes on."""

import json
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

Phase = Literal["begun", "acked", "failed", "broken"]
"""``broken``: a right that was acknowledged is refused, though nothing was unsure."""


@dataclass(frozen=True)
class Line:
    """One step of an operation; ``facts`` are what the judge looks for."""

    number: int
    op: str
    who: str
    phase: Phase
    at: float = 0.0
    facts: dict[str, str] = field(default_factory=dict)


class Ledger:
    """Written by many threads, a line each, with fsync."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._lock = threading.Lock()
        self._numbers = 0

    def begin(self, op: str, who: str, **facts: str) -> int:
        """Note that an operation begins; return its number."""
        with self._lock:
            self._numbers += 1
            number = self._numbers
        self.note(number, op, who, "begun", **facts)
        return number

    def note(self, number: int, op: str, who: str, phase: Phase, **facts: str) -> None:
        """Append a line, and return once it is on the disk."""
        line = Line(number, op, who, phase, time.time(), facts)
        os.write(self._file, json.dumps(asdict(line)).encode() + b"\n")
        os.fsync(self._file)

    def lines(self) -> Iterator[Line]:
        """Yield what the file has."""
        for text in self._path.read_text("utf-8").splitlines():
            yield Line(**json.loads(text))

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)
