"""Authlib's own server and grants, over a client that writes down what it is asked."""

from dataclasses import dataclass, field
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationServer
from authlib.oauth2.rfc6749.grants import (
    AuthorizationCodeGrant,
    ClientCredentialsGrant,
    RefreshTokenGrant,
)
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload, OAuth2Request
from authlib.oauth2.rfc7636 import CodeChallenge

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"  # RFC 7636 appendix B
CALLBACK = "https://portal.example/callback"


@dataclass
class Steps:
    """Client, code, refresh token and user at once; writes down what it is asked."""

    log: list[str] = field(default_factory=list)
    code_challenge: str | None = CHALLENGE
    code_challenge_method: str | None = "S256"
    user: str | None = "somebody"
    may_use_grants: bool = True
    is_of_this_client: bool = True
    redirect_uri: str = CALLBACK

    def check_grant_type(self, grant_type):
        self.log.append(f"may {grant_type}")
        return self.may_use_grants

    def get_redirect_uri(self):
        self.log.append("redirect_uri")
        return self.redirect_uri

    def check_client(self, client):
        self.log.append("whose refresh token")
        return self.is_of_this_client

    def get_scope(self):
        self.log.append("scope")
        return "openid profile"


class Request(OAuth2Request):
    def __init__(self, steps: Steps, **form: str) -> None:
        super().__init__("POST", "https://account.tamin.ir/oauth2/token")
        self.payload = BasicOAuth2Payload(form)
        self.steps = steps

    @property
    def form(self):
        return self.payload.data


class Stock:
    """The overridden methods of both grants, each of which only says that it was called."""

    def query_authorization_code(self, code, client):
        self.request.steps.log.append("take the code")
        return self.request.steps

    def authenticate_refresh_token(self, refresh_token):
        self.request.steps.log.append("find the refresh token")
        return self.request.steps

    def authenticate_user(self, credential):
        self.request.steps.log.append("user")
        return self.request.steps.user

    def generate_token(self, **asked: Any):
        self.request.steps.log.append(f"generate {asked['scope']}")
        self.request.steps.asked = asked
        return {"access_token": "the-access-token"}

    def delete_authorization_code(self, authorization_code):
        self.request.steps.log.append("delete the code")

    def revoke_old_credential(self, refresh_token):
        self.request.steps.log.append("revoke the old")


class StockCode(Stock, AuthorizationCodeGrant):
    pass


class StockRefresh(Stock, RefreshTokenGrant):
    pass


class StockService(Stock, ClientCredentialsGrant):
    pass


class StockChallenge(CodeChallenge):
    def validate_code_verifier(self, grant, result):
        grant.request.steps.log.append("verifier")
        super().validate_code_verifier(grant, result)


class StockServer(AuthorizationServer):
    def __init__(self) -> None:
        super().__init__()
        self.register_grant(StockCode, [StockChallenge()])
        self.register_grant(StockRefresh)
        self.register_grant(StockService)
        self.failure: Exception | None = None

    def create_oauth2_request(self, request):
        return request

    def authenticate_client(self, request, methods, endpoint="token"):
        request.steps.log.append("client")
        return request.steps

    def send_signal(self, name, *args, **kwargs):
        """Nobody listens."""

    def save_token(self, token, request):
        request.steps.log.append("save")
        if self.failure:
            raise self.failure

    def handle_response(self, status, body, headers):
        return status, body, headers


def redeem(steps: Steps, server: StockServer | None = None, **changes: str):
    form = {
        "grant_type": "authorization_code",
        "code": "c",
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
        **changes,
    }
    return (server or StockServer()).create_token_response(Request(steps, **form))


def refresh(steps: Steps, **changes: str):
    form = {"grant_type": "refresh_token", "refresh_token": "r", **changes}
    return StockServer().create_token_response(Request(steps, **form))


def serve(steps: Steps, **changes: str):
    form = {"grant_type": "client_credentials", **changes}
    return StockServer().create_token_response(Request(steps, **form))
