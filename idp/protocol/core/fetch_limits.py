"""How often the hub goes to a client's servers: by client and host, whatever is registered.

A changed registration begins nothing anew (attack S12).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from idp.ports import Ephemeral, FetchBusy

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """``every``: between two fetches of one kind of document; ``request_objects``: a minute."""

    every: timedelta = MINUTE
    request_objects: int = 60


def once(ephemeral: Ephemeral, kind: str, client_id: str, url: str, *, every: timedelta) -> bool:
    """Return whether nothing of this kind was asked of the client's host within ``every``."""
    return ephemeral.add(_key(kind, client_id, url), ttl=every)


def document_gate(
    ephemeral: Ephemeral, kind: str, client_id: str, url: str, limits: FetchLimits
) -> Callable[[], None]:
    """Return what raises FetchBusy when such a document was fetched just before."""

    def may_begin() -> None:
        if not once(ephemeral, kind, client_id, url, every=limits.every):
            raise FetchBusy("too_often", retry_after=limits.every)

    return may_begin


def request_object_gate(
    ephemeral: Ephemeral, client_id: str, url: str, limits: FetchLimits
) -> Callable[[], None]:
    """Return what raises FetchBusy when too many request objects were fetched this minute."""

    def may_begin() -> None:
        count = ephemeral.hit(_key("request_object", client_id, url), window=MINUTE)
        if count > limits.request_objects:
            raise FetchBusy("too_often", retry_after=MINUTE)

    return may_begin


def _key(kind: str, client_id: str, url: str) -> str:
    return f"client_fetch:{kind}:{client_id}:{urlsplit(url).hostname}"
