"""The phones of citizens: what the SMS gateway was given, by mobile."""

from collections import defaultdict
from collections.abc import Sequence
from threading import Lock


class Phones:
    """Reads each message once, however often somebody looks: there are thousands of them."""

    def __init__(self, taken: Sequence[tuple[int, str, str]]) -> None:
        """``taken`` is what ``MagfaHandler`` accepts, and grows."""
        self._taken = taken
        self._read = 0
        self._texts: defaultdict[str, dict[int, str]] = defaultdict(dict)
        self._lock = Lock()

    def texts(self, mobile: str) -> list[str]:
        """Return what a phone got, the newest last; a repeated message counts once."""
        with self._lock:
            for uid, to, text in self._taken[self._read :]:
                self._texts[to[-10:]][uid] = text
                self._read += 1
            return list(self._texts[mobile[-10:]].values())
