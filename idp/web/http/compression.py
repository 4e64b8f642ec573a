"""Compression of pages, but never for requests from another site.

A page holds secrets beside text from the request's address. An attacker who chooses that address
and sees the length of the compressed page could read them (BREACH): other sites get the plain page.
"""

import gzip

from flask import Response, request

LEAST = 1400
"""Bytes that fit into one packet uncompressed."""
LEVEL = 5


def compress(response: Response) -> Response:
    """Compress a page for a request with ``Sec-Fetch-Site: same-origin`` (Fetch Metadata)."""
    if not (_is_a_page(response) and _is_of_this_site() and request.accept_encodings["gzip"]):
        return response
    response.set_data(gzip.compress(response.get_data(), LEVEL, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    response.headers.add("Vary", "Accept-Encoding, Sec-Fetch-Site")
    return response


def _is_a_page(response: Response) -> bool:
    return response.mimetype == "text/html" and (response.content_length or 0) > LEAST


def _is_of_this_site() -> bool:
    return request.headers.get("Sec-Fetch-Site") == "same-origin"
