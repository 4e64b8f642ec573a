"""The adapters and the store, wired by the settings."""

from base64 import urlsafe_b64decode
from dataclasses import dataclass
from datetime import timedelta

from pydantic import SecretStr

from idp.adapters.altcha_puzzles import AltchaPuzzles
from idp.adapters.chance import SystemChance
from idp.adapters.clock import ShiftedClock, system_clock
from idp.adapters.fetch import SafeFetch
from idp.adapters.key_store import FolderKeyStore
from idp.adapters.machine_slots import MachineSlots, slots_for_this_machine
from idp.adapters.maintenance_file import MaintenanceFile
from idp.adapters.password_hashing import Argon2Hashing
from idp.adapters.vault import AesVault
from idp.ports import (
    Begin,
    Chance,
    Clock,
    Ephemeral,
    Fetch,
    MaintenanceSign,
    PasswordHashing,
    Puzzles,
    Vault,
)
from idp.protocol.keys import KeyRing
from idp.settings import Settings, SettingsBroken
from idp.store.database import Database

KEY_BYTES = 32
FIRST_PEPPER = "1"
"""The id of ``secrets.password_pepper``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """The adapters and the store, built once a process."""

    settings: Settings
    database: Database
    vault: Vault
    chance: Chance
    clock: Clock
    hashing: PasswordHashing
    ephemeral: Ephemeral
    fetch: Fetch
    puzzles: Puzzles
    keys: KeyRing
    maintenance: MaintenanceSign

    @property
    def begin(self) -> Begin:
        """Opens a transaction."""
        return self.database.begin


def build_outside(settings: Settings) -> Outside:
    """Return the adapters and the store that the settings name; nothing is connected yet.

    Raises SettingsBroken.
    """
    vault = _vault(settings)
    database = Database(
        settings.database.url,
        vault,
        pool_size=settings.database.pool_size,
        pool_wait=timedelta(seconds=settings.database.pool_wait_seconds),
        # The machine's own, whatever the demo's clock shows.
        machine_clock=system_clock,
    )
    clock = _clock(settings, database)
    return Outside(
        settings=settings,
        database=database,
        vault=vault,
        chance=SystemChance(),
        clock=clock,
        hashing=_hashing(settings),
        ephemeral=_ephemeral(settings, database, clock),
        fetch=SafeFetch(
            allow_loopback=settings.outbound.allow_loopback,
            trust_loopback=settings.conformance.is_on,
        ),
        puzzles=_puzzles(vault),
        keys=_key_ring(settings, clock, database),
        maintenance=MaintenanceFile(settings.server.runtime_folder),
    )


def _vault(settings: Settings) -> AesVault:
    secrets = settings.secrets
    keys = [
        (key.id, _key(key.key, f"secrets.sealing_keys[{key.id}]")) for key in secrets.sealing_keys
    ]
    lookup_keys = [_key(key.key, f"secrets.lookup_keys[{key.id}]") for key in secrets.lookup_keys]
    return AesVault(keys, _key(secrets.index_key, "secrets.index_key"), lookup_keys)


def _puzzles(vault: Vault) -> AltchaPuzzles:
    """Return puzzles signed by keys of their own, the same in every process."""
    return AltchaPuzzles(
        signing_secret=vault.digest("signature", purpose="proof_of_work"),
        solution_secret=vault.digest("solution", purpose="proof_of_work"),
    )


def _clock(settings: Settings, database: Database) -> Clock:
    if settings.pages.movable_clock:
        return ShiftedClock(database.clock_shift().seconds)
    return system_clock


def _hashing(settings: Settings) -> Argon2Hashing:
    section = settings.hashing
    folder = settings.server.runtime_folder / "hashing"
    try:
        slots = MachineSlots(
            folder=folder,
            count=section.slots or slots_for_this_machine(),
            wait=timedelta(seconds=section.queue_seconds),
            # The others answer what needs no hash (attack D02).
            queue=max(1, settings.server.threads // 2),
        )
    except OSError as error:
        raise SettingsBroken(
            f"server.runtime_folder: {folder} cannot be made ({error.strerror})"
        ) from error
    peppers = password_peppers(settings)
    return Argon2Hashing(peppers, slots, memory_kib=section.memory_kib, time_cost=section.time_cost)


def password_peppers(settings: Settings) -> list[tuple[str, bytes]]:
    """Return id and bytes of each pepper, newest first. Raises SettingsBroken."""
    secrets = settings.secrets
    peppers = [
        (one.id, _key(one.key, f"secrets.password_peppers[{one.id}]"))
        for one in secrets.password_peppers
    ]
    ids = [pepper_id for pepper_id, _ in peppers]
    if len(set(ids)) < len(ids):
        raise SettingsBroken("secrets.password_peppers: an id stands there twice")
    first = _key(secrets.password_pepper, "secrets.password_pepper")
    return peppers if FIRST_PEPPER in ids else [*peppers, (FIRST_PEPPER, first)]


def _ephemeral(settings: Settings, database: Database, clock: Clock) -> Ephemeral:
    if not settings.redis.url:
        return database.ephemeral(clock)
    # Imported where used: without Redis its client need not be installed.
    from idp.adapters.redis_ephemeral import RedisEphemeral  # noqa: PLC0415

    return RedisEphemeral(settings.redis.url)


def _key_ring(settings: Settings, clock: Clock, database: Database) -> KeyRing:
    secret = settings.keys.key_encryption_key
    kek = _key(secret, "keys.key_encryption_key") if secret.get_secret_value() else None
    store = FolderKeyStore(settings.keys.folder, kek)
    tokens = settings.tokens
    return KeyRing(
        store,
        clock,
        may_sign=database.require_agreeing_clocks,
        jwks_cache=timedelta(seconds=settings.keys.jwks_cache_seconds),
        longest_token=timedelta(seconds=max(tokens.access_token_seconds, tokens.id_token_seconds)),
    )


def _key(secret: SecretStr, name: str) -> bytes:
    try:
        key = urlsafe_b64decode(secret.get_secret_value().encode())
    except ValueError as error:
        raise SettingsBroken(f"{name}: is not base64url") from error
    if len(key) != KEY_BYTES:
        raise SettingsBroken(f"{name}: must have {KEY_BYTES} bytes")
    return key
