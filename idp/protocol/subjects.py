"""``sub``: who a portal knows the citizen as (OIDC Core 8)."""

from base64 import urlsafe_b64encode

from idp.domain.client import Client
from idp.ports import Vault

PURPOSE = "subject"
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
