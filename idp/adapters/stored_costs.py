"""The costs of stored hashes, read once a minute."""

import time
from collections.abc import Callable

from idp.ports import HashCosts

FRESH_SECONDS = 60.0


class StoredCosts:
    """Caches what ``read`` returned, for one minute.

    A newer cost can only be the settings' own, which every verification includes anyway.
    """

    def __init__(
        self, read: Callable[[], HashCosts], seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._read = read
        self._seconds = seconds
        self._kept: tuple[float, HashCosts] | None = None

    def __call__(self) -> HashCosts:
        """Return the costs. Raises what ``read`` raises."""
        now = self._seconds()
        kept = self._kept
        if kept is None or now - kept[0] >= FRESH_SECONDS:
            kept = self._kept = (now, self._read())
        return kept[1]
