"""The organisation's own names, mark and colours, by the settings alone."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from flask import Blueprint, Response, abort, request, url_for
from flask.typing import ResponseReturnValue

from idp.deps import deps
from idp.settings.colours import BLACK, WHITE, Colour
from idp.settings.sections import Brand
from idp.web.words import guide_texts

bp = Blueprint("branding", __name__, url_prefix="/brand")

SHIPPED = (Colour("#0c6b63"), Colour("#4fc3b3"))
"""The default colours, which hub.css defines."""
NIGHT = Colour("#0d1617")
KINDS = {".svg": "image/svg+xml", ".png": "image/png"}
ALONE = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@dataclass(frozen=True, slots=True)
class Names:
    """What the head and foot of a page show; ``colours`` is empty for the default colours."""

    organisation: str
    portal: str
    support: str
    mark: str
    colours: str


def names() -> Names:
    """Return the names and addresses of this installation."""
    brand = deps().settings.brand
    return Names(
        organisation=brand.organisation or guide_texts.screen("org.name"),
        portal=brand.portal or guide_texts.screen("portal.title"),
        support=brand.support,
        mark=_mark_address(brand),
        colours=_colours_address(brand),
    )


@bp.get("/colours-<version>.css")
def colours(version: str) -> ResponseReturnValue:
    """Return the colours as a stylesheet that follows hub.css."""
    sheet = _sheet(deps().settings.brand)
    if version != _version(sheet):
        abort(404)
    return _kept(Response(sheet, mimetype="text/css"), version)


@bp.get("/mark-<version>")
def mark(version: str) -> ResponseReturnValue:
    """Return the organisation's mark; a CSP sandbox disarms it when opened alone (attack X05)."""
    brand = deps().settings.brand
    if not brand.mark:
        abort(404)
    path = Path(brand.mark)
    picture = path.read_bytes()
    if version != _version(picture):
        abort(404)
    response = Response(picture, mimetype=KINDS[path.suffix])
    response.headers["Content-Security-Policy"] = ALONE
    return _kept(response, version)


def _kept(response: Response, version: str) -> ResponseReturnValue:
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.set_etag(version)
    return response.make_conditional(request)


def _mark_address(brand: Brand) -> str:
    if not brand.mark:
        return url_for("static", filename="mark.svg")
    return url_for("branding.mark", version=_version(Path(brand.mark).read_bytes()))


def _colours_address(brand: Brand) -> str:
    if (brand.colour, brand.colour_dark) == SHIPPED:
        return ""
    return url_for("branding.colours", version=_version(_sheet(brand)))


def _version(content: str | bytes) -> str:
    data = content.encode() if isinstance(content, str) else content
    return sha256(data).hexdigest()[:16]


def _sheet(brand: Brand) -> str:
    light, dark = brand.colour, brand.colour_dark
    day = _tokens(light, ink=WHITE, deep=light.mixed(BLACK, 0.25), soft=light.mixed(WHITE, 0.88))
    night = _tokens(
        dark,
        ink=dark.mixed(BLACK, 0.8),
        deep=dark.mixed(WHITE, 0.25),
        soft=dark.mixed(NIGHT, 0.8),
    )
    return f":root{{{day}}}@media (prefers-color-scheme:dark){{:root{{{night}}}}}"


def _tokens(brand: Colour, *, ink: Colour, deep: Colour, soft: Colour) -> str:
    return f"--brand:{brand};--brand-ink:{ink};--brand-deep:{deep};--brand-soft:{soft}"
