"""The format of access tokens by audience: a signed JWT that anybody can verify, or opaque."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from idp.protocol.jose.signing_keys import ALGORITHMS, DEFAULT_ALGORITHM

OPAQUE = "opaque"
FORMATS = (*ALGORITHMS, OPAQUE)
"""The signature algorithm of a JWT (RFC 9068), or ``opaque``."""


@dataclass(frozen=True, slots=True)
class AccessTokenFormats:
    """The format for each audience; ``usual`` for those that are not named.

    The hub's own address is the audience of tokens for userinfo.
    """

    usual: str = DEFAULT_ALGORITHM
    by_audience: Mapping[str, str] = field(default_factory=dict)

    def of(self, audience: Iterable[str]) -> str:
        """Return the format of a token for ``audience``; ``usual`` when its members differ."""
        found = {self.by_audience.get(one, self.usual) for one in audience}
        return found.pop() if len(found) == 1 else self.usual

    def algorithms(self) -> Sequence[str]:
        """Return the signature algorithms that tokens need."""
        used = {self.usual, *self.by_audience.values()}
        return [alg for alg in ALGORITHMS if alg in used]
