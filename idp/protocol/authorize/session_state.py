"""``session_state``: what a portal compares to learn of a sign-out (Session Management 1.0)."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from urllib.parse import urlsplit

from idp.protocol.core.errors import ResponseTarget
from idp.protocol.core.provider_context import ProviderContext

DEFAULT_PORTS = {"https": 443, "http": 80}


class SessionStates:
    """Makes ``session_state`` values, and lists the origins whose pages may watch them."""

    def __init__(self, provider: ProviderContext) -> None:
        self._provider = provider

    def parameters(self, target: ResponseTarget, browser_state: str) -> Mapping[str, str]:
        """Return ``session_state`` for a response, success or error alike; else nothing.

        Nothing for a client that may not watch, for an app without a web origin, and without a
        browser state. Errors carry it too: after ``login_required`` a portal waits for a sign-in.

        Source: Session Management 1.0, 2.
        """
        origin = web_origin(target.redirect.uri)
        if (
            not browser_state
            or origin is None
            or not self._provider.features.lets_watch(target.client)
        ):
            return {}
        salt = self._provider.randomness.token()
        whole = " ".join((target.client.client_id, origin, browser_state, salt))
        # The script of the frame computes the same: idp/web/static/js/check_session.js.
        return {"session_state": f"{sha256(whole.encode()).hexdigest()}.{salt}"}

    def watching_origins(self) -> Sequence[str]:
        """Return the web origins of the active clients that may watch (attack X06)."""
        clients = self._provider.clients.all()
        watching = (
            one for one in clients if one.is_active and self._provider.features.lets_watch(one)
        )
        origins = {web_origin(uri) for client in watching for uri in client.redirect_uris}
        return sorted(origin for origin in origins if origin is not None)


def web_origin(uri: str) -> str | None:
    """Return the origin of a page at ``uri``, as browsers write it; None for an app's scheme."""
    parts = urlsplit(uri)
    if parts.scheme not in DEFAULT_PORTS:
        return None
    is_default = parts.port in {None, DEFAULT_PORTS[parts.scheme]}
    host = (
        parts.netloc.rpartition(":")[0] if parts.port is not None and is_default else parts.netloc
    )
    return f"{parts.scheme}://{host}"
