"""What the proxy shows where it cannot ask the hub, and what that is made of."""

import re
from collections.abc import Callable, Iterator
from http import HTTPStatus
from itertools import product

from flask import Flask

from idp.deps import deps
from idp.ports import Maintenance
from idp.web.http import cookies
from idp.web.http.languages import Language
from idp.web.pages import errors, maintenance

PART = re.compile(r'(?:href|src)="(/(?:static|brand)/[^"]+)"')


def kept_pages(app: Flask) -> Iterator[tuple[str, bytes]]:
    """Yield path (relative) and content of each page of ``KEPT`` (``NAME.fa.html``) and of parts.

    Parts lie where the pages look for them: ``static/…``, ``brand/…``.
    """
    parts: set[str] = set()
    for name, language in product(KEPT, Language):
        page = _page(app, KEPT[name], language)
        parts.update(PART.findall(page))
        yield f"{name}.{language}.html", page.encode()
    with app.app_context():
        origin = deps().settings.server.issuer
    for part in sorted(parts):
        answer = app.test_client().get(part, base_url=origin, buffered=True)
        yield part.partition("?")[0].lstrip("/"), answer.data


def _closed() -> str:
    return maintenance.page(Maintenance(until=None))


def _too_many_cookies() -> str:
    """A sibling host has set so many for the domain above that no request reaches the hub."""
    return errors.page("cookies_full", HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)


KEPT: dict[str, Callable[[], str]] = {"maintenance": _closed, "cookies": _too_many_cookies}


def _page(app: Flask, make: Callable[[], str], language: Language) -> str:
    with app.app_context():
        cookie, origin = cookies.LANGUAGE.full(), deps().settings.server.issuer
    # At an address of nothing: a page that is kept has no switch, which only the hub could answer.
    with app.test_request_context(
        "/maintenance", base_url=origin, headers={"Cookie": f"{cookie}={language}"}
    ):
        return make()
