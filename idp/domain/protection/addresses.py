"""Addresses of visitors, in every form that proxies write them."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address

LONGEST_ADDRESS = 60
_BRACKETS = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::[0-9]{1,5})?")
_WITH_PORT = re.compile(r"([0-9.]+):[0-9]{1,5}")


def parse_address(text: str) -> IPv4Address | IPv6Address | None:
    """Return the address in ``text``, or None when it is none.

    A port and brackets are read and left out: ``198.51.100.7:4711``, ``[2001:db8::1]``,
    ``[2001:db8::1]:4711``. A zone (``fe80::1%eth0``) is of one machine's own and left out too.
    """
    bare = text[:LONGEST_ADDRESS].strip(" \t").partition("%")[0]
    match = _BRACKETS.fullmatch(bare) or _WITH_PORT.fullmatch(bare)
    try:
        return ip_address(match[1] if match else bare)
    except ValueError:
        return None
