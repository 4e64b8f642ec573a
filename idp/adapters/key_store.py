"""The key store: one file for each signing key, with its private JWK encrypted (D12)."""

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, NoReturn
from uuid import uuid4

from jwcrypto.common import JWException, json_encode
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK

from idp.adapters import base64url
from idp.ports import KeyStoreError, SigningDevice, SigningKeyFile
from idp.private_files import FOLDER, opened_to_others, private_folder

KEK_BYTES = 32
PROTECTED = {"alg": "dir", "enc": "A256GCM", "cty": "jwk+json"}
STATES = frozenset({"next", "active", "retired"})
OTHERS_MAY, OTHERS_WRITE = 0o077, 0o022
OF_CHECKOUT = {".gitignore", "README.md"}
_KID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class FolderKeyStore:
    """The port ``KeyStore``: ``<kid>.json`` files of mode 0600 in one folder.

    Each is a JSON object with the key's kid, alg, state and times in clear, and its private JWK as
    ``jwk``: a compact JWE (RFC 7516; ``dir`` with ``A256GCM``, so any JOSE library opens it) under
    the key-encryption key. The clear members are in the JWE's protected header, too: an attacker
    who can write the folder can neither exchange keys nor reactivate a retired one. Without a
    key-encryption key (development) ``jwk`` is the plain object.
    """

    def __init__(
        self, folder: Path, kek: bytes | None, device: SigningDevice | None = None
    ) -> None:
        """``kek`` has 32 bytes; None only in development.

        ``device``: keeps the private halves of the keys that it makes; their files have none.

        Raises:
            ValueError: a ``kek`` of another length.
        """
        if kek is not None and len(kek) != KEK_BYTES:
            raise ValueError(f"the key-encryption key must have {KEK_BYTES} bytes")
        self.device = device
        self._folder = folder
        self._kek = kek and JWK(kty="oct", k=base64url.encode(kek))

    def load(self) -> Sequence[SigningKeyFile]:
        """Return all keys, the oldest first; none when the folder holds no key yet.

        Raises:
            KeyStoreError: with the file and what to do. No file is skipped: with a key missing,
                valid tokens would be refused.
        """
        files: dict[str, Path] = {}
        keys = []
        for path in self._paths():
            key = self._read(path)
            if key.kid in files:
                _broken(path, f"has the kid of {files[key.kid].name}: remove the copy")
            files[key.kid] = path
            keys.append(key)
        return sorted(keys, key=lambda key: (key.created_at, key.kid))

    def write(self, key: SigningKeyFile) -> None:
        """Write one key atomically, mode 0600, on disk when this returns.

        A checkout's folder as git creates it gets mode 0700 before its first key.

        Raises:
            ValueError: a kid that is no file name (letters, digits, ``-`` and ``_``, at most 64).
            KeyStoreError: the folder cannot be written.
        """
        if not _KID.fullmatch(key.kid):
            raise ValueError("a kid must be 1 to 64 letters, digits, hyphens or underscores")
        clear = _clear(key)
        content = {**clear, "jwk": self._sealed(clear, key.jwk)}
        try:
            _close_of_checkout(self._folder)
            private_folder(self._folder)
            _replace(self._folder / f"{key.kid}.json", json.dumps(content, indent=1).encode())
        except OSError as error:
            _broken(self._folder, f"cannot be written ({error.strerror}): check owner and space")

    def remove(self, kid: str) -> None:
        """Remove the file of a key, if it is there. Raises KeyStoreError."""
        try:
            (self._folder / f"{kid}.json").unlink(missing_ok=True)
        except OSError as error:
            _broken(self._folder, f"cannot be written ({error.strerror}): check its owner")

    def version(self) -> str:
        """Return a text that changes with the key files, their modes and the folder's.

        It reads no content and never raises.
        """
        marks = [_mark(self._folder, ("st_mode",))]
        for path in sorted(self._folder.glob("*.json")):
            # The time of the last change, which modes and owners have, too.
            marks.append(_mark(path, ("st_ino", "st_ctime_ns", "st_size")))
        return sha256("\n".join(marks).encode("utf-8", "surrogateescape")).hexdigest()

    def _paths(self) -> Iterator[Path]:
        if not self._folder.is_dir():
            _broken(self._folder, "is missing: `idp keys new` makes it and its first key")
        if not os.access(self._folder, os.R_OK | os.X_OK):
            _broken(self._folder, "cannot be listed: give it to the user of the hub")
        files = sorted(self._folder.glob("*.json"))
        if files and (problem := opened_to_others(self._folder)):
            _broken(self._folder, problem)
        yield from files

    def _read(self, path: Path) -> SigningKeyFile:
        if path.is_symlink() and not _is_within(path, self._folder):
            # Links within the folder are how tools exchange all files at once.
            _broken(path, "is a link that leads out of the folder: put the file itself there")
        content = _content(path)
        try:
            kid, alg, state = (content[name] for name in ("kid", "alg", "state"))
            created, promoted, retired = (
                _time(content[name]) for name in ("created_at", "promoted_at", "retired_at")
            )
            jwk = content["jwk"]
        except (KeyError, TypeError, ValueError):
            _broken(path, "is not a key file of ours: restore it from a backup or remove it")
        if not isinstance(kid, str) or not isinstance(alg, str) or created is None:
            _broken(path, "is not a key file of ours: restore it from a backup or remove it")
        if state not in STATES:
            _broken(path, f"has a state that is none of {', '.join(sorted(STATES))}")
        opened = self._opened(path, content, jwk)
        return SigningKeyFile(kid, alg, state, created, promoted, retired, opened)

    def _sealed(self, clear: Mapping[str, Any], jwk: Mapping[str, Any]) -> str | dict[str, Any]:
        if self._kek is None:
            return dict(jwk)
        envelope = JWE(json_encode(dict(jwk)), {**PROTECTED, "key": clear}, recipient=self._kek)
        sealed: str = envelope.serialize(compact=True)
        return sealed

    def _opened(self, path: Path, content: Mapping[str, Any], jwk: object) -> dict[str, Any]:
        if isinstance(jwk, str):
            if self._kek is None:
                _broken(path, "is encrypted: set keys.key_encryption_key")
            jwk = _decrypted(path, self._kek, content, jwk)
        elif self._kek is not None:
            _broken(path, "is not encrypted: outside development replace it by a new key")
        if not isinstance(jwk, dict) or not isinstance(jwk.get("kty"), str):
            _broken(path, "holds no JWK: restore it from a backup or remove it")
        return jwk


def _mark(path: Path, members: Sequence[str]) -> str:
    try:
        about = path.stat()
    except OSError:  # removed since it was listed, or a link to nowhere
        return f"{path.name}:"
    return ":".join([path.name, *(str(getattr(about, name)) for name in members)])


def _is_within(link: Path, folder: Path) -> bool:
    # Not Path.resolve: it raises for links that lead to each other.
    return Path(os.path.realpath(link)).is_relative_to(os.path.realpath(folder))


def _close_of_checkout(folder: Path) -> None:
    """Set a checkout's key folder to mode 0700; any other folder keeps its mode.

    It has only the files in git, belongs to this user, and no other user can write it.
    """
    if not folder.is_dir() or {one.name for one in folder.iterdir()} != OF_CHECKOUT:
        return
    about = folder.stat()
    if about.st_uid == os.geteuid() and not about.st_mode & OTHERS_WRITE:
        folder.chmod(FOLDER)


def _decrypted(path: Path, kek: JWK, content: Mapping[str, Any], sealed: str) -> object:
    clear = {name: value for name, value in content.items() if name != "jwk"}
    envelope = JWE(algs=[PROTECTED["alg"], PROTECTED["enc"]])
    try:
        envelope.deserialize(sealed)
    except (JWException, ValueError):
        _broken(path, "is damaged: restore it from a backup or remove it")
    try:
        envelope.decrypt(kek)
    except JWException:
        _broken(path, "does not open: it was changed, or keys.key_encryption_key is another one")
    if json.loads(envelope.objects["protected"]).get("key") != clear:
        _broken(path, "was changed by hand: restore it from a backup or remove it")
    try:
        return json.loads(envelope.payload)
    except ValueError:
        _broken(path, "is damaged: restore it from a backup or remove it")


def _content(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_mode & OTHERS_MAY:
            _broken(path, "is open to other users: chmod 600, replace it if they had access")
        content = json.loads(path.read_bytes())
    except OSError as error:
        _broken(path, f"cannot be read ({error.strerror}): give it to the user of the hub")
    except (ValueError, RecursionError):
        _broken(path, "is not whole JSON: restore it from a backup or remove it")
    if not isinstance(content, dict):
        _broken(path, "is not a key file of ours: restore it from a backup or remove it")
    return content


def _replace(path: Path, content: bytes) -> None:
    """Write a temporary file, then rename it: a reader sees the old file or the new one whole."""
    beside = path.with_name(f".{path.name}.{uuid4().hex}.tmp")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _clear(key: SigningKeyFile) -> dict[str, Any]:
    return {
        "kid": key.kid,
        "alg": key.alg,
        "state": key.state,
        "created_at": key.created_at.isoformat(),
        "promoted_at": key.promoted_at and key.promoted_at.isoformat(),
        "retired_at": key.retired_at and key.retired_at.isoformat(),
    }


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without zone")
    return moment


def _broken(path: Path, what: str) -> NoReturn:
    raise KeyStoreError(f"{path} {what}") from None
