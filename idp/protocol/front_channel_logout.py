"""Front-channel logout: frames that let a portal end its own session (Front-Channel Logout 1.0)."""

from collections.abc import Iterable

from idp.domain.client import Client
from idp.protocol.sender import with_query


def frames(issuer: str, clients: Iterable[Client], session_id: str) -> list[str]:
    """Return the address of each frame: what is registered, with ``iss`` and ``sid`` (section 3).

    Both are always there; a portal that needs neither ignores them.
    """
    told = {"iss": issuer, "sid": session_id}
    return [
        with_query(client.frontchannel_logout_uri, told)
        for client in clients
        if client.frontchannel_logout_uri is not None
    ]
