"""The sections of the settings: types and bounds of their keys."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr

from idp.settings.colours import Colour
from idp.settings.limits import Limits
from idp.settings.operation_sections import AuditSection, Backup, Metrics, Retention, Traces
from idp.settings.section import Seconds, Section

Insecure = Literal[
    "open_bind",
    "plain_services",
    "plain_redis",
    "unverified_database",
    "weak_hashing",
    "no_network_limits",
    "guide_to_the_letter",
]
"""Weak settings that administrators may accept in production by name; ``idp check`` shows them."""

MOST_MEMORY_KIB = 1024 * 1024
MOST_TIME_COST = 64
"""The highest argon2id cost that the hub computes: in the settings, and in a stored hash."""

CountryCode = Annotated[str, Field(pattern="^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2."""


class Server(Section):
    """Where the hub stands."""

    environment: Literal["production", "development"]
    issuer: str
    trusted_hosts: tuple[str, ...]
    trusted_proxies: int = Field(ge=0, le=5)
    insecure: tuple[Insecure, ...]
    bind: str
    wsgi_server: Literal["gunicorn", "granian"]
    processes: int = Field(ge=1)
    threads: int = Field(ge=1, le=64)
    runtime_folder: Path
    tls_certificate: str
    tls_key: str

    @property
    def issuer_origin(self) -> str:
        """The issuer's scheme, host and port, as browsers write it in ``Origin``."""
        parts = urlsplit(self.issuer)
        return f"{parts.scheme}://{parts.netloc}"


class DatabaseSection(Section):
    """The database is the truth (D1)."""

    url: str
    pool_size: int = Field(ge=1)
    pool_wait_seconds: Seconds


class Redis(Section):
    """Optional; empty means the database's own table serves instead."""

    url: str


class VaultKey(Section):
    """One sealing key: 32 bytes, base64url."""

    id: str = Field(min_length=1, max_length=16, pattern=r"^[a-z0-9-]+$")
    key: SecretStr


class Secrets(Section):
    """Keys that are no signing keys. No defaults: the start stops without them."""

    sealing_keys: tuple[VaultKey, ...] = Field(min_length=1)
    index_key: SecretStr
    lookup_keys: tuple[VaultKey, ...]
    password_pepper: SecretStr
    """The pepper ``1``, unless ``password_peppers`` has another with that id."""
    password_peppers: tuple[VaultKey, ...]


class Pkcs11(Section):
    """A PKCS#11 token for signing keys; none without ``module``."""

    module: str
    token: str
    pin: SecretStr


class Keys(Section):
    """Signing keys (D12)."""

    folder: Path
    key_encryption_key: SecretStr
    jwks_cache_seconds: int = Field(ge=1)
    rotate_every_days: int = Field(ge=0)
    publish_ahead_seconds: int = Field(ge=1)
    pkcs11: Pkcs11


class Registration(Section):
    """Rules of the registration."""

    phone_proof: bool
    min_age: int = Field(ge=0)
    max_age: int = Field(ge=1)
    countries_file: str
    countries_not_offered: tuple[CountryCode, ...]
    email_required: bool
    look_over: bool
    physicians: bool
    per_day: int = Field(ge=1)
    per_month: int = Field(ge=1)


class SignIn(Section):
    """Rules of signing in and of sessions."""

    new_device_code: bool
    device_days: int = Field(ge=1)
    session_idle_seconds: int = Field(ge=60)
    session_absolute_seconds: int = Field(ge=60)


class RecoverySection(Section):
    """Rules of the recovery."""

    sms_code: bool


class Protection(Section):
    """Counters by network, proof of work, the budget of codes that anybody can have sent."""

    proof_of_work: bool
    network_limits: bool
    codes_per_hour: int = Field(ge=10)
    codes_per_hour_and_prefix: int = Field(ge=10)
    conversion_sample: int = Field(ge=1)
    poor_conversion_below_one_in: int = Field(ge=1)
    poor_conversion_divides_by: int = Field(ge=1)


class Hashing(Section):
    """argon2id over all processes of the machine."""

    memory_kib: int = Field(ge=8, le=MOST_MEMORY_KIB)
    time_cost: int = Field(ge=1, le=MOST_TIME_COST)
    slots: int = Field(ge=0)
    queue: int = Field(ge=0, le=256)
    queue_seconds: Seconds


class Endpoint(Section):
    """An outside service: address, credentials, time-out."""

    dialect: Literal["government_bus", "uid", "zohal"] = "government_bus"
    url: str = ""
    user: str = ""
    password: SecretStr = SecretStr("")
    token: SecretStr = SecretStr("")
    provider_code: str = ""
    timeout_seconds: Seconds = 5.0
    tries: int = Field(default=3, ge=1, le=5)


class CivilEndpoint(Endpoint):
    """The civil registry's service."""

    not_found_codes: tuple[str, ...] = ()


class CouncilEndpoint(Endpoint):
    """The medical council's service; the bus is its one dialect."""

    dialect: Literal["government_bus"] = "government_bus"
    not_found_codes: tuple[str, ...] = ()
    professions: Mapping[str, str] = {}


class Registry(Section):
    """Who answers for the civil registry, phones, the medical council and the insurance file."""

    kind: Literal["embedded", "http"]
    name_near: Literal["reject", "review"]
    civil: CivilEndpoint
    ownership: Endpoint
    council: CouncilEndpoint


class Magfa(Section):
    """Magfa HTTP v2."""

    url: str
    user: str
    password: SecretStr
    sender: str
    timeout_seconds: Seconds


class Kavenegar(Section):
    """Kavenegar v1."""

    url: str
    api_key: SecretStr
    sender: str
    timeout_seconds: Seconds


class Sms(Section):
    """Gateways in the order in which they are tried."""

    gateways: tuple[Literal["inbox", "magfa", "kavenegar"], ...] = Field(min_length=1)
    magfa: Magfa
    kavenegar: Kavenegar


class MailSection(Section):
    """The mail server; without one no address can be confirmed."""

    host: str
    port: int = Field(ge=1, le=65535)
    security: Literal["tls", "starttls", "none"]
    user: str
    password: SecretStr
    sender: str
    timeout_seconds: Seconds
    inbox: bool

    @property
    def is_on(self) -> bool:
        """Whether mails can be sent."""
        return bool(self.host) or self.inbox


AccessTokenFormat = Literal["RS256", "PS256", "ES256", "EdDSA", "opaque"]


class Tokens(Section):
    """Lifetimes (D7), and formats of access tokens by audience."""

    code_seconds: int = Field(ge=1, le=60)
    access_token_seconds: int = Field(ge=60, le=600)
    id_token_seconds: int = Field(ge=60, le=3600)
    refresh_idle_seconds: int = Field(ge=60)
    refresh_absolute_seconds: int = Field(ge=60)
    access_token_format: AccessTokenFormat
    own_access_token_format: AccessTokenFormat
    access_token_formats: dict[str, AccessTokenFormat]


class OpenId(Section):
    """What exists for certification and old portals; each client must be allowed it too."""

    implicit: bool
    hybrid: bool
    unsigned_request_objects: bool
    without_pkce: bool
    registration: Literal["off", "invited", "open"]
    session_management: bool


class Outbound(Section):
    """The fetcher for addresses that clients name."""

    allow_loopback: bool
    client_fetches: int = Field(ge=0)
    client_wait_seconds: Seconds
    failure_seconds: Seconds
    fetch_every_seconds: Seconds
    request_objects_per_minute: int = Field(ge=1)


class Worker(Section):
    """The worker of jobs."""

    embedded: bool
    lease_seconds: Seconds
    poll_seconds: Seconds


class Pages(Section):
    """What the pages carry beside the guide's words."""

    footer_label: str
    footer_url: str
    inbox: bool
    movable_clock: bool


class Brand(Section):
    """Whose pages they are. Empty: the guide's names, and the mark that ships."""

    organisation: str
    portal: str
    mark: str
    colour: Colour
    colour_dark: Colour
    support: str


class Compatibility(Section):
    """What portals of earlier days still need."""

    old_paths: bool


class Conformance(Section):
    """The test mode for conformance suites; on a loopback address only."""

    user_name: str

    @property
    def is_on(self) -> bool:
        """Whether the test citizen may sign in by a name that is no national ID."""
        return bool(self.user_name)


class Settings(Section):
    """Everything that can be set. ``config/default.toml`` documents every key."""

    server: Server
    database: DatabaseSection
    redis: Redis
    secrets: Secrets
    keys: Keys
    registration: Registration
    signin: SignIn
    recovery: RecoverySection
    protection: Protection
    limits: Limits
    hashing: Hashing
    registry: Registry
    sms: Sms
    mail: MailSection
    tokens: Tokens
    compatibility: Compatibility
    conformance: Conformance
    openid: OpenId
    outbound: Outbound
    worker: Worker
    audit: AuditSection
    metrics: Metrics
    traces: Traces
    backup: Backup
    retention: Retention
    brand: Brand
    pages: Pages

    @property
    def is_development(self) -> bool:
        """True on a developer's machine or in the demo: loopback, http, inbox page."""
        return self.server.environment == "development"

    @property
    def session_idle(self) -> timedelta:
        """How long a session may be idle."""
        return timedelta(seconds=self.signin.session_idle_seconds)

    @property
    def session_absolute(self) -> timedelta:
        """The longest life of a session."""
        return timedelta(seconds=self.signin.session_absolute_seconds)
