"""The test mode's certificate: a CA and a leaf, as verifiers of every kind expect."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.verification import PolicyBuilder, Store

from idp.adapters.self_signed import write_certificate
from tests.fakes import NOON


@pytest.fixture
def files(tmp_path):
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    write_certificate(certificate, key, lambda: NOON)
    return certificate, key


@pytest.fixture
def chain(files):
    return x509.load_pem_x509_certificates(files[0].read_bytes())


def is_ca(certificate):
    return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_the_servers_certificate_is_no_ca(chain):  # RFC 5280 4.2.1.9
    leaf, ca = chain
    assert (is_ca(leaf), is_ca(ca)) == (False, True)


def test_the_key_is_the_servers(files, chain):
    key = load_pem_private_key(files[1].read_bytes(), password=None)
    assert key.public_key() == chain[0].public_key()


@pytest.mark.parametrize("name", ["localhost"])
def test_who_trusts_the_ca_trusts_the_server(chain, name):  # RFC 5280 6
    leaf, ca = chain
    verifier = (
        PolicyBuilder().store(Store([ca])).time(NOON).build_server_verifier(x509.DNSName(name))
    )
    assert verifier.verify(leaf, [])[0] == leaf


def test_the_key_is_read_by_its_owner_alone(files):
    assert files[1].stat().st_mode & 0o777 == 0o600
