"""``sub`` and ``sid``: the identifiers of citizen and session at a portal (OIDC Core 8)."""

from base64 import urlsafe_b64encode

from idp.domain.clients.client import Client
from idp.ports import Vault

PURPOSE = "subject"
SESSION_PURPOSE = "portal_session"
PUBLIC_SECTOR = ""
"""The sector that clients with public subjects share; their ``sub`` is no account id either."""


def subject(vault: Vault, client: Client, account_id: str) -> str:
    """Return the subject identifier of the account at the client: 43 characters of base64url.

    An HMAC over sector and account id: portals of two sectors cannot correlate citizens. It never
    depends on the national ID, and the subject of a closed account is never reused.

    Source: OIDC Core 8.1; attacks J20, RG09.
    """
    sector = PUBLIC_SECTOR if client.subject_type == "public" else client.sector
    digest = bytes.fromhex(vault.digest(f"{sector}\0{account_id}", purpose=PURPOSE))
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def session_identifier(vault: Vault, client: Client, session_id: str) -> str:
    """Return the ``sid`` of the session at the client: 43 characters of base64url.

    An HMAC over client and session, never the session's own id: two portals, even of one sector,
    cannot correlate citizens by ``sid``.

    Source: OIDC Back-Channel Logout 2.1, OIDC Core 17.3; attack J21.
    """
    digest = bytes.fromhex(
        vault.digest(f"{client.client_id}\0{session_id}", purpose=SESSION_PURPOSE)
    )
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
