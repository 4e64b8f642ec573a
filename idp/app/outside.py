"""Builds the adapters and the store from the settings."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from idp.adapters.altcha_puzzles import AltchaPuzzles
from idp.adapters.clock import ShiftedClock, pause, system_clock
from idp.adapters.fetch import SafeFetch
from idp.adapters.host_semaphore import HostSemaphore
from idp.adapters.key_store import FolderKeyStore
from idp.adapters.maintenance_file import MaintenanceFile
from idp.adapters.password_hashing import Argon2Hashing
from idp.adapters.randomness import SystemRandomness
from idp.adapters.request_places import RequestPlaces
from idp.adapters.stored_costs import StoredCosts
from idp.adapters.vault import AesVault
from idp.ports import (
    Clock,
    Ephemeral,
    Fetch,
    MaintenanceSign,
    Operator,
    PasswordHashing,
    Puzzles,
    Randomness,
    SigningDevice,
    Vault,
)
from idp.private_files import private_folder
from idp.protocol.jose.signing_keys import KeyRing
from idp.services.kernel import Kernel
from idp.settings import (
    FIRST_PEPPER,
    Settings,
    SettingsError,
    hash_slots,
    key_bytes,
    places_kept_from_strangers,
    waiting_for_a_hash,
)
from idp.store.database import Database
from idp.store.unit_of_work import Begin


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """The adapters and the store, built once in each process."""

    settings: Settings
    database: Database
    vault: Vault
    randomness: Randomness
    clock: Clock
    pause: Callable[[timedelta], None]
    hashing: PasswordHashing
    places: RequestPlaces
    ephemeral: Ephemeral
    fetch: Fetch
    puzzles: Puzzles
    keys: KeyRing
    maintenance: MaintenanceSign

    @property
    def begin(self) -> Begin:
        """The function that opens a transaction."""
        return self.database.begin

    @property
    def kernel(self) -> Kernel:
        """Return the kernel that every use case needs."""
        return Kernel(
            begin=self.begin,
            clients=self.database.clients,
            clock=self.clock,
            randomness=self.randomness,
            vault=self.vault,
            hashing=self.hashing,
            issuer=self.settings.server.issuer,
        )


def build_outside(settings: Settings, *, operator: Operator | None = None) -> Outside:
    """Return the adapters and the store that the settings name; nothing is connected yet.

    Every audit entry names ``operator``, the user of the command line.

    Raises SettingsError.
    """
    vault = _vault(settings)
    database = Database(
        settings.database.url,
        vault,
        pool_size=settings.database.pool_size,
        pool_wait=timedelta(seconds=settings.database.pool_wait_seconds),
        # The machine's own, even when the demo's clock is shifted.
        machine_clock=system_clock,
    )
    database.works_for(operator)
    clock = _clock(settings, database)
    places = RequestPlaces(settings.server.threads)
    return Outside(
        settings=settings,
        database=database,
        vault=vault,
        randomness=SystemRandomness(),
        clock=clock,
        pause=pause,
        hashing=_hashing(settings, database, places),
        places=places,
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
    keys = [(key.id, key_bytes(key.key)) for key in secrets.sealing_keys]
    lookup_keys = [key_bytes(key.key) for key in secrets.lookup_keys]
    return AesVault(keys, key_bytes(secrets.index_key), lookup_keys)


def _puzzles(vault: Vault) -> AltchaPuzzles:
    """Return puzzles signed by separate keys, the same in every process."""
    return AltchaPuzzles(
        signing_secret=vault.digest("signature", purpose="proof_of_work"),
        solution_secret=vault.digest("solution", purpose="proof_of_work"),
    )


def _clock(settings: Settings, database: Database) -> Clock:
    if settings.pages.movable_clock:
        return ShiftedClock(database.clock_shift().seconds)
    return system_clock


def hashing_folder(settings: Settings) -> Path:
    """Return the folder of this machine's locks for hashing."""
    return settings.server.runtime_folder / "hashing"


def redis_answers(url: str) -> Callable[[], bool] | None:
    """Return what asks whether Redis answers, by a connection of its own; None without Redis."""
    if not url:
        return None
    # Imported here: without Redis its client need not be installed.
    from idp.adapters.redis_ephemeral import RedisEphemeral  # noqa: PLC0415

    return RedisEphemeral(url).answers


def _hashing(settings: Settings, database: Database, places: RequestPlaces) -> Argon2Hashing:
    section = settings.hashing
    folder = hashing_folder(settings)
    try:
        private_folder(settings.server.runtime_folder)
        slots = HostSemaphore(
            folder=folder,
            count=hash_slots(settings),
            queue=waiting_for_a_hash(settings),
            reserve=places_kept_from_strangers(settings),
            wait=timedelta(seconds=section.queue_seconds),
            meanwhile=places.given_back,
        )
    except OSError as error:
        raise SettingsError(
            f"server.runtime_folder: {error.filename} cannot be used: {error.strerror}"
        ) from error
    peppers = password_peppers(settings)
    return Argon2Hashing(
        peppers,
        slots,
        memory_kib=section.memory_kib,
        time_cost=section.time_cost,
        stored_costs=StoredCosts(database.hash_costs),
    )


def password_peppers(settings: Settings) -> list[tuple[str, bytes]]:
    """Return id and bytes of each pepper, newest first."""
    secrets = settings.secrets
    peppers = [(one.id, key_bytes(one.key)) for one in secrets.password_peppers]
    if FIRST_PEPPER in dict(peppers):
        return peppers
    return [*peppers, (FIRST_PEPPER, key_bytes(secrets.password_pepper))]


def _ephemeral(settings: Settings, database: Database, clock: Clock) -> Ephemeral:
    if not settings.redis.url:
        return database.ephemeral(clock)
    # Imported here: without Redis its client need not be installed.
    from idp.adapters.redis_ephemeral import RedisEphemeral  # noqa: PLC0415

    return RedisEphemeral(settings.redis.url)


def _key_ring(settings: Settings, clock: Clock, database: Database) -> KeyRing:
    secret = settings.keys.key_encryption_key
    kek = key_bytes(secret) if secret.get_secret_value() else None
    store = FolderKeyStore(settings.keys.folder, kek, _signing_device(settings))
    tokens = settings.tokens
    return KeyRing(
        store,
        clock,
        may_sign=database.require_agreeing_clocks,
        jwks_cache=timedelta(seconds=settings.keys.jwks_cache_seconds),
        longest_token=timedelta(seconds=max(tokens.access_token_seconds, tokens.id_token_seconds)),
    )


def _signing_device(settings: Settings) -> SigningDevice | None:
    if not settings.keys.pkcs11.module:
        return None
    try:
        # Imported here: without a token its library need not be installed.
        from idp.adapters.pkcs11_device import Pkcs11Device  # noqa: PLC0415
    except ImportError as error:
        raise SettingsError("keys.pkcs11.module needs the extra hsm (python-pkcs11)") from error
    return Pkcs11Device(settings.keys.pkcs11)
