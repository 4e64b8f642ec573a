"""Everything that reads a signed token, and a good token for each."""

from collections.abc import Mapping
from typing import Any

from joserfc import jws

from tests.attack.forgeries import segment
from tests.attack.targets import END_SESSION, REVOKE, AtHub, told
from tests.protocol.hub import ASSERTION_TYPE, key_pair, read_claims
from tests.web.hub import ORIGIN

CLIENTS_KEY = key_pair("RSA", 7)
PUBLIC = {"keys": [{**CLIENTS_KEY.as_dict(private=False), "kid": "rsa"}]}
_RS256 = jws.JWSRegistry.algorithms["RS256"]


class Consumer:
    """A place that takes tokens; these are signed with the hub's key unless it says otherwise."""

    typ: str | None = "JWT"

    def __init__(self, hub: AtHub) -> None:
        self.hub = hub
        self.portal = hub.register("portal", jwks=PUBLIC)
        self.claims = self.good_claims()

    @property
    def key(self) -> Any:
        return self.hub.hub.deps.provider._provider.keys.signer("RS256").key

    @property
    def kid(self) -> str:
        return "key-RS256"

    def good_claims(self) -> Mapping[str, Any]:
        raise NotImplementedError

    def accepts(self, token: str) -> bool:
        """Return whether the token is believed; a failure of ours is no answer."""
        raise NotImplementedError

    def header(self, **changes: Any) -> dict[str, Any]:
        whole = {"alg": "RS256", "kid": self.kid, "typ": self.typ, **changes}
        return {name: value for name, value in whole.items() if value is not None}

    def sign(self, claims: Mapping[str, Any] | bytes, key: Any = None, **header: Any) -> str:
        """Sign with the right key unless another is given, whatever stands in the header."""
        signed = f"{segment(self.header(**header))}.{segment(claims)}"
        return f"{signed}.{segment(_RS256.sign(signed.encode(), key or self.key))}"


class AccessToken(Consumer):
    typ = "at+jwt"

    def good_claims(self):
        return read_claims(self.portal.obtain_tokens()["access_token"])

    def accepts(self, token):
        status = self.hub.userinfo(token).status_code
        assert status in {200, 401}, status
        return status == 200


class Hint(Consumer):
    def good_claims(self):
        return read_claims(self.portal.obtain_tokens()["id_token"])

    def accepts(self, token):
        answer = told(self.portal.ask(id_token_hint=token))
        assert answer in {"code", "invalid_request", "page 400"}, answer
        return answer == "code"


class SignOutHint(Hint):
    def accepts(self, token):
        status = self.hub.get(END_SESSION, id_token_hint=token).status_code
        assert status in {303, 400}, status
        return status == 303


class Assertion(Consumer):
    key, kid = CLIENTS_KEY, "rsa"

    def good_claims(self):
        given = {"jwks": PUBLIC, "token_endpoint_auth_method": "private_key_jwt"}
        self.hub.register("signer", **given)
        now = self.hub.now()
        named = {"iss": "signer", "sub": "signer", "aud": ORIGIN}
        return {**named, "iat": now, "exp": now + 60, "jti": "one"}

    def accepts(self, token):
        form = {"client_assertion": token, "client_assertion_type": ASSERTION_TYPE, "token": "x"}
        status = self.hub.post(REVOKE, {"client_id": "signer", **form}).status_code
        assert status in {200, 400, 401, 429}, status
        return status == 200


class RequestObject(Consumer):
    typ = "oauth-authz-req+jwt"
    key, kid = CLIENTS_KEY, "rsa"

    def good_claims(self):
        now = self.hub.now()
        return {**self.portal.request(), "iss": "portal", "aud": ORIGIN, "exp": now + 60}

    def accepts(self, token):
        answer = told(self.portal.ask(request=token))
        refused = {"invalid_request_object", "invalid_request", "request_not_supported", "page 400"}
        assert answer in {"code", *refused}, answer
        return answer == "code"


CONSUMERS = (AccessToken, Hint, SignOutHint, Assertion, RequestObject)
OF_THE_HUB = (AccessToken, Hint, SignOutHint)
