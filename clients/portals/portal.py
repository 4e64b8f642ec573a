"""A sample portal (relying party) in one file: every page requires a sign-in at the hub.

Run it with ``python -m clients.portals insurance-records``; the hub's address, the client secret
and the port come from the environment (PORTAL_ISSUER, PORTAL_CLIENT_SECRET, PORTAL_PORT).
"""

import secrets
import time
from dataclasses import dataclass
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Flask, Response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from requests import RequestException

ROLES = "https://account.tamin.ir/claims/roles"
PHYSICIAN = "https://account.tamin.ir/claims/physician"
PROFESSIONS = {
    "general_practitioner": "پزشک عمومی",
    "specialist": "پزشک متخصص",
    "subspecialist": "پزشک فوق تخصص",
    "dentist": "دندانپزشک",
    "dental_specialist": "دندانپزشک متخصص",
    "pharmacist": "داروساز",
    "midwife": "ماما",
}
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
OPEN_ENDPOINTS = frozenset({"callback", "backchannel_logout", "goodbye", "static", "alive"})


@dataclass(frozen=True)
class Portal:
    """What differs between the sample portals."""

    client_id: str
    title: str
    scope: str
    needs_role: str | None = None


@dataclass(frozen=True)
class Deployment:
    """The hub that a portal uses, and the portal's secret there."""

    issuer: str
    client_secret: str
    leeway: int = 120
    """Seconds by which the hub's clock may differ from ours."""
    timeout: float = 10
    """Seconds to wait for an answer of the hub."""


PORTALS = {
    "my-portal": Portal(
        client_id="my-portal", title="سامانه من", scope="openid profile tamin.roles"
    ),
    "insurance-records": Portal(
        client_id="insurance-records",
        title="سوابق بیمه",
        scope="openid profile tamin.roles national_id",
        needs_role="insured",
    ),
    "electronic-copy": Portal(
        client_id="electronic-copy",
        title="نسخه الکترونیک",
        scope="openid profile phone tamin.assurance tamin.roles tamin.physician",
    ),
}


def create_portal(portal: Portal, deployment: Deployment) -> Flask:
    """Return the portal's app."""
    app = Flask(__name__)
    app.secret_key = secrets.token_bytes(32)
    # Cookies ignore ports: portals on one host need different cookie names.
    app.config["SESSION_COOKIE_NAME"] = portal.client_id.replace("-", "_")
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    app.context_processor(lambda: {"portal": portal})
    hub = OAuth(app).register(
        "hub",
        client_id=portal.client_id,
        client_secret=deployment.client_secret,
        server_metadata_url=f"{deployment.issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": portal.scope,
            "code_challenge_method": "S256",
            "default_timeout": deployment.timeout,
        },
    )
    ended: set[str] = set()  # sids of ended sessions, by back-channel logout
    _require_sign_in(app, hub, ended)
    _add_callback(app, hub, deployment)
    _add_pages(app, portal)
    _add_sign_out(app, hub)
    _add_backchannel_logout(app, hub, ended, deployment.leeway)
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

    @app.errorhandler(RequestException)
    def hub_is_away(_error: RequestException) -> ResponseReturnValue:
        return render_template("refused.html"), 503


class MixedUp(Exception):
    """Another issuer's response (RFC 9207), no ID token, or userinfo about another ``sub``."""


def _add_callback(app: Flask, hub: Any, deployment: Deployment) -> None:
    @app.get("/callback")
    def callback() -> ResponseReturnValue:
        try:
            token, claims = _who_came(hub, deployment)
        except (OAuthError, JoseError, MixedUp):
            session.clear()
            return render_template("refused.html"), 403
        wanted = session.pop("wanted", "/")
        session.clear()
        session["claims"] = claims
        session["sid"] = token["userinfo"]["sid"]
        session["id_token"] = token["id_token"]
        return redirect(wanted)


def _who_came(hub: Any, deployment: Deployment) -> tuple[dict[str, Any], dict[str, Any]]:
    if request.args.get("iss") != deployment.issuer:  # RFC 9207, section 2.4
        raise MixedUp
    # Authlib's client checks ``aud`` only when it is asked to (Core, section 3.1.3.7).
    expected = {
        "iss": {"essential": True, "value": deployment.issuer},
        "aud": {"essential": True, "value": hub.client_id},
    }
    token = hub.authorize_access_token(leeway=deployment.leeway, claims_options=expected)
    claims = hub.userinfo(token=token)
    # Without an ID token Authlib returns no ``userinfo``; ``sub``: Core, section 5.3.2.
    if "userinfo" not in token or claims["sub"] != token["userinfo"]["sub"]:
        raise MixedUp
    return token, dict(claims)


def _add_pages(app: Flask, portal: Portal) -> None:
    @app.get("/")
    def home() -> ResponseReturnValue:
        claims = session["claims"]
        if portal.needs_role and portal.needs_role not in claims.get(ROLES, ()):
            return render_template("no_role.html", claims=claims), 403
        physician = claims.get(PHYSICIAN)
        profession = physician and physician["profession"]
        return render_template(
            "home.html",
            claims=claims,
            physician=physician,
            profession=PROFESSIONS.get(profession, profession),
        )

    @app.get("/goodbye")
    def goodbye() -> ResponseReturnValue:
        return render_template("goodbye.html")

    @app.get("/alive")
    def alive() -> ResponseReturnValue:
        return {"portal": portal.client_id}


def _add_sign_out(app: Flask, hub: Any) -> None:
    @app.post("/sign-out")
    def sign_out() -> ResponseReturnValue:
        hint = session.get("id_token")
        session.clear()
        answer: Response = hub.logout_redirect(
            post_logout_redirect_uri=url_for("goodbye", _external=True),
            id_token_hint=hint,
            client_id=hub.client_id,
        )
        return answer


def _add_backchannel_logout(app: Flask, hub: Any, ended: set[str], leeway: int) -> None:
    @app.post("/backchannel-logout")
    def backchannel_logout() -> ResponseReturnValue:
        try:
            sid = _logged_out_sid(hub, request.form.get("logout_token", ""), leeway)
        except (JoseError, ValueError):
            return {"error": "invalid_request"}, 400, {"Cache-Control": "no-store"}
        ended.add(sid)
        return "", 200, {"Cache-Control": "no-store"}


def _logged_out_sid(hub: Any, logout_token: str, leeway: int) -> str:
    """Return the ``sid`` that a logout token ends (OpenID Connect Back-Channel Logout 2.6)."""
    metadata = hub.load_server_metadata()
    keys = KeySet.import_key_set(hub.fetch_jwk_set(force=True))
    claims = jwt.decode(logout_token, keys, algorithms=["RS256"]).claims
    jwt.JWTClaimsRegistry(
        now=int(time.time()),
        leeway=leeway,
        iss={"essential": True, "value": metadata["issuer"]},
        aud={"essential": True, "value": hub.client_id},
        exp={"essential": True},
        sid={"essential": True},
    ).validate(claims)
    if LOGOUT_EVENT not in claims.get("events", {}) or "nonce" in claims:
        raise ValueError("not a logout token")
    return str(claims["sid"])
