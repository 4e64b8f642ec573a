"""Signing keys in a PKCS#11 token, with SoftHSM for the hardware."""

import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from idp.adapters.key_store import FolderKeyStore
from idp.domain.clients.public_jwk import PublicJwk
from idp.ports import KeyStoreError, SigningDeviceUnavailable
from idp.protocol.jose.jws import import_public, sign, verify
from idp.protocol.jose.signing_keys import KeyRing
from idp.settings import Pkcs11
from tests.fakes import FixedClock

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
pytestmark = pytest.mark.skipif(
    not MODULE.exists(),
    reason="SoftHSM is not installed (Debian, Ubuntu: apt-get install softhsm2)",
)
PIN = "73519402"


@dataclass
class Token:
    """A token of SoftHSM, in a folder that can be taken away."""

    folder: Path

    def take_away(self) -> None:
        self.folder.rename(self.folder.with_name("away"))

    def bring_back(self) -> None:
        self.folder.with_name("away").rename(self.folder)


@pytest.fixture(scope="module")
def softhsm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Token]:
    """The module reads its configuration once a process: one token for all tests."""
    place = tmp_path_factory.mktemp("softhsm")
    token = Token(place / "tokens")
    token.folder.mkdir()
    configuration = place / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {token.folder}\nlog.level = ERROR\n")
    patch = pytest.MonkeyPatch()
    patch.setenv("SOFTHSM2_CONF", str(configuration))
    pins = ["--pin", PIN, "--so-pin", "9" + PIN]
    make = ["softhsm2-util", "--init-token", "--free", "--label", "hub", *pins]
    subprocess.run(make, check=True, capture_output=True)
    yield token
    patch.undo()


@pytest.fixture
def token(softhsm: Token) -> Iterator[Token]:
    yield softhsm
    if not softhsm.folder.exists():
        softhsm.bring_back()


class Seconds:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


def make_device(seconds: Seconds, *, pin: str = PIN, label: str = "hub", module: Path = MODULE):
    from idp.adapters.pkcs11_device import Pkcs11Device  # noqa: PLC0415 (an extra)

    section = Pkcs11(module=str(module), token=label, pin=SecretStr(pin))
    return Pkcs11Device(section, seconds)


@pytest.fixture
def device(token: Token, seconds: Seconds):
    device = make_device(seconds)
    yield device
    device.close()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


def make_ring(folder: Path, device, clock: FixedClock) -> KeyRing:
    return KeyRing(
        FolderKeyStore(folder, b"k" * 32, device),
        clock,
        may_sign=lambda: None,
        jwks_cache=timedelta(hours=1),
        longest_token=timedelta(minutes=10),
    )


@pytest.fixture
def ring(tmp_path: Path, device, clock: FixedClock) -> KeyRing:
    return make_ring(tmp_path / "keys", device, clock)


def verified(ring: KeyRing, token: str):
    published = {key["kid"]: import_public(PublicJwk.parse(key)) for key in ring.published()}
    return verify(token, lambda kid, _alg: published.get(kid), ("RS256", "ES256"))


@pytest.mark.parametrize("alg", ["RS256", "ES256"])
def test_the_token_signs_and_the_key_set_verifies(ring: KeyRing, alg: str):
    ring.promote(ring.new(alg).kid)
    ring.check()
    signed = sign({"iss": "x"}, ring.signer(alg), typ="JWT")

    assert verified(ring, signed).claims == {"iss": "x"}


def test_the_file_has_no_private_half(ring: KeyRing):
    key = ring.new("ES256")

    assert not {"d", "p", "q"} & key.jwk.keys()


def test_the_key_set_shows_nothing_of_the_token(ring: KeyRing):
    ring.new("RS256")

    assert ring.published()[0].keys() == {"kid", "kty", "alg", "use", "n", "e"}


def test_other_algorithms_are_made_in_files(ring: KeyRing):
    assert "d" in ring.new("EdDSA").jwk


def test_threads_sign_at_once(ring: KeyRing):
    ring.promote(ring.new("ES256").kid)
    key = ring.signer("ES256")
    with ThreadPoolExecutor(8) as pool:
        tokens = list(pool.map(lambda number: sign({"n": number}, key, typ="JWT"), range(64)))

    assert [verified(ring, token).claims["n"] for token in tokens] == list(range(64))


def test_a_forked_process_signs_by_its_own_session(ring: KeyRing):
    ring.promote(ring.new("ES256").kid)
    key = ring.signer("ES256")
    sign({}, key, typ="JWT")
    reading, writing = os.pipe()
    if not (child := os.fork()):
        os.write(writing, sign({"by": "child"}, key, typ="JWT").encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as pipe:
        signed = pipe.read()

    assert verified(ring, signed).claims == {"by": "child"}
    assert verified(ring, sign({}, key, typ="JWT"))


def test_a_token_that_is_away_is_unavailable_and_comes_back(ring, token, seconds):
    ring.promote(ring.new("RS256").kid)
    key = ring.signer("RS256")
    sign({}, key, typ="JWT")
    token.take_away()
    with pytest.raises(SigningDeviceUnavailable):
        sign({}, key, typ="JWT")
    assert len(ring.published()) == 1
    token.bring_back()
    seconds.now += 6

    assert verified(ring, sign({}, key, typ="JWT"))


def test_a_token_that_is_away_raises_one_alarm_a_minute(ring, token, seconds):
    ring.promote(ring.new("RS256").kid)
    key = ring.signer("RS256")
    token.take_away()
    with capture_logs() as logged:
        for _ in range(20):
            seconds.now += 6
            with pytest.raises(SigningDeviceUnavailable):
                sign({}, key, typ="JWT")

    assert [line["alarm"] for line in logged] == ["pkcs11_unavailable"] * 2
    assert PIN not in str(logged)


def test_a_wrong_pin_is_tried_once(token, seconds):
    device = make_device(seconds, pin="11111111")
    for _ in range(3):
        seconds.now += 60
        with pytest.raises(SigningDeviceUnavailable, match="PinIncorrect, not tried again"):
            device.sign("nobody", "RS256", b"")
    device.close()


@pytest.mark.parametrize(
    "change", [{"label": "other"}, {"module": Path("/nowhere.so")}], ids=["token", "module"]
)
def test_a_missing_token_or_module_is_said_at_the_start(ring, tmp_path, seconds, clock, change):
    ring.promote(ring.new("RS256").kid)
    other = make_ring(tmp_path / "keys", make_device(seconds, **change), clock)

    with pytest.raises(SigningDeviceUnavailable, match=r"keys\.pkcs11"):
        other.check()


def test_a_hub_without_the_token_says_what_to_set(ring, tmp_path, clock):
    ring.promote(ring.new("RS256").kid)

    with pytest.raises(KeyStoreError, match=r"set keys\.pkcs11"):
        make_ring(tmp_path / "keys", None, clock).check()


def test_a_retired_key_leaves_the_token(ring, device, clock):
    old = ring.promote(ring.new("ES256").kid)
    clock.move(timedelta(seconds=1))
    ring.promote(ring.new("ES256").kid, at_once=True)
    ring.retire(old.kid, at_once=True)

    with pytest.raises(SigningDeviceUnavailable):
        device.sign(old.kid, "ES256", b"x")
    assert ring.find_kept(old.kid, "ES256") is not None


def test_a_token_that_hangs_stops_no_other_thread_for_ever(device, monkeypatch):
    monkeypatch.setattr("idp.adapters.pkcs11_device.TURN", timedelta(milliseconds=10))
    with device._turn(), pytest.raises(SigningDeviceUnavailable, match="Hangs"):
        device.sign("x", "ES256", b"x")
