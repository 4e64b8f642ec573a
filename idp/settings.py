"""Settings: typed, frozen, read once. A wrong one stops the start with the key's name."""

import os
import tomllib
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from idp import resources

ENVIRONMENT_PREFIX = "IDP__"
CONFIG_VARIABLE = "IDP_CONFIG"
Seconds = Annotated[float, Field(gt=0)]


class SettingsBroken(Exception):
    """A setting is unknown, missing, of the wrong type or contradicts another.

    The text names each key.
    """


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Server(_Section):
    """Where the hub stands."""

    environment: Literal["production", "development"]
    issuer: str
    trusted_hosts: tuple[str, ...]
    trusted_proxies: int = Field(ge=0, le=5)
    bind: str
    processes: int = Field(ge=1)
    threads: int = Field(ge=1, le=64)
    runtime_folder: Path

    @property
    def issuer_origin(self) -> str:
        """The issuer's scheme, host and port, as browsers write it in ``Origin``."""
        parts = urlsplit(self.issuer)
        return f"{parts.scheme}://{parts.netloc}"


class DatabaseSection(_Section):
    """The database is the truth (D1)."""

    url: str
    pool_size: int = Field(ge=1)
    pool_wait_seconds: Seconds


class Redis(_Section):
    """Optional; empty means the database's own table serves instead."""

    url: str


class VaultKey(_Section):
    """One sealing key: 32 bytes, base64url."""

    id: str = Field(min_length=1, max_length=16, pattern=r"^[a-z0-9-]+$")
    key: SecretStr


class Secrets(_Section):
    """Keys that are no signing keys. No defaults: the start stops without them."""

    sealing_keys: tuple[VaultKey, ...] = Field(min_length=1)
    index_key: SecretStr
    password_pepper: SecretStr


class Keys(_Section):
    """Signing keys (D12)."""

    folder: Path
    key_encryption_key: SecretStr
    jwks_cache_seconds: int = Field(ge=1)


class Registration(_Section):
    """Rules of the registration."""

    phone_proof: bool
    min_age: int = Field(ge=0)
    max_age: int = Field(ge=1)
    email_required: bool
    per_day: int = Field(ge=1)
    per_month: int = Field(ge=1)


class SignIn(_Section):
    """Rules of signing in and of sessions."""

    new_device_code: bool
    device_days: int = Field(ge=1)
    session_idle_seconds: int = Field(ge=60)
    session_absolute_seconds: int = Field(ge=60)


class RecoverySection(_Section):
    """Rules of the recovery."""

    sms_code: bool


class Protection(_Section):
    """Limits by network and proof of work.

    The numbers of the limits live in ``idp.domain.limits``.
    """

    proof_of_work: bool
    network_limits: bool


class Hashing(_Section):
    """argon2id over all processes of the machine."""

    memory_kib: int = Field(ge=8)
    time_cost: int = Field(ge=1)
    slots: int = Field(ge=0)
    queue_seconds: Seconds


class Endpoint(_Section):
    """An outside service: address, credentials, time-out."""

    dialect: Literal["government_bus", "uid", "zohal"] = "government_bus"
    url: str = ""
    user: str = ""
    password: SecretStr = SecretStr("")
    token: SecretStr = SecretStr("")
    provider_code: str = ""
    timeout_seconds: Seconds = 5.0
    tries: int = Field(default=3, ge=1, le=5)


class Registry(_Section):
    """Who answers for the civil registry, the ownership of phones and the insurance file."""

    kind: Literal["embedded", "http"]
    name_near: Literal["reject", "review"]
    civil: Endpoint
    ownership: Endpoint


class Magfa(_Section):
    """Magfa HTTP v2."""

    url: str
    user: str
    password: SecretStr
    sender: str
    timeout_seconds: Seconds


class Kavenegar(_Section):
    """Kavenegar v1."""

    url: str
    api_key: SecretStr
    sender: str
    timeout_seconds: Seconds


class Sms(_Section):
    """Gateways in the order in which they are tried."""

    gateways: tuple[Literal["inbox", "magfa", "kavenegar"], ...] = Field(min_length=1)
    magfa: Magfa
    kavenegar: Kavenegar


class Tokens(_Section):
    """Lifetimes (D7)."""

    code_seconds: int = Field(ge=1, le=60)
    access_token_seconds: int = Field(ge=60, le=600)
    id_token_seconds: int = Field(ge=60, le=3600)
    refresh_idle_seconds: int = Field(ge=60)
    refresh_absolute_seconds: int = Field(ge=60)


class Outbound(_Section):
    """The fetcher for addresses that clients name."""

    allow_loopback: bool


class Worker(_Section):
    """The worker of jobs."""

    embedded: bool
    lease_seconds: Seconds
    poll_seconds: Seconds


class Pages(_Section):
    """What the pages carry beside the guide's words."""

    footer_label: str
    footer_url: str
    inbox: bool
    movable_clock: bool


class Settings(_Section):
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
    hashing: Hashing
    registry: Registry
    sms: Sms
    tokens: Tokens
    outbound: Outbound
    worker: Worker
    pages: Pages

    @property
    def is_development(self) -> bool:
        """True on a developer's machine or in the demo: loopback, http, inbox page."""
        return self.server.environment == "development"

    @property
    def session_idle(self) -> timedelta:
        """How long a session may lie unused."""
        return timedelta(seconds=self.signin.session_idle_seconds)

    @property
    def session_absolute(self) -> timedelta:
        """How long a session may live at all."""
        return timedelta(seconds=self.signin.session_absolute_seconds)

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        wrong = list(_contradictions(self))
        if wrong:
            raise ValueError("; ".join(wrong))
        return self


def _contradictions(settings: Settings) -> Iterable[str]:
    yield from _issuer_contradictions(settings)
    yield from _missing_addresses(settings)
    if not settings.is_development:
        yield from _only_in_development(settings)
    if settings.registration.min_age >= settings.registration.max_age:
        yield "registration.min_age must be below registration.max_age"
    if settings.signin.session_idle_seconds > settings.signin.session_absolute_seconds:
        yield "signin.session_idle_seconds must not exceed signin.session_absolute_seconds"


def _missing_addresses(settings: Settings) -> Iterable[str]:
    if settings.registry.kind == "http":
        for name in ("civil", "ownership"):
            if not getattr(settings.registry, name).url:
                yield f"registry.{name}.url is needed when registry.kind is 'http'"
    for name in ("magfa", "kavenegar"):
        if name in settings.sms.gateways and not getattr(settings.sms, name).url:
            yield f"sms.{name}.url is needed when sms.gateways names '{name}'"


def _issuer_contradictions(settings: Settings) -> Iterable[str]:
    issuer = urlsplit(settings.server.issuer)
    if issuer.query or issuer.fragment or settings.server.issuer.endswith("/"):
        yield "server.issuer must have no query, fragment or final slash (OIDC Discovery 3)"
    if not issuer.hostname:
        yield "server.issuer must be an address such as https://account.tamin.ir"
    loopback = issuer.hostname in {"127.0.0.1", "localhost", "::1"}
    if issuer.scheme != "https" and not (settings.is_development and loopback):
        yield "server.issuer must be https (http only on loopback in development)"
    if issuer.hostname and issuer.hostname not in settings.server.trusted_hosts:
        yield "server.trusted_hosts must name the issuer's host"


def _only_in_development(settings: Settings) -> Iterable[str]:
    if "inbox" in settings.sms.gateways or settings.pages.inbox:
        yield "sms.gateways 'inbox' and pages.inbox are for server.environment = 'development' only"
    if settings.pages.movable_clock:
        yield "pages.movable_clock is for server.environment = 'development' only"
    if settings.outbound.allow_loopback:
        yield "outbound.allow_loopback is for server.environment = 'development' only"
    if not settings.keys.key_encryption_key.get_secret_value():
        yield "keys.key_encryption_key must be set outside development"


def load(files: Iterable[Path] = (), environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings: the defaults, then each file, then ``IDP__SECTION__KEY`` variables.

    ``IDP_CONFIG`` names further files, separated like ``PATH``; they come before ``files``.

    Raises:
        SettingsBroken: with every wrong key's name and what is wrong; values are never shown.
    """
    variables = os.environ if environment is None else environment
    named = [Path(p) for p in variables.get(CONFIG_VARIABLE, "").split(os.pathsep) if p]
    values: dict[str, Any] = {}
    for path in [resources.default_settings(), *named, *files]:
        _merge(values, _read(path))
    _merge(values, _from_environment(variables))
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise SettingsBroken(_explain(error)) from None


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SettingsBroken(f"{path}: cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsBroken(f"{path}: is not TOML ({error})") from error


def _merge(into: dict[str, Any], other: Mapping[str, Any]) -> None:
    for key, value in other.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = value


def _from_environment(variables: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, text in variables.items():
        if name.startswith(ENVIRONMENT_PREFIX):
            *sections, key = name.removeprefix(ENVIRONMENT_PREFIX).lower().split("__")
            _merge(values, _nested(sections, key, _value(text)))
    return values


def _value(text: str) -> object:
    """Lists and tables are written as TOML; everything else is the text itself."""
    if text[:1] in {"[", "{"}:
        try:
            return tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError:
            return text
    return text


def _nested(sections: list[str], key: str, value: object) -> dict[str, Any]:
    nested: dict[str, Any] = {key: value}
    for section in reversed(sections):
        nested = {section: nested}
    return nested


def _explain(error: ValidationError) -> str:
    lines = [
        f"{'.'.join(str(part) for part in problem['loc']) or 'settings'}: {problem['msg']}"
        for problem in error.errors(include_input=False, include_url=False)
    ]
    return "\n".join(lines)
