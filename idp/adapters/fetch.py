"""The only fetcher for addresses that clients name: JWKS, sector lists, back-channel logout."""

import ssl
from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlencode

from idp.adapters.http_exchange import (
    Address,
    Exchange,
    ExchangeFailed,
    Reply,
    Request,
    Resolve,
    any_certificate,
    is_loopback,
    system_resolve,
)
from idp.domain.clients.public_address import is_public
from idp.ports import FetchRefused

LONGEST_BODY = 256 * 1024
SECONDS = 5.0
USER_AGENT = "tamin-account"


class SafeFetch:
    """The port ``Fetch``: https to public addresses only, no redirects, 5 s, 256 KiB.

    A host name is resolved once. When any of its addresses is not public, the fetch is refused;
    otherwise the first is used, with the host name for ``Host`` and TLS (against DNS rebinding).

    Source: RFC 9700, 4.15; OWASP SSRF Prevention.
    """

    def __init__(
        self,
        *,
        allow_loopback: bool = False,
        trust_loopback: bool = False,
        seconds: float = SECONDS,
        resolve: Resolve = system_resolve,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """``allow_loopback`` (development) permits loopback addresses, also by http.

        ``trust_loopback`` (a suite's test mode) accepts any certificate from them.
        """
        self._allow_loopback = allow_loopback
        self._exchange = Exchange(
            seconds=seconds,
            longest_body=LONGEST_BODY,
            choose=self._choose,
            resolve=resolve,
            tls=tls,
            loopback_tls=any_certificate() if trust_loopback else None,
        )

    def get(self, url: str, *, media_types: frozenset[str]) -> bytes:
        """Return the body, at most 256 KiB, of a 200 answer in one of ``media_types`` (lower case).

        Raises:
            FetchRefused: for anything else; its text is a code, never the address or the answer.
        """
        reply = self._ask(url, Request("GET", {"Accept": ", ".join(sorted(media_types))}))
        if reply.status != 200:
            raise FetchRefused(f"status_{reply.status}")
        if reply.media_type not in media_types:
            raise FetchRefused("media_type")
        return reply.body

    def post_form(self, url: str, form: Mapping[str, str]) -> int:
        """Post ``form`` and return the status code, redirects included (they are not followed).

        The answer's body is not read.

        Raises:
            FetchRefused: no answer in time, or an address that may not be reached.
        """
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        request = Request("POST", headers, urlencode(form).encode(), only_status=True)
        return self._ask(url, request).status

    def _ask(self, url: str, request: Request) -> Reply:
        named = replace(request, headers={"User-Agent": USER_AGENT, **request.headers})
        try:
            return self._exchange(url, named)
        except ExchangeFailed as error:
            raise FetchRefused(error.code) from error

    def _choose(self, address: Address, found: Sequence[str]) -> str:
        for text in found:
            self._check(address, text)
        return found[0]

    def _check(self, address: Address, text: str) -> None:
        if self._allow_loopback and is_loopback(text):
            return
        if address.scheme != "https":
            raise ExchangeFailed("not_https")
        if not is_public(text):
            raise ExchangeFailed("address_not_public")
