"""A request as the protocol sees it: raw bytes, nothing decoded or repaired."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from idp.domain.wire import trimmed


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolRequest:
    """One HTTP request. ``query`` and ``body`` are raw; ``headers`` has lower-case names."""

    method: str
    path: str
    query: bytes = field(default=b"", repr=False)
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    content_type: str = ""

    @property
    def media_type(self) -> str:
        """The content type without parameters, in lower case."""
        return trimmed(self.content_type.partition(";")[0]).lower()

    @property
    def is_post(self) -> bool:
        """True for POST."""
        return self.method == "POST"
