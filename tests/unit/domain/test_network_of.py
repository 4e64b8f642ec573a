"""By which network an address is counted."""

import pytest

from idp.domain.limits import network_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("5.1.1.1", "5.1.1.1"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("::ffff:5.1.1.1", "5.1.1.1"),
        ("", "unknown"),
        ("5.1.1.1, 6.1.1.1", "unknown"),
    ],
)
def test_an_address_is_counted_by_its_network(address: str, network: str):
    assert network_of(address) == network
