"""``sub`` and ``sid``: what a portal knows citizen and session as (OIDC Core 8)."""

from base64 import urlsafe_b64encode

from idp.domain.clients.client import Client
from idp.ports import Vault

PURPOSE = "subject"
SESSION_PURPOSE = "portal_session"
PUBLIC_SECTOR = ""
"""No client's sector: clients with public subjects share one, and the account's id stays ours."""


def subject(vault: Vault, client: Client, account_id: str) -> str:
    """Return the subject identifier of the account at the client: 43 characters of base64url.

    An HMAC over sector and account id, so that portals of two sectors cannot compare people. It
    never depends on the national ID, and a closed account's is never given again.

    Source: OIDC Core 8.1; attacks J20, RG09.
    """
    sector = PUBLIC_SECTOR if client.subject_type == "public" else client.sector
    digest = bytes.fromhex(vault.digest(f"{sector}\0{account_id}", purpose=PURPOSE))
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def session_identifier(vault: Vault, client: Client, session_id: str) -> str:
    """Return the ``sid`` of the session at the client: 43 characters of base64url.

    An HMAC over client and session, never the session's own id: two portals, even of one sector,
    cannot join their users by a ``sid`` that both hold.

    Source: OIDC Back-Channel Logout 2.1, OIDC Core 17.3; attack J21.
    """
    digest = bytes.fromhex(
        vault.digest(f"{client.client_id}\0{session_id}", purpose=SESSION_PURPOSE)
    )
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
