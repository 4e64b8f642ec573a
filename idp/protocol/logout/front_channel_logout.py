"""Front-channel logout: frames that let a portal end its own session (Front-Channel Logout 1.0)."""

from collections.abc import Iterable

from idp.domain.clients.client import Client
from idp.protocol.authorize.authorization_response import with_query
from idp.protocol.core.provider_context import ProviderContext
from idp.protocol.core.subjects import session_identifier


def frames(provider: ProviderContext, clients: Iterable[Client], session_id: str) -> list[str]:
    """Return the address of each frame: the registered one with ``iss`` and ``sid`` (section 3).

    Both are always sent; a portal that needs neither ignores them.
    """
    return [
        with_query(
            client.frontchannel_logout_uri,
            {"iss": provider.issuer, "sid": session_identifier(provider.vault, client, session_id)},
        )
        for client in clients
        if client.frontchannel_logout_uri is not None
    ]
