"""Rate limits for fetches from a client's servers, counted by client and host.

A changed registration does not reset a count (attack S12).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from idp.ports import Ephemeral, FetchBusy

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """``every``: least time between fetches of one kind; ``request_objects``: fetches a minute."""

    every: timedelta = MINUTE
    request_objects: int = 60


def once(ephemeral: Ephemeral, kind: str, client_id: str, url: str, *, every: timedelta) -> bool:
    """Mark a fetch of this kind; return whether it is the first from the host in ``every``."""
    return ephemeral.add(_key(kind, client_id, url), ttl=every)


def document_gate(
    ephemeral: Ephemeral, kind: str, client_id: str, url: str, limits: FetchLimits
) -> Callable[[], None]:
    """Return a gate that raises FetchBusy when such a document was fetched just before."""

    def may_begin() -> None:
        if not once(ephemeral, kind, client_id, url, every=limits.every):
            raise FetchBusy("too_often", retry_after=limits.every)

    return may_begin


def request_object_gate(
    ephemeral: Ephemeral, client_id: str, url: str, limits: FetchLimits
) -> Callable[[], None]:
    """Return a gate that raises FetchBusy after too many request objects within the minute."""

    def may_begin() -> None:
        count = ephemeral.hit(_key("request_object", client_id, url), window=MINUTE)
        if count > limits.request_objects:
            raise FetchBusy("too_often", retry_after=MINUTE)

    return may_begin


def _key(kind: str, client_id: str, url: str) -> str:
    return f"client_fetch:{kind}:{client_id}:{urlsplit(url).hostname}"
