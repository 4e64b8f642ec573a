"""A sample API (resource server) in one file: it takes access tokens of the hub (RFC 9068).

Two ways to check a token, side by side: by the hub's keys, without a request to the hub, as the
most do; and by introspection (RFC 7662), which also knows that a citizen has signed out since.
"""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import requests
from flask import Flask, Response, request
from flask.typing import ResponseReturnValue
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
KEEP_KEYS_SECONDS = 3600
LOOK_AGAIN_SECONDS = 60
TYPE = "at+jwt"
TIMEOUT_SECONDS = 10


@dataclass(frozen=True)
class Api:
    """Where the API runs, its own name, and what it is at the hub."""

    issuer: str
    audience: str
    client_id: str
    client_secret: str
    page: str
    """The origin of the page whose scripts may read the answers (CORS)."""
    leeway: int = 120
    """Seconds by which the hub's clock may differ from ours."""


class Refused(Exception):
    """The token is missing, or may not be used here."""


class HubKeys:
    """The hub's public keys, fetched again when they are old.

    For an unknown key they are fetched at most once a minute: everybody can name one.
    """

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer
        self._keys: KeySet | None = None
        self._fetched_at = 0.0
        self._forgotten_at = -math.inf

    def current(self) -> KeySet:
        """Return the keys."""
        if self._keys is None or time.monotonic() - self._fetched_at > KEEP_KEYS_SECONDS:
            metadata = _get(f"{self._issuer}/.well-known/openid-configuration")
            self._keys = KeySet.import_key_set(_get(metadata["jwks_uri"]))
            self._fetched_at = time.monotonic()
        return self._keys

    def forget(self) -> None:
        """Fetch the keys at the next use: the hub may have rotated them."""
        if time.monotonic() - self._forgotten_at > LOOK_AGAIN_SECONDS:
            self._keys, self._forgotten_at = None, time.monotonic()


def create_api(api: Api) -> Flask:
    """Return the API's app."""
    app = Flask(__name__)
    keys = HubKeys(api.issuer)

    @app.get("/contributions")
    def contributions() -> ResponseReturnValue:
        return _record_of(_checked(api, keys, _bearer())["sub"])

    @app.get("/contributions/certificate")
    def certificate() -> ResponseReturnValue:
        claims = _checked(api, keys, _bearer())
        if not _is_active(api, _bearer()):
            raise Refused("the token was revoked")
        return {**_record_of(claims["sub"]), "certified": True}

    @app.get("/alive")
    def alive() -> ResponseReturnValue:
        return {"api": api.client_id}

    @app.errorhandler(Refused)
    def refuse(why: Refused) -> ResponseReturnValue:
        challenge = (
            f'Bearer realm="contributions", error="invalid_token", error_description="{why}"'
        )
        return {"error": "invalid_token"}, 401, {"WWW-Authenticate": challenge}

    @app.errorhandler(requests.RequestException)
    def hub_is_away(_error: requests.RequestException) -> ResponseReturnValue:
        return {"error": "temporarily_unavailable"}, 503

    @app.after_request
    def allow_the_page(response: Response) -> Response:
        response.headers["Access-Control-Allow-Origin"] = api.page
        response.headers["Access-Control-Allow-Headers"] = "Authorization"
        response.headers["Cache-Control"] = "no-store"
        return response

    return app


def _bearer() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Refused("no access token was sent")
    return token


def _checked(api: Api, keys: HubKeys, token: str) -> Mapping[str, Any]:
    """Return the claims of a token that the hub made for this API (RFC 9068 4)."""
    try:
        found = _decoded(keys, token)
        if found.header.get("typ") != TYPE:
            raise Refused("it is no access token")
        jwt.JWTClaimsRegistry(
            now=int(time.time()),
            leeway=api.leeway,
            iss={"essential": True, "value": api.issuer},
            aud={"essential": True, "value": api.audience},
            exp={"essential": True},
            sub={"essential": True},
        ).validate(found.claims)
    except (JoseError, ValueError) as error:
        raise Refused(type(error).__name__) from error
    return found.claims


def _decoded(keys: HubKeys, token: str) -> jwt.Token:
    try:
        return jwt.decode(token, keys.current(), algorithms=ALGORITHMS)
    except InvalidKeyIdError:  # the hub has a new key
        keys.forget()
        return jwt.decode(token, keys.current(), algorithms=ALGORITHMS)


def _is_active(api: Api, token: str) -> bool:
    metadata = _get(f"{api.issuer}/.well-known/openid-configuration")
    answer = requests.post(
        metadata["introspection_endpoint"],
        data={"token": token},
        auth=(api.client_id, api.client_secret),
        timeout=TIMEOUT_SECONDS,
    )
    answer.raise_for_status()
    return bool(answer.json()["active"])


def _record_of(subject: str) -> dict[str, Any]:
    """Return an invented record: a real API looks it up by ``sub``, the citizen's id for it."""
    months = 12 + int(sha256(subject.encode()).hexdigest()[:4], 16) % 300
    return {"months": months, "monthly_pension_rial": months * 1_150_000}


def _get(address: str) -> Any:
    answer = requests.get(address, timeout=TIMEOUT_SECONDS)
    answer.raise_for_status()
    return answer.json()
