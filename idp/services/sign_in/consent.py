"""Consents of citizens to third-party portals: asked once, remembered, revocable any time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from idp.domain.authorization.grant import Consent
from idp.domain.authorization.interaction import AuthorizationContext
from idp.domain.authorization.release import Release
from idp.domain.clients.client import Client
from idp.domain.sign_in.session import Session
from idp.ports import AuditEntry
from idp.services.kernel import Kernel

TEXT_VERSION = "1"
"""Version of the consent page's text, stored with each consent; grows when the text changes."""


@dataclass(frozen=True, slots=True)
class Portal:
    """A portal as the account page lists it: its consent (scopes, ``since``) and released claims.

    ``initiate_login_uri``: where a third party starts the portal's sign-in (OIDC Core 4).
    ``client_uri``: the portal's home page, only if the client was reviewed. Both are None while the
    portal is suspended. ``description`` and ``description_en`` are what its client file says of it.
    """

    client_id: str
    name: str
    scopes: Sequence[str]
    since: datetime | None
    released: Sequence[Release] = ()
    initiate_login_uri: str | None = None
    client_uri: str | None = None
    name_en: str | None = None
    description: str | None = None
    description_en: str | None = None
    logo_version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveConsent:
    """Gives, lists and revokes consents."""

    kernel: Kernel

    def client(self, client_id: str) -> Client | None:
        """Return the client for its consent page, or None when it was removed or is suspended."""
        client = self.kernel.clients.find(client_id)
        return client if client is not None and client.is_active else None

    def is_client(self, client_id: str) -> bool:
        """Return whether the client exists, active or suspended."""
        return self.kernel.clients.find(client_id) is not None

    def give(self, session: Session, context: AuthorizationContext, client: Client) -> None:
        """Save the consent to what the page showed, merged with an earlier consent still valid.

        The account is locked meanwhile, so that of two concurrent consents neither is lost.
        """
        now = self.kernel.clock()
        with self.kernel.begin() as work:
            work.accounts.lock(session.account_id)
            before = _still_good(work.consents.find(session.account_id, client.client_id), client)
            work.consents.save(
                Consent(
                    account_id=session.account_id,
                    client_id=client.client_id,
                    scopes=frozenset(context.scopes) | (before.scopes if before else set()),
                    claims=requested_claims(context) | (before.claims if before else set()),
                    client_version=client.version,
                    text_version=TEXT_VERSION,
                    given_at=now,
                )
            )
            work.audit.add(_entry(session, "consent.given", client.client_id, client.name, now))

    def portals(self, session: Session) -> Sequence[Portal]:
        """Return the portals with a consent, released claims or a visit in the session, by name."""
        with self.kernel.begin(read_only=True) as work:
            consents = {
                one.client_id: one
                for one in work.consents.of_account(session.account_id)
                if one.revoked_at is None
            }
            released = group_by_client(work.releases.of_account(session.account_id))
            ids = {*consents, *work.sessions.visited(session.id), *released}
        clients = [client for one in ids if (client := self.kernel.clients.find(one)) is not None]
        return sorted(
            (_portal(one, consents, released) for one in clients), key=lambda one: one.name
        )

    def services(self, session: Session) -> Sequence[Portal]:
        """Return the first-party portals that ``portals`` does not list, by name.

        Only those with an ``initiate_login_uri`` or a ``client_uri``, unless their client file says
        ``listed = false``. A client that registered itself is never first-party, so never listed.
        """
        known = {one.client_id for one in self.portals(session)}
        clients = [one for one in self.kernel.clients.all() if one.client_id not in known]
        return sorted(
            (_portal(one, {}, {}) for one in clients if _is_open_service(one)),
            key=lambda one: one.name,
        )

    def revoke(self, session: Session, client_id: str) -> bool:
        """Revoke the consent and all grants of the portal; False when there was neither.

        Source: ASVS 10.7.3.
        """
        now = self.kernel.clock()
        with self.kernel.begin() as work:
            work.accounts.lock(session.account_id)  # as ``give`` does
            had = work.consents.revoke(session.account_id, client_id, now)
            grants = work.grants.revoke_of_client(client_id, now, session.account_id)
            if not had and not grants:
                return False
            client = self.kernel.clients.find(client_id)
            name = client.name if client else client_id
            work.audit.add(_entry(session, "consent.revoked", client_id, name, now))
        return True


def requested_claims(context: AuthorizationContext) -> frozenset[str]:
    """Return the names of the claims in the ``claims`` parameter (OIDC Core 5.5)."""
    asked = context.requested_claims
    return frozenset(asked.get("userinfo", {})) | frozenset(asked.get("id_token", {}))


def _still_good(consent: Consent | None, client: Client) -> Consent | None:
    """Return the consent unless it was revoked, or the client has changed since."""
    if consent is None or consent.revoked_at is not None:
        return None
    return consent if consent.client_version == client.version else None


def group_by_client(releases: Sequence[Release]) -> dict[str, list[Release]]:
    """Return the releases grouped by client id, in their order."""
    grouped: dict[str, list[Release]] = {}
    for one in releases:
        grouped.setdefault(one.client_id, []).append(one)
    return grouped


def _portal(
    client: Client, consents: dict[str, Consent], released: dict[str, list[Release]]
) -> Portal:
    consent = consents.get(client.client_id)
    scopes = sorted(consent.scopes) if consent else ()
    since = consent.given_at if consent else None
    got = released.get(client.client_id, ())
    start = client.initiate_login_uri if client.is_active else None
    home = client.client_uri if client.is_active and client.is_reviewed else None
    return Portal(
        client_id=client.client_id,
        name=client.name,
        scopes=scopes,
        since=since,
        released=got,
        initiate_login_uri=start,
        client_uri=home,
        name_en=client.name_en,
        description=client.description,
        description_en=client.description_en,
        logo_version=client.logo_version,
    )


def _is_open_service(client: Client) -> bool:
    has_address = client.initiate_login_uri is not None or client.client_uri is not None
    leads = has_address and bool(client.redirect_uris)  # a service has no pages
    return client.first_party and client.listed and client.is_active and leads


def _entry(session: Session, action: str, client_id: str, name: str, now: datetime) -> AuditEntry:
    return AuditEntry(
        at=now,
        actor=session.account_id,
        action=action,
        subject=session.account_id,
        details={"client": client_id, "client_name": name},
    )
