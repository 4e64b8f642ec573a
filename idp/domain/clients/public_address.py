"""Which IP addresses are public, and which hosts are IP addresses."""

import ipaddress
import re

_NUMBER = re.compile("[0-9]+|0x[0-9a-f]*")
_LOCAL = "localhost"


def is_public(text: str) -> bool:
    """Return whether ``text`` is a public unicast IP address.

    False for private, shared, loopback, link-local, multicast, reserved and unspecified ranges, for
    IPv6 that wraps IPv4 (mapped, compatible, 6to4, Teredo, NAT64), and for text that is no address.
    """
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and _is_odd_v6(address):
        return False
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified
    )


def is_inside(host: str) -> bool:
    """Return whether ``host`` (lower case) is not public, judged by its text alone.

    HTTP clients read a host that ends in a number as an IP address in some spelling (WHATWG URL
    3.5), so only a plain public one passes. Names are not resolved here: the fetcher does that.

    Source: attack S02.
    """
    last = host.rstrip(".").rpartition(".")[2]
    if ":" in host or _NUMBER.fullmatch(last):
        return not is_public(host)
    return last == _LOCAL


def _is_odd_v6(address: ipaddress.IPv6Address) -> bool:
    wraps_v4 = address.ipv4_mapped or address.sixtofour or address.teredo
    return bool(wraps_v4) or address.scope_id is not None or address.is_site_local
