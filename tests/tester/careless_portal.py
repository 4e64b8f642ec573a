"""A small portal that does everything right but for the one thing that it is careless about."""

import hashlib
import hmac
import json
import secrets
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import urlencode

import requests
from flask import Flask, Response, abort, g, make_response, redirect, request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

SESSION = "portal"
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LEEWAY = 60


class Refused(Exception):
    """The hub's answer is not believed."""


@dataclass
class Portal:
    """The portal's configuration and memory; ``careless`` names what it does not care about."""

    issuer: str
    client_id: str
    secret: str
    callback: str
    careless: Collection[str] = ()
    timeout: float | None = 2.0
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    attempts: dict[str, dict[str, Any]] = field(default_factory=dict)
    redeemed: dict[str, dict[str, Any]] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    keys: KeySet | None = None
    broken: bool = False

    def cares(self, about: str) -> bool:
        return about not in self.careless

    def app(self) -> Flask:
        app = Flask(__name__)
        app.before_request(self._find_session)
        app.after_request(self._send_session)
        app.register_error_handler(Refused, lambda _error: ("refused", 403))
        app.register_error_handler(requests.RequestException, lambda _error: ("the hub", 503))
        app.get("/")(self.home)
        app.get("/login")(self.login)
        app.get("/callback")(self.come_back)
        app.post("/logout")(self.log_out)
        return app

    # the portal's session, kept on the server

    def _find_session(self) -> None:
        g.id = request.cookies.get(SESSION, "")
        if g.id not in self.sessions:
            g.id = secrets.token_urlsafe()
            self.sessions[g.id] = {}

    def _send_session(self, answer: Response) -> Response:
        answer.set_cookie(
            SESSION,
            g.id,
            httponly=self.cares("HttpOnly"),
            samesite="Lax" if self.cares("SameSite") else None,
        )
        return answer

    @property
    def session(self) -> dict[str, Any]:
        return self.sessions[g.id]

    # pages

    def home(self) -> Any:
        claims = self.session.get("claims")
        if not claims or claims.get("sid") in self.ended:
            return "<h1>portal</h1><a href='/login'>sign in</a>"
        return f"<h1>portal</h1><p>Your own page</p><p>{escape(claims.get('name', ''))}</p>"

    def login(self) -> Any:
        made = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
        if not self.cares("fresh state"):
            made["state"] = "always-the-same"
        if not self.cares("fresh verifier and nonce"):
            made |= {"verifier": "v" * 43, "nonce": "n"}
        self.session["attempt"] = made | {"next": request.args.get("next", "/")}
        self.attempts[made["state"]] = self.session["attempt"]
        digest = hashlib.sha256(made["verifier"].encode()).digest()
        query = {
            "client_id": self.client_id,
            "response_type": "code",
            "scope": "openid profile email",
            "redirect_uri": self.callback,
            "state": made["state"],
            "nonce": made["nonce"],
            "code_challenge": urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        return redirect(f"{self.issuer}/oauth2/authorize?{urlencode(query)}")

    def come_back(self) -> Any:
        attempt = self._attempt()
        self._check_response(attempt)
        error = request.args.get("error")
        if error:
            return self._declined(error)
        claims = self._claims(attempt)
        self._check_person(claims)
        if self.cares("a new session"):
            if self.cares("one use"):
                del self.sessions[g.id]
            g.id = secrets.token_urlsafe()
        self.sessions[g.id] = {"claims": claims}
        if not self.cares("the code in the address"):
            return self.home()
        return redirect(self._onward(attempt["next"]))

    def _attempt(self) -> dict[str, Any]:
        if not self.cares("whose state it is"):
            return self.attempts[request.args["state"]]
        take = self.session.pop if self.cares("one use") else self.session.get
        found = take("attempt", None)
        if found is None:
            raise Refused
        return found

    def _check_response(self, attempt: dict[str, Any]) -> None:
        state, iss = request.args.get("state"), request.args.get("iss")
        if (state is None and self.cares("a missing state")) or (
            state not in {None, attempt["state"]} and self.cares("state")
        ):
            raise Refused
        if (iss is None and self.cares("a missing iss")) or (
            iss not in {None, self.issuer} and self.cares("iss")
        ):
            raise Refused

    def _declined(self, error: str) -> Any:
        if not self.cares(f"{error}: a page"):
            return redirect("/login")
        if not self.cares(f"{error}: no crash"):
            abort(500)
        answer = make_response(request.args.get("error_description", error))
        answer.mimetype = "text/plain" if self.cares("escaping") else "text/html"
        if self.cares("escaping"):
            answer.set_data("declined")
        return answer

    def _onward(self, wanted: str) -> str:
        is_own = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
        is_own = is_own and "\t" not in wanted
        return wanted if is_own or not self.cares("where next leads") else "/"

    # the hub's answers

    def _claims(self, attempt: dict[str, Any]) -> dict[str, Any]:
        code = request.args.get("code", "")
        if not self.cares("one use") and code in self.redeemed:
            return self.redeemed[code]
        tokens = self._tokens(code, attempt)
        claims = self._id_token(tokens, attempt)
        claims |= self._userinfo(tokens["access_token"], claims)
        self.redeemed[code] = claims
        return claims

    def _tokens(self, code: str, attempt: dict[str, Any]) -> dict[str, Any]:
        if self.broken:
            self.broken = False
            raise Refused
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.callback,
            "code_verifier": attempt["verifier"],
        }
        try:
            answer = requests.post(
                f"{self.issuer}/oauth2/token",
                data=fields,
                auth=(self.client_id, self.secret),
                timeout=self.timeout,
            )
        except requests.ConnectionError:
            self.broken = not self.cares("a closed connection")
            raise
        if answer.status_code >= 500:
            self.broken = not self.cares("503")
        if not answer.ok:
            raise Refused
        return answer.json()

    def _userinfo(self, access_token: str, known: dict[str, Any]) -> dict[str, Any]:
        bearer = {"Authorization": f"Bearer {access_token}"}
        address = f"{self.issuer}/oauth2/userinfo"
        found = requests.get(address, headers=bearer, timeout=self.timeout).json()
        same = str(found["sub"]) == str(known.get("sub", found["sub"]))
        if not self.cares("the case of sub"):
            same = str(found["sub"]).lower() == str(known["sub"]).lower()
        if not same and self.cares("whose userinfo it is"):
            raise Refused
        return found

    def _id_token(self, tokens: dict[str, Any], attempt: dict[str, Any]) -> dict[str, Any]:
        if "id_token" not in tokens:
            if self.cares("the ID token"):
                raise Refused
            return {}
        claims = self._signed(tokens["id_token"])
        nonce = claims.get("nonce")
        half = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
        right = {
            "iss": claims.get("iss") == self.issuer,
            "aud": claims.get("aud") in (self.client_id, [self.client_id]),
            "exp": claims.get("exp", 0) > time.time() - LEEWAY,
            "nonce": nonce in {None, attempt["nonce"]},
            "a missing nonce": nonce is not None,
            "a missing sub": bool(claims.get("sub")),
            "at_hash": claims.get("at_hash") in {None, _encode(half)},
        }
        if any(not is_right and self.cares(name) for name, is_right in right.items()):
            raise Refused
        return claims

    def _signed(self, token: str) -> dict[str, Any]:
        header, claims = (_part(token, number) for number in (0, 1))
        if header["alg"] == "none" and not self.cares("alg none"):
            return claims
        if header["alg"] == "HS256" and not self.cares("alg"):
            return self._by_public_key(token, claims)
        if header["alg"] == "ES256" and not self.cares("the signature"):
            return claims
        return self._verified(token)

    def _verified(self, token: str) -> dict[str, Any]:
        if self.keys is None or self.cares("new keys"):
            jwks = requests.get(f"{self.issuer}/oauth2/jwks", timeout=self.timeout).json()
            self.keys = KeySet.import_key_set(jwks)
        try:
            return jwt.decode(token, self.keys, algorithms=["ES256"]).claims
        except (JoseError, ValueError) as error:
            raise Refused from error

    def _by_public_key(self, token: str, claims: dict[str, Any]) -> dict[str, Any]:
        jwks = requests.get(f"{self.issuer}/oauth2/jwks", timeout=self.timeout).json()
        text, _, signature = token.rpartition(".")
        for key in KeySet.import_key_set(jwks).keys:
            made = hmac.digest(key.as_pem(private=False), text.encode(), "sha256")
            if _encode(made) == signature:
                return claims
        raise Refused

    def _check_person(self, claims: dict[str, Any]) -> None:
        name = claims.get("name", "")
        right = {
            "people without e-mail": "email" in claims,
            "people without a name": bool(name),
            "long names": len(name) <= 60,
            "ZWNJ": "\N{ZERO WIDTH NON-JOINER}" not in name,
        }
        if any(not is_right and not self.cares(whom) for whom, is_right in right.items()):
            raise Refused

    # back-channel logout

    def log_out(self) -> Any:
        if not self.cares("logout tokens"):
            return "", 200
        token = request.form["logout_token"]
        try:
            claims = self._logout_token(token)
        except Refused:
            return "", 400
        every = {known["claims"]["sid"] for known in self.sessions.values() if "claims" in known}
        self.ended |= {claims["sid"]} if self.cares("whose session ends") else every
        return "", 200

    def _logout_token(self, token: str) -> dict[str, Any]:
        alg = _part(token, 0)["alg"]
        careless = not self.cares("logout: alg none" if alg == "none" else "logout: the signature")
        claims = _part(token, 1) if careless else self._verified(token)
        right = {
            "logout: iss": claims.get("iss") == self.issuer,
            "logout: aud": claims.get("aud") in (self.client_id, [self.client_id]),
            "logout: exp": claims.get("exp", 0) > time.time() - LEEWAY,
            "logout: events": LOGOUT_EVENT in claims.get("events", {}),
            "logout: nonce": "nonce" not in claims,
        }
        if any(not is_right and self.cares(name) for name, is_right in right.items()):
            raise Refused
        return claims


def _part(token: str, number: int) -> dict[str, Any]:
    part = token.split(".")[number]
    return json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def _encode(plain: bytes) -> str:
    return urlsafe_b64encode(plain).rstrip(b"=").decode("ascii")
