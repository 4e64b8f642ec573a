"""Static pages that the proxy serves when no request reaches the hub, and the files they load."""

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
    """Yield relative path and content of each page of ``KEPT`` (``NAME.fa.html``) and its files.

    The files have the paths by which the pages load them: ``static/…``, ``brand/…``.
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
    return maintenance.page(Maintenance(until=None), is_kept=True)


def _too_many_cookies() -> str:
    """Return the page for 431: a sibling host's cookies for the parent domain are too large."""
    return errors.page("cookies_full", HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)


KEPT: dict[str, Callable[[], str]] = {"maintenance": _closed, "cookies": _too_many_cookies}


def _page(app: Flask, make: Callable[[], str], language: Language) -> str:
    with app.app_context():
        cookie, origin = cookies.LANGUAGE.full(), deps().settings.server.issuer
    # No route has this address: a kept page has no language switch, which only the hub answers.
    with app.test_request_context(
        "/maintenance", base_url=origin, headers={"Cookie": f"{cookie}={language}"}
    ):
        return make()
