"""A portal that has a refresh token of a citizen."""

from idp.domain.clients.client import SECRET_PURPOSE, ClientSecret
from idp.protocol.token.grants import REFRESH_PURPOSE
from tests import factories
from tests.fakes import NOON
from tests.web.hub import Hub

SCOPES = ("openid", "offline_access", "profile")


def put_refresh_token(hub: Hub, token: str) -> None:
    """Give the portal, whose secret is "secret", a refresh token; the hub gets a key to sign."""
    keys = hub.deps.provider._provider.keys
    keys.promote(keys.new("RS256").kid)
    vault = hub.deps.vault
    secret = ClientSecret(vault.digest("secret", purpose=SECRET_PURPOSE), NOON)
    with hub.deps.begin() as work:
        factories.put_client(
            work,
            factories.client(
                first_party=True,
                secrets=(secret,),
                scopes=frozenset(SCOPES),
                grant_types=frozenset({"authorization_code", "refresh_token"}),
            ),
        )
        work.accounts.add(factories.account())
        work.grants.add(factories.grant(offline=True, scopes=SCOPES))
        digest = vault.digest(token, purpose=REFRESH_PURPOSE)
        work.grants.add_refresh(factories.refresh_token(digest))
