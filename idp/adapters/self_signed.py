"""A certificate of this machine's own: TLS on a loopback address, for a rehearsal or a suite.

A small CA signs the server's certificate: verifiers such as rustls refuse a server's certificate
that is a CA itself (RFC 5280 4.2.1.9).
"""

import ipaddress
import os
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from idp.ports import Clock

LIFE = timedelta(days=365)
_CA_MAY = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


def write_certificate(certificate: Path, key_file: Path, clock: Clock) -> None:
    """Write a certificate for ``localhost`` and ``127.0.0.1``, and its key, mode 0600.

    The file has the server's certificate and then its CA's, the one to trust. The CA's key is
    forgotten: it signs nothing else.
    """
    authority, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    ca = _authority(authority, clock)
    made = _of_localhost(key, ca, authority, clock)
    chain = [one.public_bytes(serialization.Encoding.PEM) for one in (made, ca)]
    certificate.write_bytes(b"".join(chain))
    with os.fdopen(os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
        opened.write(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )


def _authority(key: ec.EllipticCurvePrivateKey, clock: Clock) -> x509.Certificate:
    name = _named("CA of this machine's test hub")
    return (
        _begun(name, name, key.public_key(), clock)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_CA_MAY, critical=True)
        .sign(key, hashes.SHA256())
    )


def _of_localhost(
    key: ec.EllipticCurvePrivateKey,
    ca: x509.Certificate,
    authority: ec.EllipticCurvePrivateKey,
    clock: Clock,
) -> x509.Certificate:
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    of_the_ca = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key())
    return (
        _begun(_named("localhost"), ca.subject, key.public_key(), clock)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(of_the_ca, critical=False)
        .sign(authority, hashes.SHA256())
    )


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, clock: Clock
) -> x509.CertificateBuilder:
    now = clock()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + LIFE)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
