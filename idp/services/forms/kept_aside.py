"""What a page keeps beside its address for a while, and only who has the address can open.

The store holds a digest of the name, and the text sealed under keys that are made of the name. So
a copy of the store opens nothing, not even with the keys of the hub: the name stands in the
browser's address (or is made of its whole request) and nowhere else.
"""

from dataclasses import dataclass
from datetime import timedelta

from idp.ports import BrokenSeal, Ephemeral, Vault


@dataclass(frozen=True, slots=True)
class KeptAside:
    """Keeps texts of one ``kind`` by name; names are hard to guess. It may vanish."""

    vault: Vault
    ephemeral: Ephemeral
    kind: str

    def put(self, name: str, text: str, *, ttl: timedelta) -> None:
        """Keep the text for ``ttl``; what had the name before is gone."""
        # Every purpose has keys of its own, and nobody knows this purpose without the name.
        sealed = self.vault.seal(text.encode(), purpose=self._purpose(name))
        self.ephemeral.put(self.row(name), sealed, ttl=ttl)

    def find(self, name: str) -> str | None:
        """Return the text; None when it is too old, lost, or nothing had the name."""
        sealed = self.ephemeral.find(self.row(name)) or ""
        try:
            return self.vault.open(sealed, purpose=self._purpose(name)).decode()
        except BrokenSeal:
            return None

    def row(self, name: str) -> str:
        """Return what the store knows the text by, which does not tell the name."""
        return f"{self.kind}:{self.vault.digest(name, purpose=self.kind)}"

    def _purpose(self, name: str) -> str:
        return f"{self.kind}:{name}"
