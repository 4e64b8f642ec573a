"""Access tokens whose signature was verified a moment ago: APIs show one again and again."""

from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from threading import Lock

from idp.protocol.jose.jws import FindKey, Verified

MOST = 512
"""How many tokens a process remembers, by about 3 KiB each."""


class VerifiedTokens:
    """Verifies tokens, and remembers the last ``MOST`` good ones by their digest.

    A remembered token costs no second signature check while its key is found by its ``kid``: a key
    that was retired or replaced verifies nothing more, in the moment in which it is no longer
    found. The signature alone is remembered: the caller checks times, audience and grant each time.
    """

    def __init__(self, verify: Callable[[str], Verified], find_key: FindKey) -> None:
        """``verify`` raises BadToken for every token but those with a key of ``find_key``."""
        self._verify = verify
        self._find_key = find_key
        self._remembered: OrderedDict[bytes, Verified] = OrderedDict()
        self._lock = Lock()

    def verify(self, token: str) -> Verified:
        """Return the token's header and claims. Raises BadToken."""
        # Of the token itself nothing is kept: who reads the process's memory finds none to show.
        digest = sha256(token.encode("utf-8", "surrogatepass")).digest()
        known = self._known(digest)
        if known is None or not self._is_key_found(known):
            known = self._verify(token)
            self._remember(digest, known)
        return known

    def _known(self, digest: bytes) -> Verified | None:
        with self._lock:
            known = self._remembered.get(digest)
            if known is not None:
                self._remembered.move_to_end(digest)
            return known

    def _is_key_found(self, known: Verified) -> bool:
        return self._find_key(known.header.get("kid"), known.header["alg"]) is known.key

    def _remember(self, digest: bytes, verified: Verified) -> None:
        with self._lock:
            self._remembered[digest] = verified
            if len(self._remembered) > MOST:
                self._remembered.popitem(last=False)
