"""Parsing the IP addresses of visitors, in every form that proxies write."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address

LONGEST_ADDRESS = 60
_BRACKETS = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::[0-9]{1,5})?")
_WITH_PORT = re.compile(r"([0-9.]+):[0-9]{1,5}")


def parse_address(text: str) -> IPv4Address | IPv6Address | None:
    """Return the IP address in ``text``, or None without one.

    A port and brackets are removed: ``198.51.100.7:4711``, ``[2001:db8::1]``,
    ``[2001:db8::1]:4711``. So is a zone (``fe80::1%eth0``), which only its own machine knows.
    """
    bare = text[:LONGEST_ADDRESS].strip(" \t").partition("%")[0]
    match = _BRACKETS.fullmatch(bare) or _WITH_PORT.fullmatch(bare)
    try:
        return ip_address(match[1] if match else bare)
    except ValueError:
        return None
