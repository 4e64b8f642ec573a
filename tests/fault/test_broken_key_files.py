"""Key files that are broken, at the start and while the hub runs: fault F22."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.jwk import ECKey, RSAKey
from structlog.testing import capture_logs

from idp.adapters.key_store import FolderKeyStore
from idp.ports import SigningKeyFile
from idp.protocol.jose.signing_keys import KeyRing
from idp.settings import key_bytes, load
from tests.cli.conftest import CommandLine
from tests.fakes import FixedClock

pytestmark = pytest.mark.filterwarnings("ignore:Key size should be")
"""joserfc's; the hub refuses such a key."""

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
OTHER_KEK = b"x" * 32


def key_file(kid: str, alg: str, key: RSAKey | ECKey, *, private: bool = True) -> SigningKeyFile:
    jwk = key.as_dict(private=private)
    return SigningKeyFile(kid, alg, "active", LONG_AGO, LONG_AGO, None, jwk)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """A hub with a database, and no key yet."""
    command_line = CommandLine(tmp_path_factory.mktemp("hub"))
    command_line.write_settings()
    command_line.done("db", "upgrade")
    return command_line


@pytest.fixture(scope="module")
def kek(hub: CommandLine) -> bytes:
    return key_bytes(load(environment={"IDP_CONFIG": hub.config}).keys.key_encryption_key)


@pytest.fixture(scope="module")
def whole(kek: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a key of each of two algorithms."""
    folder = tmp_path_factory.mktemp("keys") / "whole"
    store = FolderKeyStore(folder, kek)
    store.write(key_file("rsa", "RS256", RSAKey.generate_key(2048)))
    store.write(key_file("ec", "ES256", ECKey.generate_key("P-256")))
    return folder


@pytest.fixture
def folder(hub: CommandLine, whole: Path) -> Iterator[Path]:
    """The key folder of the hub, whole."""
    place = hub.folder / "keys"
    shutil.copytree(whole, place)
    yield place
    if place.exists():
        place.chmod(0o700)
        shutil.rmtree(place)


Break = Callable[[Path, bytes], object]


def short_rsa(folder: Path, kek: bytes) -> None:
    short = rsa.generate_private_key(65537, 1024)  # noqa: S505 (the hub is to refuse it)
    replaced("RS256", RSAKey.import_key(short))(folder, kek)


def replaced(alg: str, key: RSAKey | ECKey, *, private: bool = True) -> Break:
    def write(folder: Path, kek: bytes) -> None:
        kid = "rsa" if alg == "RS256" else "ec"
        FolderKeyStore(folder, kek).write(key_file(kid, alg, key, private=private))

    return write


def copied(folder: Path, _kek: bytes) -> None:
    shutil.copy(folder / "rsa.json", folder / "copy.json")


def sealed_by_another(folder: Path, _kek: bytes) -> None:
    key = key_file("rsa", "RS256", RSAKey.generate_key(2048))
    FolderKeyStore(folder, OTHER_KEK).write(key)


def linked_out(folder: Path, _kek: bytes) -> None:
    outside = folder.parent / "outside.json"
    (folder / "rsa.json").rename(outside)
    (folder / "rsa.json").symlink_to(outside)


def emptied(folder: Path, _kek: bytes) -> None:
    for file in folder.iterdir():
        file.unlink()


def a_folder_instead(folder: Path, _kek: bytes) -> None:
    (folder / "rsa.json").unlink()
    (folder / "rsa.json").mkdir(mode=0o700)


def half(folder: Path, _kek: bytes) -> None:
    file = folder / "rsa.json"
    file.write_bytes(file.read_bytes()[:100])


def dangling(folder: Path, _kek: bytes) -> None:
    (folder / "rsa.json").unlink()
    (folder / "rsa.json").symlink_to("nowhere.json")


def in_circles(folder: Path, _kek: bytes) -> None:
    (folder / "rsa.json").unlink()
    (folder / "rsa.json").symlink_to("rsa.json")


BROKEN: dict[str, tuple[Break, str]] = {
    "half-written": (half, "whole JSON"),
    "empty file": (lambda folder, _: (folder / "rsa.json").write_bytes(b""), "whole JSON"),
    "wrong JSON": (lambda folder, _: (folder / "rsa.json").write_text("[]"), "not a key file"),
    "unreadable": (a_folder_instead, "cannot be read"),
    "world-readable": (lambda folder, _: (folder / "rsa.json").chmod(0o644), "chmod 600"),
    "wrong curve": (replaced("ES256", ECKey.generate_key("P-384")), "curve P-384"),
    "short RSA key": (short_rsa, "1024 bits"),
    "public half alone": (
        replaced("ES256", ECKey.generate_key("P-256"), private=False),
        "no private half",
    ),
    "duplicate kid": (copied, "kid of"),
    "wrong key-encryption key": (sealed_by_another, "key_encryption_key"),
    "dangling link": (dangling, "cannot be read|leads out"),
    "link to itself": (in_circles, "cannot be read|leads out"),
    "link out of the folder": (linked_out, "leads out of the folder"),
    "key missing": (lambda folder, _: (folder / "rsa.json").unlink(), "RS256|rsa is gone"),
    "folder empty": (emptied, "RS256|is gone"),
    "folder gone": (lambda folder, _: shutil.rmtree(folder), "is missing"),
    "folder open to others": (lambda folder, _: folder.chmod(0o755), "chmod 0700"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_the_hub_refuses_to_start_and_says_why(hub, folder, kek, name):
    break_it, words = BROKEN[name]
    break_it(folder, kek)

    refused = hub("serve")

    assert refused.exit_code == 4
    assert _has(words, refused.stderr)


def _has(words: str, text: str) -> bool:
    return any(word in text for word in words.split("|"))


def test_the_worker_refuses_to_start_too(hub, folder, kek):
    half(folder, kek)

    refused = hub("worker")

    assert refused.exit_code == 4
    assert "whole JSON" in refused.stderr


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def running(folder: Path, kek: bytes, clock: FixedClock) -> KeyRing:
    """The keys of a process that has served with them."""
    ring = KeyRing(
        FolderKeyStore(folder, kek),
        clock,
        may_sign=lambda: None,
        jwks_cache=timedelta(hours=1),
        longest_token=timedelta(minutes=10),
    )
    assert len(ring.published()) == 2
    return ring


@pytest.mark.parametrize("name", BROKEN)
def test_a_running_hub_keeps_its_keys_and_raises_an_alarm(running, folder, kek, clock, name):
    BROKEN[name][0](folder, kek)
    clock.move(timedelta(seconds=5))

    with capture_logs() as logged:
        kids = {key["kid"] for key in running.published()}

    assert kids == {"rsa", "ec"}
    assert running.signer("RS256").kid == "rsa"
    assert [line["alarm"] for line in logged] == ["key_store_error"]
    assert _has(BROKEN[name][1], logged[0]["reason"])


def test_the_alarm_is_repeated_once_a_minute(running, folder, kek, clock):
    half(folder, kek)

    with capture_logs() as logged:
        for _ in range(25):
            clock.move(timedelta(seconds=5))
            running.published()

    assert len(logged) == 3


def test_a_mended_folder_ends_the_problem(running, folder, whole, kek, clock):
    half(folder, kek)
    clock.move(timedelta(seconds=5))
    running.published()
    assert running.problem
    shutil.copy(whole / "rsa.json", folder)
    clock.move(timedelta(seconds=5))
    running.published()

    assert running.problem is None


def test_links_within_the_folder_are_read(running, folder, clock):
    """As tools exchange all files at once: each is a link into the folder of its version."""
    version = folder / "..2026"
    version.mkdir()
    (folder / "rsa.json").rename(version / "rsa.json")
    (folder / "rsa.json").symlink_to("..2026/rsa.json")
    clock.move(timedelta(seconds=5))

    assert len(running.published()) == 2
    assert running.problem is None


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_loses_its_mode_raises_the_alarm(running, folder, clock):
    (folder / "rsa.json").chmod(0)
    clock.move(timedelta(seconds=5))
    running.published()

    assert "cannot be read" in str(running.problem)


def test_a_retired_key_verifies_without_its_private_half(running, folder, clock, kek):
    public = key_file("ec", "ES256", ECKey.generate_key("P-256"), private=False)
    retired = replace(public, state="retired", retired_at=LONG_AGO)
    FolderKeyStore(folder, kek).write(retired)
    clock.move(timedelta(seconds=5))

    assert running.find_kept("ec", "ES256") is not None
    assert running.find("ec", "ES256") is None
