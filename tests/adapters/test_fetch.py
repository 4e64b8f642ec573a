"""The fetcher for addresses that clients name (attacks S01 to S08)."""

import datetime
import ssl
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from idp.adapters.fetch import LONGEST_BODY, SafeFetch
from idp.ports import FetchRefused
from tests.simulators.http import Answer, Handler, Received, Simulator

JSON = frozenset({"application/json"})
Simulate = Callable[[Handler], Simulator]


def keys(_: Received) -> Answer:
    return Answer(200, b'{"keys": []}', "Application/JSON; charset=utf-8")


def local(**changes: object) -> SafeFetch:
    return SafeFetch(**{"allow_loopback": True, "seconds": 0.25} | changes)  # type: ignore[arg-type]


def resolving_to(*addresses: str) -> Callable[[str, int], Sequence[str]]:
    return lambda _host, _port: addresses


def test_a_good_answer_comes_back_whole(simulate: Simulate) -> None:
    assert local().get(simulate(keys).url, media_types=JSON) == b'{"keys": []}'


@pytest.mark.parametrize(
    "fault",
    ["slow", "drip", "drip_headers", "cut", "500", "html", "redirect", "gzip", "short", "503"],
)
def test_a_bad_answer_is_refused(simulate: Simulate, fault: str) -> None:  # S04, S08
    simulator = simulate(lambda _: Answer(200, b" " * 50))
    simulator.script(fault)

    with pytest.raises(FetchRefused):
        local().get(simulator.url, media_types=JSON)


@pytest.mark.parametrize("fault", ["slow", "drip", "drip_headers"])
def test_the_deadline_is_for_the_whole_fetch(simulate: Simulate, fault: str) -> None:  # S08
    simulator = simulate(lambda _: Answer(200, b" " * 1000))
    simulator.script(fault)
    start = time.monotonic()

    with pytest.raises(FetchRefused, match="timeout"):
        local(seconds=0.2).get(simulator.url, media_types=JSON)

    assert time.monotonic() - start < 1


def test_a_slow_name_server_is_inside_the_deadline() -> None:
    def slow(_host: str, _port: int) -> Sequence[str]:
        time.sleep(0.3)
        return []

    with pytest.raises(FetchRefused, match="timeout"):
        SafeFetch(seconds=0.05, resolve=slow).get("https://portal.example/", media_types=JSON)


def test_a_body_at_the_limit_is_taken(simulate: Simulate) -> None:
    simulator = simulate(lambda _: Answer(200, b" " * LONGEST_BODY))

    assert len(local(seconds=5.0).get(simulator.url, media_types=JSON)) == LONGEST_BODY


@pytest.mark.parametrize("promised", [LONGEST_BODY + 1, 10**12])
def test_a_body_over_the_limit_is_refused(simulate: Simulate, promised: int) -> None:  # S08
    simulator = simulate(lambda _: Answer(200, b" " * (LONGEST_BODY + 1), promised=promised))

    with pytest.raises(FetchRefused, match="too_large"):
        local(seconds=5.0).get(simulator.url, media_types=JSON)


def test_a_body_without_announced_length_is_bounded_too(simulate: Simulate) -> None:
    chunks = b"%x\r\n" % (LONGEST_BODY + 1) + b" " * (LONGEST_BODY + 1) + b"\r\n0\r\n\r\n"
    simulator = simulate(lambda _: Answer(200, chunks, headers=(("Transfer-Encoding", "chunked"),)))

    with pytest.raises(FetchRefused, match="too_large"):
        local(seconds=5.0).get(simulator.url, media_types=JSON)


def test_compressed_answers_are_not_asked_for(simulate: Simulate) -> None:
    simulator = simulate(keys)
    local().get(simulator.url, media_types=JSON)

    assert simulator.received[0].headers["Accept-Encoding"] == "identity"


def test_a_form_is_posted(simulate: Simulate) -> None:
    simulator = simulate(lambda _: Answer(204))

    status = local().post_form(f"{simulator.url}/logout?a=b", {"logout_token": "x.y&z"})

    sent = simulator.received[0]
    assert (status, sent.path, sent.body) == (204, "/logout?a=b", b"logout_token=x.y%26z")
    assert sent.headers["Content-Type"] == "application/x-www-form-urlencoded"


def test_a_refusal_of_the_form_is_a_status(simulate: Simulate) -> None:
    simulator = simulate(lambda _: Answer(400))

    assert local().post_form(simulator.url, {}) == 400


@pytest.mark.parametrize("fault", ["drip", "gzip", "short"])
def test_the_body_of_an_answer_to_a_form_is_not_waited_for(simulate: Simulate, fault: str) -> None:
    simulator = simulate(lambda _: Answer(200, b" " * 1000))  # F30
    simulator.script(fault)

    assert local().post_form(simulator.url, {}) == 200


@pytest.mark.parametrize("fault", ["slow", "cut", "drip_headers"])
def test_an_answer_to_a_form_that_does_not_come_is_refused(simulate: Simulate, fault: str) -> None:
    simulator = simulate(lambda _: Answer(200))
    simulator.script(fault)

    with pytest.raises(FetchRefused):
        local().post_form(simulator.url, {})


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "fc00::1", "::ffff:8.8.8.8"])
def test_an_address_that_is_not_public_is_refused(address: str) -> None:  # S01, S02, S07
    fetch = SafeFetch(resolve=resolving_to("8.8.8.8", address))

    with pytest.raises(FetchRefused, match="address_not_public"):
        fetch.get("https://portal.example/jwks", media_types=JSON)


@pytest.mark.parametrize(
    "url",
    [
        *("", "portal.example", "//portal.example/", "ftp://portal.example/", "file:///etc/passwd"),
        *("gopher://127.0.0.1:6379/_", "https://", "https:///x", "https://user@portal.example/"),
        *("https://portal.example#x", "https://portal.example/a b", "https://portal.example\\@x"),
        *("https://portal.example:99999/", "https://portal.example:0/", "https://پرتال.ایران/"),
        *("https://portal.example/\r\nHost: x", "https://portal.example/\x00", "https://[::1/"),
    ],
)
def test_an_odd_address_is_refused_before_any_look_up(url: str) -> None:
    def nobody_asks(_host: str, _port: int) -> Sequence[str]:
        pytest.fail("looked up")

    with pytest.raises(FetchRefused):
        SafeFetch(resolve=nobody_asks).get(url, media_types=JSON)


@given(st.text())
def test_arbitrary_text_is_refused_and_never_another_error(url: str) -> None:
    with pytest.raises(FetchRefused):
        SafeFetch(resolve=resolving_to("127.0.0.1")).get(url, media_types=JSON)


def test_http_is_for_loopback_in_development_only() -> None:
    with pytest.raises(FetchRefused, match="not_https"):
        local(resolve=resolving_to("8.8.8.8")).get("http://portal.example/", media_types=JSON)


def test_http_on_loopback_is_refused_in_production(simulate: Simulate) -> None:
    with pytest.raises(FetchRefused):
        SafeFetch().get(simulate(keys).url, media_types=JSON)


def test_loopback_among_public_addresses_is_not_picked_up_in_development() -> None:
    fetch = local(resolve=resolving_to("127.0.0.1", "10.0.0.1"))

    with pytest.raises(FetchRefused, match="address_not_public"):
        fetch.get("https://portal.example/", media_types=JSON)


def test_an_unknown_name_is_refused() -> None:
    def unknown(_host: str, _port: int) -> Sequence[str]:
        raise OSError

    with pytest.raises(FetchRefused, match="unresolved"):
        SafeFetch(resolve=unknown).get("https://portal.example/", media_types=JSON)


def test_tls_is_for_the_name_while_the_line_goes_to_the_address(
    simulate: Simulate, tmp_path: Path
) -> None:  # S03
    simulator = simulate(keys)
    client, names = _with_tls(simulator, tmp_path, "portal.example")

    fetch = local(resolve=resolving_to("127.0.0.1"), tls=client, seconds=5.0)
    body = fetch.get(f"https://portal.example:{simulator.port}/jwks", media_types=JSON)

    assert (body, names) == (b'{"keys": []}', ["portal.example"])


def test_a_certificate_of_another_name_is_refused(simulate: Simulate, tmp_path: Path) -> None:
    simulator = simulate(keys)
    client, _ = _with_tls(simulator, tmp_path, "other.example")
    fetch = local(resolve=resolving_to("127.0.0.1"), tls=client, seconds=5.0)

    with pytest.raises(FetchRefused, match="tls"):
        fetch.get(f"https://portal.example:{simulator.port}/jwks", media_types=JSON)


def test_a_suite_on_this_machine_is_trusted_whatever_its_certificate(
    simulate: Simulate, tmp_path: Path
) -> None:
    simulator = simulate(keys)
    _with_tls(simulator, tmp_path, "other.example")
    fetch = local(resolve=resolving_to("127.0.0.1"), trust_loopback=True, seconds=5.0)

    url = f"https://portal.example:{simulator.port}/jwks"
    assert fetch.get(url, media_types=JSON) == b'{"keys": []}'


def test_a_refusal_does_not_quote_the_address() -> None:
    with pytest.raises(FetchRefused) as refused:
        SafeFetch(resolve=resolving_to("10.0.0.1")).get("https://x.example/?t=1", media_types=JSON)

    assert "example" not in str(refused.value)


def _with_tls(
    simulator: Simulator, folder: Path, name: str
) -> tuple[ssl.SSLContext, list[str | None]]:
    """Put TLS on the simulator; return a context that trusts it, and the names asked for."""
    certificate = folder / "certificate.pem"
    certificate.write_bytes(_self_signed(name))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate)
    names: list[str | None] = []
    server.sni_callback = lambda _line, asked, _context: names.append(asked)
    simulator.wrap(server)
    return ssl.create_default_context(cafile=str(certificate)), names


def _self_signed(name: str) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return private + certificate.public_bytes(serialization.Encoding.PEM)
