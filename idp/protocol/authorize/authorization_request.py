"""The authorization request; the order of its checks decides whether an error is redirected."""

import re
from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import urlsplit

from idp.domain.authorization.interaction import CREATE, AuthorizationContext
from idp.domain.clients.client import Client
from idp.domain.clients.response_types import CODE, ID_TOKEN, in_order, is_front_channel
from idp.domain.clients.scopes import OFFLINE_ACCESS, OPENID
from idp.domain.sign_in.session import ACR_VALUES
from idp.domain.wire import words
from idp.protocol.authorize.authorization_response import FRAGMENT, QUERY, RESPONSE_MODES
from idp.protocol.authorize.id_token_hint import read_hint
from idp.protocol.core import claims as claim_names
from idp.protocol.core import granted_scopes
from idp.protocol.core.errors import Redirected, ResponseTarget, Shown
from idp.protocol.core.provider_context import ProviderContext
from idp.protocol.core.refusal_notes import note_unregistered
from idp.protocol.core.request_parameters import Parameters
from idp.protocol.jose.json_text import NotJson, read_object
from idp.protocol.jose.jws import BadToken
from idp.protocol.token.resources import NOT_IN_FILE, may_ask_for

CODE_CHALLENGE_METHODS = ("S256",)
PROMPTS = ("none", "login", "consent", "select_account", CREATE)
NOT_SUPPORTED = {
    "registration": "registration_not_supported",
}
KNOWN = frozenset(
    {
        "client_id",
        "redirect_uri",
        "response_type",
        "response_mode",
        "scope",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
        "prompt",
        "max_age",
        "claims",
        "id_token_hint",
        "login_hint",
        "acr_values",
        "ui_locales",
        "resource",
        "request",
        "request_uri",
        *NOT_SUPPORTED,
    }
)
MAX_NONCE = 1024
MAX_LOCALES = 10
_S256_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_MAX_AGE = re.compile(r"[0-9]{1,9}")


class Checks:
    """Checks that follow client and redirect URI; every failure is redirected to the portal."""

    def __init__(
        self,
        provider: ProviderContext,
        client: Client,
        target: ResponseTarget,
        parameters: Parameters,
    ) -> None:
        self._provider = provider
        self._client = client
        self._target = target
        self._given = parameters

    def context(self) -> AuthorizationContext:
        """Return the checked request. Raises Redirected."""
        self._check_supported()
        response_type = self._response_type()
        claims = self._claims()
        return AuthorizationContext(
            client_id=self._client.client_id,
            redirect_uri=self._target.redirect.uri,
            response_mode=self._target.mode,
            response_type=response_type,
            scopes=self._scopes(response_type),
            arrived_at=self._provider.clock(),
            code_challenge=self._challenge() if CODE in words(response_type) else None,
            state=self._target.state,
            nonce=self._nonce(response_type),
            prompt=self._prompt(),
            max_age=self._max_age(),
            acr_values=(*_asked_acr(claims), *self._words("acr_values")),
            essential_acr=self._essential_acr(claims),
            login_hint=self._given.find("login_hint"),
            subject_hints=self._subject_hints(claims),
            ui_locales=self._words("ui_locales")[:MAX_LOCALES],
            requested_claims=_only_known(claims),
            resources=self._resources(),
        )

    def _refuse(self, error: str, description: str = "") -> NoReturn:
        raise Redirected(self._target, error, description)

    def _words(self, name: str) -> tuple[str, ...]:
        return words(self._given.find(name) or "")

    def _check_supported(self) -> None:
        mode = self._given.find("response_mode")
        if mode not in {None, *RESPONSE_MODES}:
            self._refuse("invalid_request", "response_mode is not one that the hub knows")
        if mode not in {None, self._target.mode} and is_for_app(self._target.redirect.uri):
            self._refuse("invalid_request", "response_mode must be query for an address of an app")
        for name, error in NOT_SUPPORTED.items():
            if self._given.find(name) is not None:
                self._refuse(error)

    def _response_type(self) -> str:
        """Return a type that is on and the client is registered for (RFC 6749 4.1.2.1, 4.2.2.1)."""
        given = self._given.find("response_type")
        if given is None:
            self._refuse("invalid_request", "response_type is missing")
        asked = in_order(given)
        if asked not in self._provider.features.response_types:
            self._refuse(
                "unsupported_response_type", "response_type is not one that the hub offers"
            )
        if asked not in self._client.response_types:
            self._refuse("unauthorized_client", "response_type is not in the client's file")
        if is_front_channel(asked) and self._given.find("response_mode") == QUERY:
            self._refuse("invalid_request", "tokens may not be sent in the query")
        return asked

    def _scopes(self, response_type: str) -> tuple[str, ...]:
        """Return the least of file and request; ``openid`` is needed (OIDC Core 3.1.2.1)."""
        asked = dict.fromkeys(self._words("scope"))
        if OPENID not in asked:
            self._refuse("invalid_scope", "scope must contain openid")
        has_code = CODE in words(response_type)
        offers_refresh = has_code and "refresh_token" in self._client.grant_types
        if OFFLINE_ACCESS in asked and not offers_refresh:
            del asked[OFFLINE_ACCESS]  # to be ignored: OIDC Core 11
            granted_scopes.note_offline_access(self._client)
        return granted_scopes.of_citizens(self._client, asked)

    def _challenge(self) -> str | None:
        """Return the S256 challenge, mandatory (RFC 9700 2.1.1, OAuth 2.1 7.5; attacks C08, C11).

        Except for clients with a credential, when both settings and registration allow it.
        """
        challenge = self._given.find("code_challenge")
        if challenge is None and self._may_go_without_pkce():
            return None
        if challenge is None:
            self._refuse("invalid_request", "code_challenge is missing")
        if self._given.find("code_challenge_method") not in CODE_CHALLENGE_METHODS:
            self._refuse("invalid_request", "code_challenge_method must be S256")
        if not _S256_CHALLENGE.fullmatch(challenge):
            self._refuse("invalid_request", "code_challenge must be 43 characters of base64url")
        return challenge

    def _may_go_without_pkce(self) -> bool:
        features = self._provider.features
        is_let = features.without_pkce and (features.suite or not self._client.require_pkce)
        has_method = self._given.find("code_challenge_method") is not None
        return is_let and not self._client.is_public and not has_method

    def _nonce(self, response_type: str) -> str | None:
        """Return the nonce; a front-channel ID token needs one (OIDC Core 3.2.2.1, 3.3.2.11)."""
        nonce = self._given.find("nonce")
        if nonce is None and ID_TOKEN in words(response_type):
            self._refuse("invalid_request", "nonce is missing")
        if nonce is not None and len(nonce) > MAX_NONCE:
            self._refuse("invalid_request", "nonce is too long")
        return nonce

    def _prompt(self) -> frozenset[str]:
        """Return ``prompt``; ``none`` must stand alone (OIDC Core 3.1.2.1, Prompt Create 1.0)."""
        prompt = frozenset(self._words("prompt"))
        if not prompt <= set(PROMPTS):
            self._refuse("invalid_request", "prompt has an unknown value")
        if "none" in prompt and len(prompt) > 1:
            self._refuse("invalid_request", "prompt none excludes the others")
        return prompt

    def _max_age(self) -> int | None:
        text = self._given.find("max_age")
        if text is None:
            return None
        if not _MAX_AGE.fullmatch(text):
            self._refuse("invalid_request", "max_age must be a number of seconds")
        return int(text)

    def _claims(self) -> dict[str, dict[str, Any]]:
        """Return ``claims``; each member must be null or an object (OIDC Core 5.5; attack D04)."""
        text = self._given.find("claims")
        if text is None:
            return {}
        try:
            request = read_object(text)
        except NotJson:
            self._refuse("invalid_request", "claims is not a JSON object")
        given: dict[str, Any] = {place: request.get(place) for place in ("userinfo", "id_token")}
        parts = {place: {} if part is None else part for place, part in given.items()}
        for members in parts.values():
            if not isinstance(members, dict) or not all(
                member is None or isinstance(member, dict) for member in members.values()
            ):
                self._refuse("invalid_request", "claims has members of a wrong type")
        return parts

    def _essential_acr(self, claims: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
        """Return the supported essential values; refuse when there is none (OIDC Core 5.5.1.1)."""
        if (claims.get("id_token", {}).get("acr") or {}).get("essential") is not True:
            return ()
        asked = _asked_acr(claims)
        reachable = tuple(value for value in asked if value in ACR_VALUES)
        if asked and not reachable:
            self._refuse("unmet_authentication_requirements")
        return reachable

    def _subject_hints(self, claims: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
        """Return the subjects that both ``id_token_hint`` and ``claims`` name (OIDC Core 5.5.1)."""
        wishes = [self._asked_subjects(members.get("sub")) for members in claims.values()]
        token = self._given.find("id_token_hint")
        if token is not None:
            wishes.append({self._hinted(token)})
        named = [wish for wish in wishes if wish is not None]
        if not named:
            return ()
        common = set.intersection(*named)
        if not common:
            self._refuse("invalid_request", "nobody is all that id_token_hint and claims name")
        return tuple(sorted(common))

    def _asked_subjects(self, member: Mapping[str, Any] | None) -> set[str] | None:
        if member is None or not member.keys() & {"value", "values"}:
            return None
        values = member.get("values", [member.get("value")])
        if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
            self._refuse("invalid_request", "claims asks for a sub that is no text")
        return set(values)

    def _hinted(self, token: str) -> str:
        try:
            hint = read_hint(self._provider, token)
        except BadToken:
            self._refuse("invalid_request", "id_token_hint is not an ID token of this issuer")
        if hint.client_id != self._client.client_id:
            self._refuse("invalid_request", "id_token_hint was made for another client")
        return hint.subject

    def _resources(self) -> tuple[str, ...]:
        """Return the resources; the client must be registered for each (RFC 8707 2)."""
        asked = tuple(dict.fromkeys(self._given.all("resource")))
        if not may_ask_for(self._provider.issuer, self._client, asked):
            self._refuse("invalid_target", NOT_IN_FILE)
        return asked


def find_target(client: Client, parameters: Parameters) -> ResponseTarget:
    """Return where the response goes; later errors may be redirected there. Raises Shown.

    Source: RFC 6749 4.1.2.1, OIDC Core 3.1.2.1; attacks R01 to R09.
    """
    uri = parameters.find("redirect_uri")
    received = {"client_id": client.client_id, "redirect_uri": uri or ""}
    if uri is None:
        raise Shown("redirect_uri_missing", detail="redirect_uri", received=received)
    redirect = client.match_redirect(uri)
    if redirect is None:
        note_unregistered(uri)
        raise Shown("redirect_uri_not_registered", detail="redirect_uri", received=received)
    silent = "none" in words(parameters.find("prompt") or "")
    mode = _mode(uri, parameters)
    return ResponseTarget(client, redirect, mode, parameters.find("state"), silent)


def refuse_broken(client: Client, parameters: Parameters) -> None:
    """Tell the client of a parameter that cannot be read, by redirect if its address is right.

    Raises:
        Redirected: to a registered ``redirect_uri``.
        Shown: ``redirect_uri`` itself is broken, missing or not registered.

    Source: RFC 6749 4.1.2.1, OIDC Core 3.1.2.2.
    """
    if not parameters.broken:
        return
    why = parameters.broken.get("redirect_uri") or next(iter(parameters.broken.values()))
    if parameters.find("redirect_uri") is None:
        raise Shown("invalid_request", detail=why, received={"client_id": client.client_id})
    raise Redirected(find_target(client, parameters), "invalid_request", why)


def is_for_app(uri: str) -> bool:
    """Return whether the address has a private-use scheme, which takes a query alone."""
    return urlsplit(uri).scheme not in {"https", "http"}


def _mode(uri: str, parameters: Parameters) -> str:
    """Return how the response travels; an unknown or unfit wish is refused by the usual mode.

    Source: Multiple Response Types 2.1: tokens, and errors in their place, never in the query.
    """
    fragment = is_front_channel(parameters.find("response_type") or CODE)
    usual = FRAGMENT if fragment else QUERY
    asked = parameters.find("response_mode") or usual
    is_fit = asked in RESPONSE_MODES and not (fragment and asked == QUERY)
    if is_for_app(uri):
        if fragment:
            raise Shown("invalid_request", detail="response_type")
        return QUERY
    return asked if is_fit else usual


def _asked_acr(claims: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the values of ``claims.id_token.acr``, used as ``acr_values`` (OIDC Core 5.5.1.1)."""
    member = claims.get("id_token", {}).get("acr") or {}
    values = member.get("values", [member.get("value")])
    if not isinstance(values, list):
        return ()
    return tuple(value for value in values if isinstance(value, str))


def _only_known(claims: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Keep the names of claims that the hub can release; ignore the others (OIDC Core 5.5).

    This also keeps the authorization code short.
    """
    return {
        place: {name: None for name in members if name in claim_names.REQUESTABLE}
        for place, members in claims.items()
    }
