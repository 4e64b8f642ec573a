"""The folder of this machine's metric files: what ended processes counted stays counted."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector

ENDED = 0
"""Stands for the process id in the files that hold the counts of all ended processes."""
_KEPT = ("counter", "histogram")


class MetricFolder:
    """Merges the files of processes, and bounds their number. One process at a time uses it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def families(self) -> Iterable[object]:
        """Return the metrics of all processes, after taking over what ended ones left."""
        self._take_over()
        merged: Iterable[object] = MultiProcessCollector(None, str(self._folder)).collect()
        return merged

    def _take_over(self) -> None:
        """Add the counts of ended processes to the files of ``ENDED``; drop their gauges.

        Without it a counter would fall when a process ends, and files would pile up. A file leaves
        the folder's sum before it is added: after a kill in between its counts are lost, never
        twice.
        """
        for left in self._folder.glob("*.ended"):
            left.unlink(missing_ok=True)
        for file in self._folder.glob("*.db"):
            kind, _, process = file.stem.rpartition("_")
            if process.isdecimal() and int(process) != ENDED and not _is_alive(int(process)):
                self._end(file, kind)

    def _end(self, file: Path, kind: str) -> None:
        gone = file.rename(file.with_suffix(".ended"))
        if kind in _KEPT:
            self._add(gone, kind)
        gone.unlink(missing_ok=True)

    def _add(self, gone: Path, kind: str) -> None:
        sums = MmapedDict(str(self._folder / f"{kind}_{ENDED}.db"))
        # A file that was cut short by a full disk or a power failure is dropped.
        with suppress(RuntimeError, ValueError, OSError):
            for key, value, *_ in list(MmapedDict.read_all_values_from_file(str(gone))):
                before, _ = sums.read_value(key)
                sums.write_value(key, before + value, 0.0)
        sums.close()


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
