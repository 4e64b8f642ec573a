"""``url_for`` for templates: addresses of the hub's pages and files."""

from typing import Any

from flask import request, url_for


class OwnAddresses:
    """Makes the address of a page or a static file once; a page has a dozen of them."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str, str | None], str] = {}

    def __call__(self, endpoint: str, **values: Any) -> str:  # noqa: ANN401 (url_for's own)
        """Return what Flask's ``url_for`` returns; with other values than a file, made anew."""
        if values.keys() - {"filename"} or endpoint.startswith("."):
            return url_for(endpoint, **values)
        key = request.script_root, endpoint, values.get("filename")
        if key not in self._made:
            self._made[key] = url_for(endpoint, **values)
        return self._made[key]
