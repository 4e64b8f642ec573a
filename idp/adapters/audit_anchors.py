"""Anchors of the audit's heads: in the log, and in an append-only file."""

import json
import os
from datetime import datetime
from pathlib import Path

import structlog

from idp.ports import AuditHead

log = structlog.get_logger("idp.audit")


class LogAnchor:
    """The port ``AuditAnchor``: a line of the log, which another machine collects."""

    def keep(self, head: AuditHead, at: datetime) -> None:
        """Write the line."""
        log.info("audit_head", number=head.number, chain=head.chain, at=at.isoformat())


class FileAnchor:
    """The port ``AuditAnchor``: a line of JSON at the end of a file, on disk when kept.

    The file is opened for appending, so it may have the append-only attribute (``chattr +a``), or
    be in a folder that the database's owner cannot write.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def keep(self, head: AuditHead, at: datetime) -> None:
        """Append the line by one write; a failure is logged as an alarm, not raised."""
        said = {"at": at.isoformat(), "number": head.number, "chain": head.chain}
        try:
            self._append(f"{json.dumps(said)}\n".encode())
        except OSError as error:
            log.warning("audit_not_anchored", alarm="audit_not_anchored", reason=error.strerror)

    def _append(self, line: bytes) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        opened = os.open(self._path, flags, 0o600)
        try:
            os.write(opened, line)
            os.fsync(opened)
        finally:
            os.close(opened)
