"""What is attacked: a server behind HTTP, with one citizen signed in and the portals of a test.

``AtHub`` and ``AtNaive`` differ in how a client and a session come into being; every request after
that is the same one.
"""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from threading import Barrier
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from joserfc.jwk import RSAKey
from werkzeug.test import TestResponse

from idp.domain.clients.client import SECRET_PURPOSE, Client, ClientSecret
from idp.domain.clients.metadata import parse_client
from idp.services.clients.invite_clients import InviteClients
from idp.services.sign_in.sessions import Proof
from tests import factories, fakes
from tests.attack import naive
from tests.fakes import NOON
from tests.protocol.hub import VERIFIER, basic, challenge_of, encode, key_pair, sign
from tests.web.hub import ORIGIN, Hub

AUTHORIZE, TOKEN, USERINFO = "/oauth2/authorize", "/oauth2/token", "/oauth2/userinfo"
REVOKE, INTROSPECT, REGISTER = "/oauth2/revoke", "/oauth2/introspect", "/oauth2/register"
END_SESSION = "/oauth2/end_session"
CALLBACK = "https://portal.example/callback"
GOODBYE = "https://portal.example/goodbye"
SECRET = "s" * 43
FORM = "application/x-www-form-urlencoded"
METADATA: Mapping[str, Any] = {
    "redirect_uris": [CALLBACK],
    "post_logout_redirect_uris": [GOODBYE],
    "grant_types": ["authorization_code", "refresh_token"],
    "response_types": ["code"],
    "token_endpoint_auth_method": "client_secret_basic",
    "scope": ["openid", "profile", "offline_access"],
}
AT_ONCE = 16


def told(answer: TestResponse) -> str:
    """Return in a word what an answer tells: ``tokens``, ``code``, an error, ``page 400``."""
    if answer.status_code >= 500:
        return str(answer.status_code)
    if answer.location is not None:
        return _told_by_redirect(answer.location)
    if answer.mimetype == "application/json":
        body = answer.get_json()
        return body.get("error") or ("tokens" if "access_token" in body else "ok")
    return f"page {answer.status_code}"


def _told_by_redirect(location: str) -> str:
    parameters = parameters_of(location)
    if "error" in parameters:
        return parameters["error"]
    return "code" if "code" in parameters else "elsewhere"


def parameters_of(location: str) -> dict[str, str]:
    """Return the parameters in query and fragment of an address."""
    parts = urlsplit(location)
    return dict(parse_qsl(parts.query) + parse_qsl(parts.fragment))


def at_once(do: Callable[[], TestResponse], times: int = AT_ONCE) -> list[TestResponse]:
    """Do the same from several threads that start together."""
    start = Barrier(times)

    def wait_and_do(_: int) -> TestResponse:
        start.wait()
        return do()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(wait_and_do, range(times)))


def numbered_key(kid: str, number: int) -> RSAKey:
    return RSAKey.import_key({**key_pair("RSA", number).as_dict(private=True), "kid": kid})


@dataclass
class Target:
    """A server; ``citizen`` is a browser with a session, ``stranger`` one without."""

    app: Flask
    citizen: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.citizen = self.app.test_client()

    @property
    def stranger(self) -> FlaskClient:
        return self.app.test_client()

    def register(self, client_id: str = "portal", **metadata: Any) -> "Portal":
        """Register a client; ``metadata`` by the names of RFC 7591."""
        whole = {**METADATA, **metadata}
        self.save(client_id, whole)
        method = whole["token_endpoint_auth_method"]
        return Portal(self, client_id, whole["redirect_uris"][0], method)

    def save(self, client_id: str, metadata: dict[str, Any]) -> None:
        raise NotImplementedError

    def sign(self, claims: Mapping[str, Any], **header: Any) -> str:
        """Return a token signed with the server's own key."""
        raise NotImplementedError

    def later(self, **span: float) -> None:
        """Let time pass."""

    def rotate(self) -> None:
        """Let another key sign from now on, and take the old one back."""
        raise NotImplementedError

    def now(self) -> int:
        """Return the time by the server's clock."""
        return int(time.time())

    def forget_secret(self, client_id: str) -> None:
        """Take the client's secret away."""
        raise NotImplementedError

    def ask(self, query: str, browser: FlaskClient | None = None) -> TestResponse:
        """Send an authorization request; the citizen allows what is asked."""
        return (browser or self.citizen).get(f"{AUTHORIZE}?{query}", base_url=ORIGIN)

    def post(
        self,
        path: str,
        form: Mapping[str, Any] | bytes | str,
        headers: Mapping[str, str] | None = None,
    ) -> TestResponse:
        """POST a form as a program does: without cookies."""
        body = encode(form) if isinstance(form, Mapping) else form
        return self.stranger.post(
            path, data=body, content_type=FORM, base_url=ORIGIN, headers=headers
        )

    def get(
        self, path: str, headers: Mapping[str, str] | None = None, **query: str
    ) -> TestResponse:
        return self.stranger.get(path, query_string=query, base_url=ORIGIN, headers=headers)

    def userinfo(self, token: str) -> TestResponse:
        return self.get(USERINFO, {"Authorization": f"Bearer {token}"})

    def register_by_http(self, **metadata: Any) -> TestResponse:
        """Send a registration request as whoever may send one (RFC 7591 3)."""
        whole = {"redirect_uris": [CALLBACK], **metadata}
        headers = {"Authorization": f"Bearer {self.initial_access_token()}"}
        return self.stranger.post(REGISTER, json=whole, base_url=ORIGIN, headers=headers)

    def initial_access_token(self) -> str:
        return "initial"


@dataclass
class AtHub(Target):
    """The hub; ``hub`` is for what has no endpoint, as a suspended account."""

    hub: Hub = field(kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        with self.hub.deps.begin() as work:
            work.accounts.add(factories.account())
        self.sign_in()

    @classmethod
    def restarted(cls, hub: Hub) -> "AtHub":
        """Return the hub as another process finds its database: nothing is added to it."""
        found = cls.__new__(cls)
        found.app, found.hub = hub.app, hub
        found.citizen = hub.app.test_client()
        return found

    def sign_in(self) -> None:
        """Give the citizen's browser a new session."""
        with self.hub.deps.begin() as work:
            proof = Proof(self.hub.clock(), factories.ACR_PASSWORD, ("pwd",))
            opened = self.hub.deps.sessions.open(work, factories.account(), proof)
        self.citizen.set_cookie("hub_session", opened.token, domain="127.0.0.1")

    def save(self, client_id: str, metadata: dict[str, Any]) -> None:
        named = {"client_id": client_id, "client_name": "سوابق بیمه", "first_party": True}
        digest = self.hub.deps.vault.digest(SECRET, purpose=SECRET_PURPOSE)
        client = replace(
            parse_client({**named, **metadata}),
            secrets=(ClientSecret(digest, NOON),),
            created_at=NOON,
            updated_at=NOON,
        )
        with self.hub.deps.begin() as work:
            factories.put_client(work, client)

    def initial_access_token(self) -> str:
        """Return what `idp clients invite` prints."""
        deps = self.hub.deps
        service = InviteClients(kernel=fakes.kernel_of(deps))
        week = timedelta(days=7)
        return service.invite("a portal", lasts=week, uses=1, officer="o-17").token

    def later(self, **span: float) -> None:
        self.hub.clock.move(timedelta(**span))

    def rotate(self) -> None:
        keys = self.hub.deps.provider._provider.keys
        old = keys.signer("RS256").kid
        self.later(seconds=1)
        keys.promote(keys.new("RS256").kid, at_once=True)
        keys.retire(old, at_once=True)

    def now(self) -> int:
        return int(self.hub.clock().timestamp())

    def forget_secret(self, client_id: str) -> None:
        self.change_client(client_id, secrets=())

    def client(self, client_id: str = "portal") -> Client:
        with self.hub.deps.begin(read_only=True) as work:
            found = work.clients.find(client_id)
        assert found is not None
        return found

    def change_client(self, client_id: str = "portal", **changes: Any) -> None:
        changed = replace(self.client(client_id), **changes)
        with self.hub.deps.begin() as work:
            factories.put_client(work, changed)

    def end_sessions(self) -> None:
        with self.hub.deps.begin() as work:
            work.sessions.end_all("account-1", self.hub.clock())

    def allow_devices(self, client_id: str) -> None:
        """Nobody can."""

    def change_account(self, **changes: Any) -> None:
        with self.hub.deps.begin() as work:
            account = work.accounts.find("account-1")
            assert account is not None
            work.accounts.save(replace(account, **changes))

    def sign(self, claims: Mapping[str, Any], **header: Any) -> str:
        key = self.hub.deps.provider._provider.keys.signer("RS256")
        return sign(claims, key.key, **{"kid": key.kid, **header})


@dataclass
class AtNaive(Target):
    """The server of the documentation."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.citizen.post("/login", data={"username": "citizen"}, base_url=ORIGIN)

    def save(self, client_id: str, metadata: dict[str, Any]) -> None:
        whole = {**metadata, "scope": " ".join(metadata["scope"])}
        if whole["token_endpoint_auth_method"] == "private_key_jwt":
            whole["token_endpoint_auth_method"] = naive.JWT_METHOD
        client = naive.Client(client_id=client_id, client_secret=SECRET)
        client.set_client_metadata(whole)
        with self.app.app_context():
            naive.db.add(client)
            naive.db.commit()

    def rotate(self) -> None:
        """The file with the keys gets another; nothing in the documentation tells them apart."""
        naive.keys.keys.append(numbered_key("new", 6))

    def forget_secret(self, client_id: str) -> None:
        with self.app.app_context():
            naive.db.query(naive.Client).filter_by(client_id=client_id).one().client_secret = None
            naive.db.commit()

    def allow_devices(self, client_id: str) -> None:
        """Let the client use the device grant."""
        with self.app.app_context():
            client = naive.db.query(naive.Client).filter_by(client_id=client_id).one()
            grants = [*client.grant_types, naive.DEVICE_CODE_GRANT_TYPE]
            client.set_client_metadata({**client.client_metadata, "grant_types": grants})
            naive.db.commit()

    def sign(self, claims: Mapping[str, Any], **header: Any) -> str:
        key = naive.keys.keys[0]
        return sign(claims, key, **{"kid": key.kid, **header})

    def ask(self, query: str, browser: FlaskClient | None = None) -> TestResponse:
        asked = super().ask(query, browser)
        if 'name="confirm"' not in asked.text:
            return asked
        form = {"confirm": "yes"}
        return self.citizen.post(f"{AUTHORIZE}?{query}", data=form, base_url=ORIGIN)


@dataclass
class Portal:
    """A relying party, honest or not."""

    target: Target
    client_id: str
    redirect_uri: str
    method: str

    def request(self, **changes: Any) -> dict[str, Any]:
        """Return the parameters of a good request; None leaves one out."""
        return {
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "scope": "openid profile",
            "state": "the-state",
            "nonce": "the-nonce",
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
            **changes,
        }

    def ask(self, browser: FlaskClient | None = None, **changes: Any) -> TestResponse:
        return self.target.ask(encode(self.request(**changes)).decode(), browser)

    def obtain_code(self, **changes: Any) -> str:
        answer = self.ask(**changes)
        assert answer.location, answer.text
        return parameters_of(answer.location)["code"]

    def redeem(self, code: str, **changes: Any) -> TestResponse:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": VERIFIER,
            **changes,
        }
        return self.send(TOKEN, form)

    def refresh(self, refresh_token: str, **changes: Any) -> TestResponse:
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token, **changes}
        return self.send(TOKEN, form)

    def send(self, path: str, form: Mapping[str, Any]) -> TestResponse:
        """POST a form with this client's own credentials."""
        headers, named = self.credentials()
        return self.target.post(path, {**named, **form}, headers)

    def credentials(self) -> tuple[dict[str, str], dict[str, str]]:
        if self.method == "client_secret_basic":
            return {"Authorization": basic(self.client_id, SECRET)}, {}
        return {}, {"client_id": self.client_id}

    def obtain_tokens(self, **changes: Any) -> dict[str, Any]:
        answer = self.redeem(self.obtain_code(**changes))
        assert told(answer) == "tokens", answer.text
        return answer.get_json()

    def obtain_offline(self) -> dict[str, Any]:
        """Return tokens with a refresh token."""
        return self.obtain_tokens(scope="openid profile offline_access")


def redeem_as(
    portal: Portal, headers: Mapping[str, str] | None = None, **credentials: str
) -> TestResponse:
    """Redeem a good code with these credentials."""
    form = {
        "grant_type": "authorization_code",
        "code": portal.obtain_code(),
        "redirect_uri": portal.redirect_uri,
        "code_verifier": VERIFIER,
        **credentials,
    }
    return portal.target.post(TOKEN, form, headers)
