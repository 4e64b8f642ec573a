"""Compressed pages, but never to a request that another site made.

A page holds secrets beside what the request's address says. Whoever may choose that address and
watch the length of the compressed answer could read them (BREACH): another site gets the plain one.
"""

import gzip

from flask import Response, request

LEAST = 1400
"""Bytes that fit into one packet as they are."""
LEVEL = 5


def compress(response: Response) -> Response:
    """Compress a page for a browser that says the request is its own (Fetch Metadata)."""
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
