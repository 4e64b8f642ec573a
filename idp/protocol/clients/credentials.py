"""Secrets of clients and registration access tokens: only their digests are stored."""

import hmac
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from idp.domain.clients.client import (
    REGISTRATION_PURPOSE,
    SECRET_METHODS,
    SECRET_PURPOSE,
    Client,
    ClientSecret,
)
from idp.protocol.core.provider_context import ProviderContext

OLD_TOKEN_LIVES = timedelta(minutes=10)
"""How long a rotated token still works: an update can be repeated if its answer was lost."""

_NO_DIGEST = "0" * 64


def is_one_of(
    provider: ProviderContext, shown: str, known: Iterable[ClientSecret], *, purpose: str
) -> ClientSecret | None:
    """Return the live secret that ``shown`` matches, or None; without any it takes as long."""
    now, digest = provider.clock(), provider.vault.digest(shown, purpose=purpose)
    live = [one for one in known if one.is_live(now)]
    nobody = ClientSecret(_NO_DIGEST, now)
    found = [one for one in live or [nobody] if hmac.compare_digest(digest, one.digest)]
    return found[0] if found else None


def fresh(provider: ProviderContext, *, purpose: str) -> tuple[str, ClientSecret]:
    """Return a new 256-bit value, for its bearer alone, and its digest to store."""
    value = provider.randomness.token()
    return value, ClientSecret(provider.vault.digest(value, purpose=purpose), provider.clock())


def secret_of(
    provider: ProviderContext, client: Client, kept: tuple[ClientSecret, ...] = ()
) -> tuple[str | None, tuple[ClientSecret, ...]]:
    """Return a new secret if the client needs one, and the digests for the client's row."""
    if client.auth_method not in SECRET_METHODS:
        return None, ()
    if any(one.is_live(provider.clock()) for one in kept):
        return None, kept
    secret, stored = fresh(provider, purpose=SECRET_PURPOSE)
    return secret, (stored,)


def rotated(provider: ProviderContext, used: ClientSecret) -> tuple[str, tuple[ClientSecret, ...]]:
    """Return a new registration access token and the digests; ``used`` works ten minutes more."""
    token, stored = fresh(provider, purpose=REGISTRATION_PURPOSE)
    ends = provider.clock() + OLD_TOKEN_LIVES
    return token, (stored, replace(used, expires_at=min(used.expires_at or ends, ends)))
