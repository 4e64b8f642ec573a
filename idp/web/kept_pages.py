"""What the proxy shows while no hub answers: the page of maintenance, and what it is made of."""

import re
from collections.abc import Iterator

from flask import Flask

from idp.deps import deps
from idp.ports import Maintenance
from idp.web import cookies, maintenance
from idp.web.languages import Language

PART = re.compile(r'(?:href|src)="(/(?:static|brand)/[^"]+)"')


def kept_pages(app: Flask) -> Iterator[tuple[str, bytes]]:
    """Yield path (relative) and content of ``maintenance.fa.html``, ``.en.html`` and their parts.

    Parts lie where the pages look for them: ``static/…``, ``brand/…``.
    """
    parts: set[str] = set()
    for language in Language:
        page = _page(app, language)
        parts.update(PART.findall(page))
        yield f"maintenance.{language}.html", page.encode()
    with app.app_context():
        origin = deps().settings.server.issuer
    for part in sorted(parts):
        answer = app.test_client().get(part, base_url=origin, buffered=True)
        yield part.partition("?")[0].lstrip("/"), answer.data


def _page(app: Flask, language: Language) -> str:
    with app.app_context():
        cookie, origin = cookies.LANGUAGE.full(), deps().settings.server.issuer
    # At an address of nothing: a page that is kept has no switch, which only the hub could answer.
    with app.test_request_context(
        "/maintenance", base_url=origin, headers={"Cookie": f"{cookie}={language}"}
    ):
        return maintenance.page(Maintenance(until=None))
