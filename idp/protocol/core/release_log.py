"""The release log: the claims that each portal got of a citizen, and when."""

from collections.abc import Iterable

from idp.protocol.core.provider_context import ProviderContext
from idp.store.unit_of_work import UnitOfWork


def note_in(
    work: UnitOfWork,
    provider: ProviderContext,
    account_id: str,
    client_id: str,
    names: Iterable[str],
) -> None:
    """Write the release within ``work``, at most once an hour for the same set of claims."""
    work.releases.note(account_id, client_id, sorted({"sub", *names}), provider.clock())


def is_due(
    work: UnitOfWork,
    provider: ProviderContext,
    account_id: str,
    client_id: str,
    names: Iterable[str],
) -> bool:
    """Return whether ``note_in`` would write; if not, a reader needs no second transaction."""
    claims = sorted({"sub", *names})
    return not work.releases.is_noted(account_id, client_id, claims, provider.clock())
