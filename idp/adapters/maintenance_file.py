"""The maintenance sign: a file in the folder that all processes of a machine share."""

import os
from datetime import UTC, datetime
from pathlib import Path

from idp.ports import Maintenance
from idp.private_files import private_folder

NAME = "maintenance"


class MaintenanceFile:
    """The port ``MaintenanceSign``: the hub is closed while the file exists; it holds the end.

    An empty file, or one without a valid time, closes too: an administrator may create it by hand.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / NAME
        self._path = str(self._file)

    def now(self) -> Maintenance | None:
        """Return the maintenance, or None while the hub is open."""
        # Asked at every request: opening a missing file costs ten times as much.
        if not os.access(self._path, os.F_OK):
            return None
        try:
            told = self._file.read_text("utf-8", errors="replace")
        except OSError:  # missing or unreadable: no reason to close
            return None
        return Maintenance(_time(told.strip()))

    def hang_out(self, maintenance: Maintenance) -> None:
        """Close the pages, or change the expected end. Raises OSError."""
        private_folder(self._file.parent)
        fresh = self._file.with_suffix(".new")
        fresh.write_text(maintenance.until.isoformat() if maintenance.until else "", "utf-8")
        fresh.replace(self._file)

    def take_in(self) -> bool:
        """Open the pages; return whether they were closed. Raises OSError."""
        try:
            self._file.unlink()
        except FileNotFoundError:
            return False
        return True


def _time(told: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(told)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
