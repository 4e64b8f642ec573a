"""The provider on a real store, and a portal that uses it without a browser."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from idp.domain.clients.client import Client, ClientAuthMethod, ClientSecret
from idp.domain.sign_in.session import Session
from idp.ports import FetchRefused, KeyStoreError, SigningDevice, SigningKeyFile
from idp.protocol.core import endpoints
from idp.protocol.core.features import Features
from idp.protocol.core.provider_context import ProviderContext
from idp.protocol.core.replies import Empty, GoTo, Json, Redirect, Reply
from idp.protocol.core.requests import ProtocolRequest
from idp.protocol.provider import Provider
from idp.services.clients.invite_clients import InviteClients
from tests import factories, fakes
from tests.fakes import NOON, FixedClock

ISSUER = "https://account.tamin.ir"
BROWSER = "browser-one"
SECRET = "s" * 43
VERIFIER = "v" * 50
CALLBACK = "https://portal.example/callback"
FORM = "application/x-www-form-urlencoded"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def challenge_of(verifier: str) -> str:
    return base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


@cache
def key_pair(kind: str, number: int = 0) -> RSAKey | ECKey | OKPKey:
    """Return a key made once a process; ``number`` tells several of a kind apart."""
    if kind == "ES256":
        return ECKey.generate_key("P-256")
    if kind == "EdDSA":
        return OKPKey.generate_key("Ed25519")
    return RSAKey.generate_key(2048)


class MemoryKeys:
    """A key store without files; breaks when told so."""

    device: SigningDevice | None = None

    def __init__(self, *algorithms: str) -> None:
        self.files: dict[str, SigningKeyFile] = {}
        self.is_broken = False
        self._changes = 0
        for alg in algorithms:
            self.write(signing_key(alg))

    def load(self) -> list[SigningKeyFile]:
        if self.is_broken:
            raise KeyStoreError("made so by a test")
        return list(self.files.values())

    def write(self, key: SigningKeyFile) -> None:
        self.files[key.kid] = key
        self._changes += 1

    def remove(self, kid: str) -> None:
        self.files.pop(kid, None)

    def version(self) -> str:
        return f"{self._changes}{self.is_broken}"


def signing_key(alg: str, state: str = "active") -> SigningKeyFile:
    jwk = key_pair(alg if alg in {"ES256", "EdDSA"} else "RSA").as_dict(private=True)
    return SigningKeyFile(f"key-{alg}", alg, state, NOON, NOON, None, jwk)


class Web:
    """The fetcher with a web of its own: address to content."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.posted: list[tuple[str, Mapping[str, str]]] = []

    def get(self, url: str, *, media_types: frozenset[str]) -> bytes:
        self.asked.append(url)
        if url not in self.pages:
            raise FetchRefused(url)
        return self.pages[url]

    def post_form(self, url: str, form: Mapping[str, str]) -> int:
        self.posted.append((url, form))
        return 200


def sign(claims: Mapping[str, Any], key: Any, alg: str = "RS256", **header: Any) -> str:
    """Return a JWS as a stranger would make it."""
    whole = {name: value for name, value in {"alg": alg, **header}.items() if value is not None}
    registry = jws.JWSRegistry(algorithms=[alg], strict_check_header=False)
    return jws.serialize_compact(whole, json.dumps(claims).encode(), key, registry=registry)


def read_claims(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


def read_header(token: str) -> dict[str, Any]:
    head = token.partition(".")[0]
    return json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))


@dataclass
class Hub:
    """A provider with its clock, its keys and its rows."""

    at: ProviderContext
    provider: Provider
    clock: FixedClock
    web: Web
    key_store: MemoryKeys
    session: Session = field(default_factory=factories.session)

    def register(self, **changes: Any) -> "Portal":
        """Register a first-party portal that may do everything; ``changes`` as in the factory."""
        digest = self.at.vault.digest(SECRET, purpose="client_secret")
        values: dict[str, Any] = {
            "first_party": True,
            "secrets": (ClientSecret(digest, NOON),),
            "scopes": frozenset(
                {
                    *("openid", "profile", "email", "phone", "address", "offline_access"),
                    *("national_id", "tamin.assurance", "tamin.roles"),
                }
            ),
            "post_logout_redirect_uris": ("https://portal.example/goodbye",),
            **changes,
        }
        client = factories.client(values.pop("client_id", "portal"), **values)
        self.save(client)
        return Portal(self, client)

    def switch_on(self, **features: Any) -> None:
        """Go on as a hub whose settings switch ``features`` on."""
        self.at = replace(self.at, features=Features(**features))
        self.provider = Provider(self.at)

    def save(self, client: Client) -> None:
        with self.at.begin() as work:
            factories.put_client(work, client)

    def account(self, **changes: Any) -> None:
        """Change the account of the session."""
        with self.at.begin() as work:
            account = work.accounts.find(self.session.account_id)
            assert account is not None
            work.accounts.save(replace(account, **changes))

    def sign_in(self, session_id: str = "session-1", **changes: Any) -> Session:
        """Open another session and return it."""
        session = factories.session(session_id, **changes)
        with self.at.begin() as work:
            work.sessions.add(session, f"token-of-{session_id}")
        return session

    def post(self, path: str, form: Any, headers: Mapping[str, str] | None = None) -> Any:
        """POST a form to a machine endpoint; ``form`` is a mapping or raw bytes."""
        body = form if isinstance(form, bytes) else encode(form)
        request = ProtocolRequest(
            method="POST", path=path, body=body, headers=headers or {}, content_type=FORM
        )
        views = {
            endpoints.TOKEN: self.provider.token,
            endpoints.REVOKE: self.provider.revoke,
            endpoints.INTROSPECT: self.provider.introspect,
        }
        return views[path](request)

    def invite(self, uses: int = 1) -> str:
        """Return an initial access token."""
        service = InviteClients(kernel=fakes.kernel_of(self.at))
        lasts = timedelta(days=7)
        return service.invite("a portal", lasts=lasts, uses=uses, officer="o-17").token

    def register_itself(self, metadata: Any, token: str | None = None) -> Json:
        """POST ``metadata`` (a mapping or raw bytes) to the registration endpoint."""
        return self.provider.register(json_request("POST", endpoints.REGISTER, metadata, token))

    def manage(
        self, method: str, client_id: str, token: str | None, metadata: Any = b""
    ) -> Json | Empty:
        """Send a request to a client's own address."""
        path = f"{endpoints.REGISTER}/{client_id}"
        request = json_request(method, path, metadata, token)
        return self.provider.manage_registration(request, client_id)

    def userinfo(self, access_token: str, scheme: str = "Bearer") -> Json:
        headers = {"authorization": f"{scheme} {access_token}"}
        return self.provider.userinfo(
            ProtocolRequest(method="GET", path=endpoints.USERINFO, headers=headers)
        )

    def provider_keys(self) -> list[Any]:
        """Return the published keys."""
        return json.loads(self.provider.jwks().content)["keys"]

    def move(self, **span: float) -> None:
        self.clock.move(timedelta(**span))


def json_request(method: str, path: str, content: Any, token: str | None) -> ProtocolRequest:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return ProtocolRequest(
        method=method, path=path, body=body, headers=headers, content_type="application/json"
    )


def encode(form: Mapping[str, Any]) -> bytes:
    given = {name: value for name, value in form.items() if value is not None}
    return urlencode(given, doseq=True, quote_via=quote).encode()


@dataclass
class Portal:
    """A relying party."""

    hub: Hub
    client: Client

    @property
    def client_id(self) -> str:
        return self.client.client_id

    def change(self, **changes: Any) -> None:
        """Change the registration."""
        self.client = replace(self.client, **changes)
        self.hub.save(self.client)

    def request(self, **changes: Any) -> dict[str, Any]:
        """Return the parameters of a good request; None leaves one out."""
        return {
            "client_id": self.client_id,
            "redirect_uri": self.client.redirect_uris[0],
            "response_type": "code",
            "scope": "openid profile",
            "state": "the-state",
            "nonce": "the-nonce",
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
            **changes,
        }

    def authorize(self, session: Session | str | None = "own", **changes: Any) -> Reply:
        query = encode(self.request(**changes))
        return self.authorize_raw(query, session)

    def authorize_raw(self, query: bytes, session: Session | str | None = "own") -> Reply:
        signed_in = self.hub.session if isinstance(session, str) else session
        request = ProtocolRequest(method="GET", path=endpoints.AUTHORIZE, query=query)
        return self.hub.provider.authorize(request, BROWSER, signed_in)

    def obtain_code(self, **changes: Any) -> str:
        return response_of(self.authorize(**changes))["code"]

    def redeem(self, code: str, **changes: Any) -> Json:
        return self.token(
            grant_type="authorization_code",
            code=code,
            redirect_uri=changes.pop("redirect_uri", self.client.redirect_uris[0]),
            code_verifier=changes.pop("code_verifier", VERIFIER),
            **changes,
        )

    def refresh(self, refresh_token: str, **changes: Any) -> Json:
        return self.token(grant_type="refresh_token", refresh_token=refresh_token, **changes)

    def token(self, headers: Mapping[str, str] | None = None, **form: Any) -> Json:
        if headers is None:
            headers, form = self.credentials(form)
        return self.hub.post(endpoints.TOKEN, form, headers)

    def obtain_tokens(self, **changes: Any) -> dict[str, Any]:
        reply = self.redeem(self.obtain_code(**changes))
        assert reply.status == 200, reply.body
        return dict(reply.body)

    def obtain_offline(self) -> dict[str, Any]:
        return self.obtain_tokens(scope="openid profile offline_access")

    def revoke(self, token: str, **form: Any) -> Json | Empty:
        headers, whole = self.credentials({"token": token, **form})
        return self.hub.post(endpoints.REVOKE, whole, headers)

    def introspect(self, token: str, **form: Any) -> Json:
        headers, whole = self.credentials({"token": token, **form})
        return self.hub.post(endpoints.INTROSPECT, whole, headers)

    def credentials(self, form: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, Any]]:
        """Return headers and form with this client's own way to prove itself."""
        if self.client.auth_method is ClientAuthMethod.BASIC:
            return {"authorization": basic(self.client_id, SECRET)}, dict(form)
        return {}, {"client_id": self.client_id, **form}


def basic(client_id: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


def fragment_of(reply: Reply) -> dict[str, str]:
    """Return the parameters of a redirect's fragment; its query has none."""
    assert isinstance(reply, Redirect), reply
    parts = urlsplit(reply.uri)
    assert not parts.query
    return {name: values[0] for name, values in parse_qs(parts.fragment).items()}


def response_of(reply: Reply) -> dict[str, str]:
    """Return the parameters of a redirect's query."""
    assert isinstance(reply, Redirect), reply
    return {name: values[0] for name, values in parse_qs(urlsplit(reply.uri).query).items()}


def error_of(reply: Reply) -> str | None:
    return response_of(reply).get("error")


def step_of(reply: Reply) -> str:
    """Return the page that the reply leads to."""
    assert isinstance(reply, GoTo), reply
    return reply.step.value
