"""Which addresses are of the public internet, and which hosts cannot be (attacks S01, S02)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.clients.public_address import is_inside, is_public

NOT_PUBLIC = [
    *("127.0.0.1", "127.8.9.1", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1"),
    *("169.254.169.254", "100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1"),
    *("240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fc00::1", "ff02::1"),
    *("::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "fec0::1"),
    *("2002:7f00:1::", "2001::1", "2001:db8::1", "fe80::1%eth0", "100::1", "64:ff9b:1::1"),
    # Of public ranges, and yet many hosts or another address.
    *("224.0.1.1", "ff0e::1", "2002:808:808::1", "2606:4700::1111%1"),
]
PUBLIC = ["8.8.8.8", "5.160.0.1", "2a01:4f8::1", "2606:4700::1111"]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_one_public_host_does_not_answer_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_ordinary_addresses_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize("text", ["", "portal.example", "8.8.8", "8.8.8.8/32", "[2606:4700::1111]"])
def test_what_is_no_address_is_not_public(text):
    assert not is_public(text)


@pytest.mark.parametrize("host", [*NOT_PUBLIC, "127.1", "2130706433", "0x7f000001", "0x7f.0.0.0x1"])
def test_a_host_in_any_spelling_of_an_address_is_inside(host):  # WHATWG URL 3.5
    assert is_inside(host)


@pytest.mark.parametrize("host", ["localhost", "localhost.", "app.localhost", "127.0.0.1."])
def test_a_name_of_this_machine_is_inside(host):  # RFC 6761 6.3
    assert is_inside(host)


@pytest.mark.parametrize(
    "host", [*PUBLIC, "portal.example", "portal.example.", "localhost.example"]
)
def test_a_public_host_is_not_inside(host):
    assert not is_inside(host)


@given(st.text())
def test_no_text_breaks_the_check(text):
    is_public(text)
    is_inside(text)
