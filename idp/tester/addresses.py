"""Addresses as a browser reads them."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

PORTS = {"http": 80, "https": 443}


def origin(address: str) -> str:
    """Return scheme, host and port of an address in one spelling; empty for another scheme."""
    parts = urlsplit(address)
    if parts.scheme not in PORTS or not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}:{parts.port or PORTS[parts.scheme]}"


def absolute(onward: str, page: str) -> str:
    r"""Return where a browser goes from a page, which reads ``\`` as ``/`` (WHATWG URL 4.4)."""
    onward = "".join(char for char in onward if char not in "\t\r\n").strip()
    head, mark, tail = onward.partition("?")
    onward = head.replace("\\", "/") + mark + tail
    base = urlsplit(page)
    parts = urlsplit(onward)
    if parts.scheme and not parts.netloc and parts.scheme in PORTS:
        return f"{parts.scheme}://{onward.partition(':')[2].lstrip('/')}"
    if parts.scheme:
        return onward
    if onward.startswith("//"):
        return f"{base.scheme}://{onward.lstrip('/')}"
    if onward.startswith("/"):
        return f"{base.scheme}://{base.netloc}{onward}"
    if onward[:1] in {"", "?", "#"}:
        return page.partition(onward[:1] or "#")[0] + onward
    folder = base.path.rpartition("/")[0]
    return f"{base.scheme}://{base.netloc}{folder}/{onward}"


def query_of(address: str) -> dict[str, str]:
    """Return the parameters of an address, of repeated ones the last."""
    return dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))


def with_query(address: str, values: Mapping[str, str]) -> str:
    """Return the address with these parameters added to its query."""
    parts = urlsplit(address)
    query = "&".join(filter(None, (parts.query, urlencode(values))))
    return urlunsplit(parts._replace(query=query, fragment=""))


def without_query(address: str) -> str:
    """Return the address without query and fragment."""
    return urlunsplit(urlsplit(address)._replace(query="", fragment=""))
