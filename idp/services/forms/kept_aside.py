"""Texts in the ephemeral store that only the name in a page's address can open.

The store holds a digest of the name, and the text sealed under keys derived from the name. A copy
of the store opens nothing, not even with the hub's keys: the name is in the browser's address (or
derived from its whole request) and nowhere else.
"""

from dataclasses import dataclass
from datetime import timedelta

from idp.ports import BrokenSeal, Ephemeral, Put, Vault


@dataclass(frozen=True, slots=True)
class KeptAside:
    """Keeps texts of one ``kind`` by unguessable names; the ephemeral store may lose them."""

    vault: Vault
    ephemeral: Ephemeral
    kind: str

    def put(self, name: str, text: str, *, ttl: timedelta) -> None:
        """Keep the text for ``ttl``, replacing an earlier text of the name."""
        kept = self.putting(name, text, ttl=ttl)
        self.ephemeral.put(kept.key, kept.value, ttl=kept.ttl)

    def putting(self, name: str, text: str, *, ttl: timedelta) -> Put:
        """Return the step that does what ``put`` does."""
        # Each purpose has separate keys, and this purpose is unknown without the name.
        sealed = self.vault.seal(text.encode(), purpose=self._purpose(name))
        return Put(self.row(name), sealed, ttl)

    def find(self, name: str) -> str | None:
        """Return the text; None when it has expired, was lost, or the name is unknown."""
        sealed = self.ephemeral.find(self.row(name)) or ""
        try:
            return self.vault.open(sealed, purpose=self._purpose(name)).decode()
        except BrokenSeal:
            return None

    def row(self, name: str) -> str:
        """Return the store's key of the text, which does not reveal the name."""
        return f"{self.kind}:{self.vault.digest(name, purpose=self.kind)}"

    def _purpose(self, name: str) -> str:
        return f"{self.kind}:{name}"
