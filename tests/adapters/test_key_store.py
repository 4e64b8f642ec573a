"""Signing keys at rest (D12, fault F22)."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwe
from joserfc.jwk import OctKey

from idp.adapters.key_store import FolderKeyStore
from idp.ports import KeyStoreError, SigningKeyFile

KEK = b"k" * 32
WRITTEN_BEFORE = Path(__file__).parents[1] / "data" / "key_file.json"
"""As version 0.1.0 wrote it, before jwcrypto did."""
JWK = {"kty": "oct", "k": "c2VjcmV0LXZhbHVl", "kid": "a1"}
KEY = SigningKeyFile(
    kid="a1",
    alg="RS256",
    state="active",
    created_at=datetime(2026, 3, 21, tzinfo=UTC),
    promoted_at=datetime(2026, 3, 22, tzinfo=UTC),
    retired_at=None,
    jwk=JWK,
)


@pytest.fixture
def store(tmp_path: Path) -> FolderKeyStore:
    return FolderKeyStore(tmp_path, KEK)


@pytest.mark.parametrize("kek", [KEK, None])
def test_a_written_key_comes_back(tmp_path: Path, kek: bytes | None) -> None:
    store = FolderKeyStore(tmp_path / "keys", kek)
    store.write(KEY)

    assert list(store.load()) == [KEY]


def test_keys_come_oldest_first(store: FolderKeyStore) -> None:
    newer = replace(KEY, kid="a0", state="next", created_at=datetime(2026, 4, 1, tzinfo=UTC))
    store.write(newer)
    store.write(KEY)

    assert [key.kid for key in store.load()] == ["a1", "a0"]


def test_an_empty_folder_has_no_keys(store: FolderKeyStore) -> None:
    assert list(store.load()) == []


def test_writing_again_replaces(store: FolderKeyStore) -> None:
    store.write(KEY)
    store.write(replace(KEY, state="retired"))

    assert [key.state for key in store.load()] == ["retired"]


def test_a_file_is_for_its_owner_only(store: FolderKeyStore, tmp_path: Path) -> None:
    store.write(KEY)

    assert (tmp_path / "a1.json").stat().st_mode & 0o777 == 0o600


def test_nothing_is_left_beside_the_file(store: FolderKeyStore, tmp_path: Path) -> None:
    store.write(KEY)

    assert [path.name for path in tmp_path.iterdir()] == ["a1.json"]


def test_the_private_key_is_not_legible_at_rest(store: FolderKeyStore, tmp_path: Path) -> None:
    store.write(KEY)

    assert "c2VjcmV0LXZhbHVl" not in (tmp_path / "a1.json").read_text("utf-8")


def test_any_jose_library_opens_the_envelope(store: FolderKeyStore, tmp_path: Path) -> None:
    store.write(KEY)  # RFC 7516 compact serialisation, "dir" with "A256GCM"
    envelope = json.loads((tmp_path / "a1.json").read_text("utf-8"))["jwk"]
    registry = jwe.JWERegistry(algorithms=["dir", "A256GCM"], strict_check_header=False)
    opened = jwe.decrypt_compact(envelope, OctKey.import_key(KEK), registry=registry)

    assert json.loads(opened.plaintext) == JWK


def test_a_key_file_of_the_release_before_opens(store: FolderKeyStore, tmp_path: Path) -> None:
    (tmp_path / "a1.json").write_bytes(WRITTEN_BEFORE.read_bytes())
    (tmp_path / "a1.json").chmod(0o600)

    assert list(store.load()) == [KEY]


def test_other_files_are_left_alone(store: FolderKeyStore, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("keys", "utf-8")
    (tmp_path / ".a1.json.12.tmp").write_text("{", "utf-8")

    assert list(store.load()) == []


@pytest.mark.parametrize("kid", ["", "../a", "a/b", "a.b", "a b", "x" * 65, "کلید"])
def test_a_kid_that_is_no_file_name_is_refused(store: FolderKeyStore, kid: str) -> None:
    with pytest.raises(ValueError, match="kid"):
        store.write(replace(KEY, kid=kid))


def test_a_key_encryption_key_of_another_length_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="32"):
        FolderKeyStore(tmp_path, b"short")


def change(**members: Any) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | members), "utf-8")

    return write


def half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:80])


def without_state(path: Path) -> None:
    content = json.loads(path.read_text("utf-8"))
    del content["state"]
    path.write_text(json.dumps(content), "utf-8")


def copy(path: Path) -> None:
    other = path.with_name("b2.json")
    other.write_bytes(path.read_bytes())
    other.chmod(0o600)


def sealed(path: Path, plain: bytes) -> str:
    """Return an envelope of this file around something else, under the right key."""
    clear = {
        name: one for name, one in json.loads(path.read_text("utf-8")).items() if name != "jwk"
    }
    protected = {"alg": "dir", "enc": "A256GCM", "key": clear}
    registry = jwe.JWERegistry(strict_check_header=False)
    key = OctKey.import_key(KEK)
    return str(jwe.encrypt_compact(protected, plain, key, registry=registry))


BROKEN: dict[str, tuple[Callable[[Path], object], str]] = {
    "half written": (half, "whole JSON"),
    "empty": (lambda path: path.write_bytes(b""), "whole JSON"),
    "no text": (lambda path: path.write_bytes(b"\xff\xfe\x00"), "whole JSON"),
    "nested": (lambda path: path.write_bytes(b"[" * 100_000), "whole JSON"),
    "a list": (lambda path: path.write_text("[]"), "not a key file"),
    "a null": (lambda path: path.write_text("null"), "not a key file"),
    "another object": (lambda path: path.write_text('{"kty": "RSA"}'), "not a key file"),
    "without state": (without_state, "not a key file"),
    "a number as kid": (change(kid=7), "not a key file"),
    "a time without zone": (change(created_at="2026-03-21T00:00:00"), "not a key file"),
    "a time that is none": (change(promoted_at="soon"), "not a key file"),
    "no time": (change(created_at=None), "not a key file"),
    "an unknown state": (change(state="fresh"), "state"),
    "a state changed by hand": (change(state="retired"), "changed"),
    "an algorithm changed by hand": (change(alg="none"), "changed"),
    "a plain key": (change(jwk=JWK), "not encrypted"),
    "an envelope cut": (change(jwk="e30..AAAA"), "damaged"),
    "an envelope of nonsense": (change(jwk="a.b.c.d.e"), "damaged"),
    "an envelope of no JSON": (lambda path: change(jwk=sealed(path, b"no JSON"))(path), "damaged"),
    "no envelope": (change(jwk=None), "not encrypted"),
    "world-readable": (lambda path: path.chmod(0o644), "chmod 600"),
    "group-readable": (lambda path: path.chmod(0o640), "chmod 600"),
    "twice the same kid": (copy, "kid of a1.json"),
    "a folder": (lambda path: (path.unlink(), path.mkdir(mode=0o700)), "cannot be read"),
    "a dangling link": (
        lambda path: (path.unlink(), path.symlink_to("nowhere")),
        "cannot be read",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_named_with_what_is_wrong(
    store: FolderKeyStore, tmp_path: Path, name: str
) -> None:  # F22
    store.write(KEY)
    break_it, words = BROKEN[name]
    break_it(tmp_path / "a1.json")

    with pytest.raises(KeyStoreError, match=words) as broken:
        store.load()

    assert "a1.json" in str(broken.value)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_never_shows_what_it_holds(
    store: FolderKeyStore, tmp_path: Path, name: str
) -> None:
    store.write(KEY)
    BROKEN[name][0](tmp_path / "a1.json")

    with pytest.raises(KeyStoreError) as broken:
        store.load()

    assert "c2VjcmV0LXZhbHVl" not in str(broken.value)


def test_another_key_encryption_key_opens_nothing(store: FolderKeyStore, tmp_path: Path) -> None:
    store.write(KEY)

    with pytest.raises(KeyStoreError, match="key_encryption_key"):
        FolderKeyStore(tmp_path, b"x" * 32).load()


def test_an_encrypted_key_needs_the_key_encryption_key(
    store: FolderKeyStore, tmp_path: Path
) -> None:
    store.write(KEY)

    with pytest.raises(KeyStoreError, match="key_encryption_key"):
        FolderKeyStore(tmp_path, None).load()


def test_a_missing_folder_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(KeyStoreError, match="is missing: `idp keys new`"):
        FolderKeyStore(tmp_path / "none", KEK).load()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(KeyStoreError, match="cannot be written"):
        FolderKeyStore(tmp_path / "file" / "keys", KEK).write(KEY)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The folder of keys as git makes it."""
    folder = tmp_path / "keys"
    folder.mkdir()
    for name in (".gitignore", "README.md"):
        (folder / name).write_text("keys")
    folder.chmod(0o755)
    return folder


def test_the_folder_of_a_checkout_is_closed_before_its_first_key(checkout: Path) -> None:
    FolderKeyStore(checkout, KEK).write(KEY)

    assert checkout.stat().st_mode & 0o777 == 0o700


def spoil(checkout: Path) -> None:
    (checkout / "notes.txt").write_text("")


def empty(checkout: Path) -> None:
    for one in checkout.iterdir():
        one.unlink()


@pytest.mark.parametrize("make", [spoil, empty, lambda folder: folder.chmod(0o1777)])
def test_any_other_folder_is_its_owners_to_close(
    checkout: Path, make: Callable[[Path], object]
) -> None:
    make(checkout)
    before = checkout.stat().st_mode

    with pytest.raises(KeyStoreError, match="chmod 0700"):
        FolderKeyStore(checkout, KEK).write(KEY)

    assert checkout.stat().st_mode == before


def test_a_folder_with_a_key_that_others_may_have_read_stays_open(
    store: FolderKeyStore, tmp_path: Path
) -> None:
    store.write(KEY)
    tmp_path.chmod(0o755)

    with pytest.raises(KeyStoreError, match="chmod 0700"):
        store.write(replace(KEY, kid="b2"))


def test_the_version_stays_while_nothing_changes(store: FolderKeyStore) -> None:
    store.write(KEY)

    assert store.version() == store.version()


def test_the_version_changes_with_a_key(store: FolderKeyStore) -> None:
    store.write(KEY)
    before = store.version()
    store.write(replace(KEY, state="retired"))

    assert store.version() != before


def test_the_version_changes_when_a_key_goes(store: FolderKeyStore, tmp_path: Path) -> None:
    store.write(KEY)
    before = store.version()
    (tmp_path / "a1.json").unlink()

    assert store.version() != before


def test_the_version_of_a_missing_folder_is_no_error(tmp_path: Path) -> None:
    assert FolderKeyStore(tmp_path / "none", KEK).version()


def test_a_reader_never_sees_half_a_file(store: FolderKeyStore, tmp_path: Path) -> None:
    store.write(KEY)
    with (tmp_path / "a1.json").open("rb") as old:
        store.write(replace(KEY, state="retired"))
        seen = json.loads(old.read())

    assert seen["state"] == "active"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_named(store: FolderKeyStore, tmp_path: Path) -> None:
    store.write(KEY)
    (tmp_path / "a1.json").chmod(0)

    with pytest.raises(KeyStoreError, match="cannot be read"):
        store.load()
