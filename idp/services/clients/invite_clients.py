"""Invitations to register a client: initial access tokens, each shown once (RFC 7591 3)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from idp.domain.clients.invitation import INVITATION_PURPOSE, Invitation
from idp.domain.errors import DomainError
from idp.ports import (
    AuditEntry,
)
from idp.services.kernel import Kernel
from idp.store.unit_of_work import UnitOfWork


class UnknownInvitation(DomainError):
    """No invitation has this id."""

    code = "unknown_invitation"


@dataclass(frozen=True, slots=True)
class Invited:
    """A new invitation with its token, which is shown only once."""

    invitation: Invitation
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteClients:
    """Creates, lists and withdraws invitations. Creating and withdrawing are audited."""

    kernel: Kernel

    def invite(self, invited: str, *, lasts: timedelta, uses: int, officer: str) -> Invited:
        """Create an invitation for ``invited`` to register ``uses`` clients within ``lasts``."""
        now, token = self.kernel.clock(), self.kernel.randomness.token()
        invitation = Invitation(
            id=self.kernel.randomness.identifier(),
            digest=self.kernel.vault.digest(token, purpose=INVITATION_PURPOSE),
            invited=invited,
            officer=officer,
            created_at=now,
            expires_at=now + lasts,
            uses_left=uses,
        )
        with self.kernel.begin() as work:
            work.invitations.add(invitation)
            self._audit(work, officer, "invitation.made", invitation.id, invited=invited)
        return Invited(invitation, token)

    def list(self) -> Sequence[Invitation]:
        """Return all stored invitations, used and expired ones included, the newest first."""
        with self.kernel.begin(read_only=True) as work:
            return work.invitations.list()

    def take_back(self, invitation_id: str, *, officer: str) -> None:
        """Invalidate the token; clients registered with it stay. Raises UnknownInvitation."""
        with self.kernel.begin() as work:
            if not work.invitations.remove(invitation_id):
                raise UnknownInvitation(invitation_id)
            self._audit(work, officer, "invitation.taken_back", invitation_id)

    def _audit(
        self, work: UnitOfWork, officer: str, action: str, about: str, **details: str
    ) -> None:
        work.audit.add(
            AuditEntry(
                at=self.kernel.clock(),
                actor=officer,
                action=action,
                subject=about,
                details=details,
            )
        )
