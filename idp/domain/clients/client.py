"""A registered client (relying party, portal)."""

from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from idp.domain.clients.response_types import CLIENT_CREDENTIALS_GRANT
from idp.domain.messages.sms import SmsName

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1"})
OWN_MACHINE = LOOPBACK_HOSTS | {"localhost"}
"""With the name, which another program may answer for (RFC 8252 8.3): in development only."""

SECRET_PURPOSE = "client_secret"  # noqa: S105 (what the vault digests a secret for)
REGISTRATION_PURPOSE = "registration_access_token"


EVERY_TIME, ONCE = "every_time", "once"
"""Whether ``prompt=consent`` shows a first party's citizens a consent page."""


class ClientAuthMethod(StrEnum):
    """``token_endpoint_auth_method`` (OIDC Core 9).

    A client uses the registered one and no other, except by ``SECRET``.
    """

    BASIC = "client_secret_basic"
    POST = "client_secret_post"
    PRIVATE_KEY_JWT = "private_key_jwt"
    NONE = "none"
    SECRET = "client_secret"  # noqa: S105 (the name of a method)
    """Of client files alone: the secret by Basic or in the body, for libraries that choose."""


BY_SECRET = frozenset({ClientAuthMethod.BASIC, ClientAuthMethod.POST})
SECRET_METHODS = BY_SECRET | {ClientAuthMethod.SECRET}


class ClientState(StrEnum):
    """The hub refuses a suspended client; suspending revokes its grants."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


class ApplicationType(StrEnum):
    """OIDC Registration 2.

    Native clients may use loopback redirects with a free port (RFC 8252 7.3).
    """

    WEB = "web"
    NATIVE = "native"


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """A keyed digest of a 256-bit random secret; during a rotation two are valid."""

    digest: str = field(repr=False)
    created_at: datetime
    expires_at: datetime | None = None

    def is_live(self, now: datetime) -> bool:
        """Return whether the secret may still be used at ``now``."""
        return self.expires_at is None or now < self.expires_at


@dataclass(frozen=True, slots=True)
class SelfRegistration:
    """How a client registered itself (RFC 7591) and may manage its registration (RFC 7592).

    ``tokens`` are digests of registration access tokens, the newest first. ``invitation`` is the
    initial access token's id. Once an administrator has granted scopes (``is_reviewed``), only
    administrators change the client.
    """

    tokens: tuple[ClientSecret, ...] = field(repr=False)
    invitation: str | None = None
    is_reviewed: bool = False


@dataclass(frozen=True, slots=True)
class RegisteredRedirect:
    """A redirect URI that ``Client.match_redirect`` has checked.

    Authorization responses are sent to nothing else.
    """

    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A portal's registration.

    It comes from a reviewed file (``clients/<client_id>.toml``) or from the client (RFC 7591).

    ``scopes`` is the allow-list: no scope beyond it is ever granted. ``first_party`` clients skip
    the consent page, never the allow-list. ``sector`` keys the pairwise subjects (``sector_of``
    says which one). ``service_scopes`` are those of its own tokens (``client_credentials``), none
    of a citizen's; such tokens issued before ``service_tokens_since`` are dead. ``logo`` is a
    cleaned PNG to be stored; a client that was read from the store has ``logo_version`` alone.
    ``name`` and ``description`` are Persian, ``name_en`` and ``description_en`` their English.
    ``listed``: a first-party portal that every citizen's account names among the organisation's
    services. ``loopback_ports``: a hub in development registered the client, so that the port of an
    address on the developer's machine is free.
    """

    client_id: str
    name: str
    name_en: str | None = None
    description: str | None = None
    description_en: str | None = None
    listed: bool = True
    state: ClientState = ClientState.ACTIVE
    application_type: ApplicationType = ApplicationType.WEB
    first_party: bool = False
    auth_method: ClientAuthMethod = ClientAuthMethod.BASIC
    auth_signing_alg: str | None = None
    auth_audience_token_endpoint: bool = False
    require_pkce: bool = True
    secrets: tuple[ClientSecret, ...] = ()
    jwks: Mapping[str, Any] | None = None
    jwks_uri: str | None = None
    loopback_ports: bool = False
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    backchannel_logout_uri: str | None = None
    frontchannel_logout_uri: str | None = None
    session_management: bool = False
    scopes: frozenset[str] = frozenset({"openid"})
    service_scopes: frozenset[str] = frozenset()
    grant_types: frozenset[str] = frozenset({"authorization_code"})
    response_types: frozenset[str] = frozenset({"code"})
    subject_type: str = "pairwise"
    sector: str = ""
    sector_identifier_uri: str | None = None
    initiate_login_uri: str | None = None
    id_token_claims: bool = False
    prompt_consent: str = EVERY_TIME
    id_token_signed_response_alg: str = "RS256"  # noqa: S105 (an algorithm)
    id_token_encrypted_response_alg: str | None = None
    id_token_encrypted_response_enc: str | None = None
    userinfo_signed_response_alg: str | None = None
    userinfo_encrypted_response_alg: str | None = None
    userinfo_encrypted_response_enc: str | None = None
    request_object_signing_alg: str | None = None
    request_object_encryption_alg: str | None = None
    request_object_encryption_enc: str | None = None
    request_uris: tuple[str, ...] = ()
    default_acr: str | None = None
    default_max_age: int | None = None
    access_token_audience: tuple[str, ...] = ()
    introspection_audience: tuple[str, ...] = ()
    service_tokens_since: datetime | None = None
    client_uri: str | None = None
    logo_uri: str | None = None
    logo_version: str | None = None
    logo: bytes | None = field(default=None, repr=False, compare=False)
    policy_uri: str | None = None
    tos_uri: str | None = None
    contacts: tuple[str, ...] = ()
    registration: SelfRegistration | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    version: int = 1

    @property
    def is_active(self) -> bool:
        """True unless an administrator suspended the client."""
        return self.state is ClientState.ACTIVE

    @property
    def is_reviewed(self) -> bool:
        """False for a client that registered itself, until an administrator grants it scopes."""
        return self.registration is None or self.registration.is_reviewed

    @property
    def sms_name(self) -> SmsName | None:
        """The name for use in SMS; None for a client that no administrator has reviewed (O17)."""
        return SmsName.cut(self.name) if self.is_reviewed else None

    @property
    def is_public(self) -> bool:
        """True for clients without a credential; they always need PKCE (RFC 9700 2.1.1)."""
        return self.auth_method is ClientAuthMethod.NONE

    @property
    def is_service(self) -> bool:
        """True for a confidential client that may get tokens of its own (RFC 6749 4.4)."""
        return CLIENT_CREDENTIALS_GRANT in self.grant_types and not self.is_public

    def takes(self, method: ClientAuthMethod) -> bool:
        """Return whether the client may prove itself by this method: the registered one alone."""
        is_either = self.auth_method is ClientAuthMethod.SECRET and method in BY_SECRET
        return is_either or method is self.auth_method

    def match_redirect(self, uri: str) -> RegisteredRedirect | None:
        """Return the checked redirect URI, or None when none is registered that matches.

        Compared as exact strings; only native clients may choose the port of a loopback IP literal
        (RFC 9700 4.1.3, RFC 8252 7.3). ``localhost`` is a name: its port must match, too. A hub in
        development lets every client choose the port of all three.
        """
        hosts = LOOPBACK_HOSTS if self.application_type is ApplicationType.NATIVE else frozenset()
        if self.loopback_ports:
            hosts = OWN_MACHINE
        return RegisteredRedirect(uri) if _is_listed(uri, self.redirect_uris, hosts) else None

    def may_return_to(self, uri: str) -> bool:
        """Return whether a citizen may be sent to ``uri`` after a sign-out.

        Compared as exact strings (RP-Initiated Logout 2), but for the port in development.
        """
        hosts = OWN_MACHINE if self.loopback_ports else frozenset()
        return _is_listed(uri, self.post_logout_redirect_uris, hosts)

    def match_request_uri(self, uri: str) -> str | None:
        """Return ``uri`` without its fragment when it is registered, else None (OIDC Core 6.2).

        The fragment names a version of the request object; the hub neither sends nor caches it.
        """
        asked = uri.partition("#")[0]
        return asked if asked in {one.partition("#")[0] for one in self.request_uris} else None


def _is_listed(uri: str, listed: Collection[str], free_ports_of: Set[str]) -> bool:
    """Return whether the address is listed, at whatever port on the hosts of ``free_ports_of``."""
    return uri in listed or any(_same_but_port(uri, known, free_ports_of) for known in listed)


def _same_but_port(uri: str, registered: str, hosts: Set[str]) -> bool:
    try:
        asked, known = urlsplit(uri), urlsplit(registered)
        port = asked.port
    except ValueError:
        return False
    if known.scheme != "http" or known.hostname not in hosts or not port:
        return False
    host = f"[{known.hostname}]" if ":" in (known.hostname or "") else known.hostname
    rest = f"{known.path}?{known.query}" if known.query else known.path
    return uri == f"http://{host}:{port}{rest}"
