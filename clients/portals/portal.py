"""A portal of the organisation in one file: every page asks the hub who came.

Run it with ``python -m clients.portals insurance-records``; the hub's address, the client secret and the
port come from the environment (PORTAL_ISSUER, PORTAL_CLIENT_SECRET, PORTAL_PORT).
"""

import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Flask, Response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

ROLES = "https://account.tamin.ir/claims/roles"
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
OPEN_ENDPOINTS = frozenset({"callback", "backchannel_logout", "goodbye", "static", "alive"})


@dataclass(frozen=True)
class Portal:
    """What makes one portal different from another."""

    client_id: str
    title: str
    scope: str
    needs_role: str | None = None


PORTALS = {
    "insurance-records": Portal(
        client_id="insurance-records",
        title="سوابق بیمه",
        scope="openid profile tamin.roles national_id",
        needs_role="insured",
    ),
    "electronic-copy": Portal(
        client_id="electronic-copy",
        title="نسخه الکترونیک",
        scope="openid profile phone tamin.assurance",
    ),
}


def create_portal(portal: Portal, *, issuer: str, client_secret: str) -> Flask:
    """Return the portal's app."""
    app = Flask(__name__)
    app.secret_key = secrets.token_bytes(32)
    # Cookies do not know ports: portals on one host need names of their own.
    app.config["SESSION_COOKIE_NAME"] = portal.client_id.replace("-", "_")
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    hub = OAuth(app).register(
        "hub",
        client_id=portal.client_id,
        client_secret=client_secret,
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_kwargs={"scope": portal.scope, "code_challenge_method": "S256"},
    )
    ended: set[str] = set()  # sids that the hub told us are over
    _require_sign_in(app, hub, ended)
    _add_pages(app, portal, hub)
    _add_sign_out(app, hub, ended, portal.client_id)
    return app


def _require_sign_in(app: Flask, hub: Any, ended: set[str]) -> None:
    @app.before_request
    def ask_the_hub() -> ResponseReturnValue | None:
        if request.endpoint in OPEN_ENDPOINTS:
            return None
        if session.get("sid") in ended:
            session.clear()
        if "claims" in session:
            return None
        session["wanted"] = request.path if request.method == "GET" else "/"
        answer: Response = hub.authorize_redirect(url_for("callback", _external=True))
        return answer


def _add_pages(app: Flask, portal: Portal, hub: Any) -> None:
    @app.get("/callback")
    def callback() -> ResponseReturnValue:
        try:
            token = hub.authorize_access_token()
            claims = hub.userinfo(token=token)
        except (OAuthError, JoseError):
            session.clear()
            return render_template("refused.html", portal=portal), 403
        wanted = session.pop("wanted", "/")
        session.clear()
        session["claims"] = dict(claims)
        session["sid"] = token["userinfo"]["sid"]
        session["id_token"] = token["id_token"]
        return redirect(wanted)

    @app.get("/")
    def home() -> ResponseReturnValue:
        claims = session["claims"]
        if portal.needs_role and portal.needs_role not in claims.get(ROLES, ()):
            return render_template("no_role.html", portal=portal, claims=claims), 403
        return render_template("home.html", portal=portal, claims=claims)

    @app.get("/alive")
    def alive() -> ResponseReturnValue:
        return {"portal": portal.client_id}


def _add_sign_out(app: Flask, hub: Any, ended: set[str], client_id: str) -> None:
    @app.post("/sign-out")
    def sign_out() -> ResponseReturnValue:
        hint = session.get("id_token")
        session.clear()
        metadata = hub.load_server_metadata()
        return redirect(
            _with_query(
                metadata["end_session_endpoint"],
                id_token_hint=hint,
                post_logout_redirect_uri=url_for("goodbye", _external=True),
                client_id=client_id,
            )
        )

    @app.get("/goodbye")
    def goodbye() -> ResponseReturnValue:
        return render_template("goodbye.html", portal=PORTALS[client_id])

    @app.post("/backchannel-logout")
    def backchannel_logout() -> ResponseReturnValue:
        try:
            sid = _logged_out_sid(hub, request.form.get("logout_token", ""), client_id)
        except (JoseError, ValueError):
            return {"error": "invalid_request"}, 400, {"Cache-Control": "no-store"}
        ended.add(sid)
        return "", 200, {"Cache-Control": "no-store"}


def _logged_out_sid(hub: Any, logout_token: str, client_id: str) -> str:
    """Return the session that a logout token ends (OpenID Connect Back-Channel Logout 2.6)."""
    metadata = hub.load_server_metadata()
    keys = KeySet.import_key_set(hub.fetch_jwk_set(force=True))
    claims = jwt.decode(logout_token, keys, algorithms=["RS256"]).claims
    jwt.JWTClaimsRegistry(
        now=int(time.time()),
        leeway=10,
        iss={"essential": True, "value": metadata["issuer"]},
        aud={"essential": True, "value": client_id},
        exp={"essential": True},
        sid={"essential": True},
    ).validate(claims)
    if LOGOUT_EVENT not in claims.get("events", {}) or "nonce" in claims:
        raise ValueError("not a logout token")
    return str(claims["sid"])


def _with_query(address: str, **parameters: str | None) -> str:
    return f"{address}?{urlencode({k: v for k, v in parameters.items() if v})}"
