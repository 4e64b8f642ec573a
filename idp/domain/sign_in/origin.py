"""The origin of a browser, just precise enough for citizens to recognise their own."""

import re
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

OTHER = "other"
LONGEST_AGENT = 1000

_BROWSERS = (
    ("edge", re.compile(r"\bEdg(?:e|A|iOS)?/")),
    ("samsung", re.compile(r"\bSamsungBrowser/")),
    ("opera", re.compile(r"\b(?:OPR|Opera)/")),
    ("firefox", re.compile(r"\b(?:Firefox|FxiOS)/")),
    ("chrome", re.compile(r"\b(?:Chrome|CriOS|Chromium)/")),
    ("safari", re.compile(r"\bSafari/")),
)
_PLATFORMS = (
    ("android", re.compile(r"\bAndroid\b")),
    ("ios", re.compile(r"\b(?:iPhone|iPad|iPod)\b")),
    ("windows", re.compile(r"\bWindows\b")),
    ("mac", re.compile(r"\bMacintosh\b")),
    ("linux", re.compile(r"\b(?:Linux|X11)\b")),
)
"""The order matters, here and above: most user agents also name the entries below theirs."""

BROWSERS = (*(name for name, _ in _BROWSERS), OTHER)
PLATFORMS = (*(name for name, _ in _PLATFORMS), OTHER)
_IPV4_BITS, _IPV6_BITS = 24, 48


@dataclass(frozen=True, slots=True)
class Origin:
    """Browser family, platform and network (/24, /48); never the address or the user agent."""

    browser: str
    platform: str
    network: str = field(repr=False)


NOWHERE = Origin(OTHER, OTHER, "")
"""The origin when nothing is known of the browser."""


def origin_of(user_agent: str, address: str) -> Origin:
    """Return the origin; an unknown agent becomes ``other``, an unknown address no network."""
    agent = user_agent[:LONGEST_AGENT]
    return Origin(_first(_BROWSERS, agent), _first(_PLATFORMS, agent), _network(address))


def _first(known: tuple[tuple[str, re.Pattern[str]], ...], agent: str) -> str:
    return next((name for name, pattern in known if pattern.search(agent)), OTHER)


def _network(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    bits = _IPV4_BITS if parsed.version == 4 else _IPV6_BITS
    return str(ip_network(f"{parsed}/{bits}", strict=False))
