"""The format of access tokens by audience: a signed JWT that anybody can verify, or opaque."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from idp.protocol.jose.signing_keys import ALGORITHMS, DEFAULT_ALGORITHM

OPAQUE = "opaque"
FORMATS = (*ALGORITHMS, OPAQUE)
"""The signature algorithm of a JWT (RFC 9068), or ``opaque``."""


@dataclass(frozen=True, slots=True)
class AccessTokenFormats:
    """The format for each audience; ``usual`` for those that are not named.

    The hub's own address is the audience of tokens for userinfo. ``preferred`` names formats that
    count only while a key signs with them, for audiences that ``by_audience`` leaves out.
    """

    usual: str = DEFAULT_ALGORITHM
    by_audience: Mapping[str, str] = field(default_factory=dict)
    preferred: Mapping[str, str] = field(default_factory=dict)

    def of(self, audience: Iterable[str], signing: Container[str]) -> str:
        """Return the format of a token for ``audience``; ``usual`` when its members differ.

        ``signing``: the algorithms that a key signs with now.
        """
        found = {self._of_one(one, signing) for one in audience}
        return found.pop() if len(found) == 1 else self.usual

    def _of_one(self, audience: str, signing: Container[str]) -> str:
        if audience in self.by_audience:
            return self.by_audience[audience]
        preferred = self.preferred.get(audience, self.usual)
        return preferred if preferred == OPAQUE or preferred in signing else self.usual

    def algorithms(self) -> Sequence[str]:
        """Return the signature algorithms that tokens cannot do without."""
        used = {self.usual, *self.by_audience.values()}
        return [alg for alg in ALGORITHMS if alg in used]
