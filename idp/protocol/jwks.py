"""The public key set (RFC 7517 5, OIDC Core 10.1.1)."""

from collections.abc import Mapping, Sequence
from typing import Any

from idp.protocol.core.replies import Document, Json, unavailable
from idp.protocol.discovery import prepare
from idp.protocol.jose.signing_keys import KeyRing, NoSigningKey


class KeySet:
    """Serves the published keys as prepared bytes."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys
        self._prepared: tuple[Sequence[Mapping[str, Any]], Document] | None = None

    def document(self) -> Document | Json:
        """Return the key set, cacheable for ``jwks_cache``; new keys are published ahead of use.

        Without a published key the answer is 503, which is not cached (fault F22).
        """
        published = self._keys.published()
        if not published:
            return unavailable(NoSigningKey.retry_after)
        if self._prepared is None or self._prepared[0] is not published:
            max_age = int(self._keys.jwks_cache.total_seconds())
            self._prepared = (published, prepare({"keys": list(published)}, max_age))
        return self._prepared[1]
