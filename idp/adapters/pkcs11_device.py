"""Keys in a PKCS#11 token (a hardware security module): they sign there and never leave it."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from hashlib import sha256
from threading import Lock
from time import monotonic
from typing import Any, NoReturn, cast
from uuid import uuid4

import pkcs11
import structlog
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass, PKCS11Error
from pkcs11.util.ec import encode_named_curve_parameters

from idp.adapters import base64url
from idp.ports import SigningDeviceUnavailable
from idp.settings import Pkcs11

LABEL = "tamin-account"
RSA_BITS = 2048
COORDINATE = 32  # bytes, P-256
PIN_ERRORS = (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinExpired, pkcs11.PinLocked)
RESTART_EVERY = timedelta(seconds=5)
TURN = timedelta(seconds=5)
"""How long a thread waits for others that sign before it gives up: the token hangs."""
COMPLAIN_EVERY = timedelta(minutes=1)

log = structlog.get_logger(__name__)


class Pkcs11Device:
    """The port ``SigningDevice``: one session a process, and one call at a time in it.

    python-pkcs11 0.10 initialises modules without locking, so they need not bear several threads
    (PKCS #11 3.1, 5.4). What is lost with the token comes back with it: after an error the module
    is initialised anew, every five seconds at most.
    """

    algorithms = frozenset({"RS256", "ES256"})

    def __init__(self, section: Pkcs11, seconds: Callable[[], float] = monotonic) -> None:
        """Nothing is loaded or opened before the first call."""
        self._section = section
        self._seconds = seconds
        self._lock = Lock()
        self._process = os.getpid()
        self._session: pkcs11.Session | None = None
        self._keys: dict[str, Any] = {}
        self._restarted_at = self._complained_at = -COMPLAIN_EVERY.total_seconds()
        self._refused_pin: str | None = None

    def generate(self, alg: str) -> tuple[str, Mapping[str, str]]:
        """Return the kid and public JWK of a new key pair, not extractable, in the token.

        Raises SigningDeviceUnavailable.
        """
        kid = uuid4().hex
        with self._turn():
            session = self._opened()
            make = _generate_ec if alg == "ES256" else _generate_rsa
            return kid, make(session, kid)

    def sign(self, kid: str, alg: str, message: bytes) -> bytes:
        """Return the signature as JWS has it (RFC 7518 3.3, 3.4). Raises SigningDeviceUnavailable.

        A second try, after a new login, finds a token that was away.
        """
        with self._turn():
            try:
                return self._signed(kid, alg, message)
            except PKCS11Error:
                self._restart()
            return self._signed(kid, alg, message)

    def destroy(self, kid: str) -> None:
        """Remove both halves of a key from the token. Raises SigningDeviceUnavailable."""
        with self._turn():
            self._keys.pop(kid, None)
            for one in list(self._opened().get_objects({Attribute.ID: kid.encode()})):
                one.destroy()

    def close(self) -> None:
        """Leave the module, as before a fork; the next call enters it again."""
        with self._lock, suppress(PKCS11Error):
            self._forget()
            if self._section.module in pkcs11._loaded:  # noqa: SLF001
                pkcs11.lib(self._section.module).finalize()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Run the block alone in this process; every error of the token is an alarm."""
        if not self._lock.acquire(timeout=TURN.total_seconds()):
            self._fail("Hangs")
        try:
            if os.getpid() != self._process:
                self._leave_parent()
            yield
        except PKCS11Error as error:
            self._forget()
            # Not its text: a module may say anything.
            self._fail(type(error).__name__)
        finally:
            self._lock.release()

    def _signed(self, kid: str, alg: str, message: bytes) -> bytes:
        key = self._keys.get(kid)
        if key is None:
            private = ObjectClass.PRIVATE_KEY
            key = self._keys[kid] = cast(Any, self._opened().get_key(private, id=kid.encode()))
        if alg == "ES256":
            return bytes(key.sign(sha256(message).digest(), mechanism=Mechanism.ECDSA))
        return bytes(key.sign(message, mechanism=Mechanism.SHA256_RSA_PKCS))

    def _opened(self) -> pkcs11.Session:
        if self._session is None:
            if self._refused_pin:
                # Three wrong PINs lock many tokens for good.
                self._fail(f"{self._refused_pin}, not tried again before a restart")
            token = pkcs11.lib(self._section.module).get_token(token_label=self._section.token)
            try:
                pin = self._section.pin.get_secret_value()
                self._session = token.open(rw=True, user_pin=pin)
            except PIN_ERRORS as error:
                self._refused_pin = type(error).__name__
                raise
        return self._session

    def _restart(self) -> None:
        """Initialise the module anew. Raises the error again when it was done a moment ago."""
        now = self._seconds()
        if now - self._restarted_at < RESTART_EVERY.total_seconds():
            raise pkcs11.DeviceRemoved
        self._restarted_at = now
        self._forget()
        with suppress(PKCS11Error):
            pkcs11.lib(self._section.module).finalize()

    def _leave_parent(self) -> None:
        """In a forked process: its parent's sessions are not its own."""
        self._process = os.getpid()
        self._forget()
        with suppress(PKCS11Error):
            pkcs11.lib(self._section.module).finalize()

    def _forget(self) -> None:
        self._session = None
        self._keys.clear()

    def _fail(self, reason: str) -> NoReturn:
        now = self._seconds()
        if now - self._complained_at >= COMPLAIN_EVERY.total_seconds():
            self._complained_at = now
            log.error("pkcs11_unavailable", alarm="pkcs11_unavailable", reason=reason)
        token = self._section.token
        raise SigningDeviceUnavailable(
            f"the PKCS#11 token {token!r} cannot be used ({reason}): look at keys.pkcs11"
        ) from None


def _generate_rsa(session: pkcs11.Session, kid: str) -> dict[str, str]:
    public, _ = session.generate_keypair(
        KeyType.RSA, RSA_BITS, id=kid.encode(), label=LABEL, store=True
    )
    exponent = public[Attribute.PUBLIC_EXPONENT]
    return {"kty": "RSA", "n": _text(public[Attribute.MODULUS]), "e": _text(exponent)}


def _generate_ec(session: pkcs11.Session, kid: str) -> dict[str, str]:
    curve = {Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")}
    parameters = session.create_domain_parameters(KeyType.EC, curve, local=True)
    public, _ = parameters.generate_keypair(id=kid.encode(), label=LABEL, store=True)
    # A DER octet string of the uncompressed point: 04 41 04 x y.
    point = bytes(public[Attribute.EC_POINT])[-2 * COORDINATE :]
    return {
        "kty": "EC",
        "crv": "P-256",
        "x": base64url.encode(point[:COORDINATE]),
        "y": base64url.encode(point[COORDINATE:]),
    }


def _text(number: Any) -> str:  # noqa: ANN401 (bytes, big-endian, of an untyped attribute)
    return base64url.encode(bytes(number).lstrip(b"\0"))
