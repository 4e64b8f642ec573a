"""A provider as the documentation of Authlib 1.x writes one with Flask and SQLAlchemy.

Nothing here is careless on purpose: every class fills in what its docstring in the library asks
for, in the words of that docstring, and registers it with the options shown there. The addresses
are the hub's, so that one attack reaches both. The hub never imports this file.
"""

import time
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector
from authlib.integrations.sqla_oauth2 import (
    OAuth2AuthorizationCodeMixin,
    OAuth2ClientMixin,
    OAuth2TokenMixin,
    create_bearer_token_validator,
    create_query_client_func,
    create_query_token_func,
    create_revocation_endpoint,
    create_save_token_func,
)
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from authlib.oauth2.rfc7591 import ClientMetadataClaims, ClientRegistrationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from authlib.oauth2.rfc8628 import (
    DEVICE_CODE_GRANT_TYPE,
    DeviceAuthorizationEndpoint,
    DeviceCodeGrant,
    DeviceCredentialDict,
)
from authlib.oauth2.rfc9101 import JWTAuthenticationRequest
from authlib.oidc import core as oidc
from authlib.oidc import registration as oidc_registration
from authlib.oidc.rpinitiated import EndSessionEndpoint
from authlib.oidc.rpinitiated.registration import (
    ClientMetadataClaims as LogoutMetadataClaims,
)
from flask import Flask, request, session
from joserfc.jwk import KeySet
from sqlalchemy import Column, Integer, String, create_engine
from sqlalchemy.orm import declarative_base, scoped_session, sessionmaker

ISSUER = "http://127.0.0.1:8000"
TOKEN_URL = f"{ISSUER}/oauth2/token"
JWT_METHOD = JWTBearerClientAssertion.CLIENT_AUTH_METHOD
METHODS = ["client_secret_basic", "client_secret_post", "none", JWT_METHOD]

Base: Any = declarative_base()
# Kept after a commit: else those who lose a race are answered 500 once their tokens are stored.
db = scoped_session(sessionmaker(expire_on_commit=False))
keys = KeySet([])
used_assertions: set[str] = set()
device_codes: dict[str, DeviceCredentialDict] = {}
device_grants: dict[str, bool] = {}


class User:
    """Everybody's user name is the identifier."""

    def __init__(self, id: str) -> None:
        self.id = id

    def get_user_id(self):
        return self.id


class Client(Base, OAuth2ClientMixin):
    __tablename__ = "oauth2_client"
    id = Column(Integer, primary_key=True)


class AuthorizationCode(Base, OAuth2AuthorizationCodeMixin):
    __tablename__ = "oauth2_code"
    id = Column(Integer, primary_key=True)
    user_id = Column(String(40))


class Token(Base, OAuth2TokenMixin):
    __tablename__ = "oauth2_token"
    id = Column(Integer, primary_key=True)
    user_id = Column(String(40))

    def get_client(self):
        return db.query(Client).filter_by(client_id=self.client_id).first()

    def get_user(self):
        return User(self.user_id)

    def is_refresh_token_active(self):
        return not self.refresh_token_revoked_at


def user_info(user, scope):
    return oidc.UserInfo(sub=user.id, name="محمد رضا").filter(scope)


class AuthorizationCodeGrant(grants.AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def save_authorization_code(self, code, request):
        return save_code(code, request)

    def query_authorization_code(self, code, client):
        item = db.query(AuthorizationCode).filter_by(code=code, client_id=client.client_id).first()
        return item if item and not item.is_expired() else None

    def delete_authorization_code(self, authorization_code):
        db.delete(authorization_code)
        db.commit()

    def authenticate_user(self, authorization_code):
        return User(authorization_code.user_id)


def save_code(code, request):
    asked = request.payload.data
    db.add(
        AuthorizationCode(
            code=code,
            client_id=request.client.client_id,
            redirect_uri=request.payload.redirect_uri,
            scope=request.payload.scope,
            user_id=request.user.id,
            nonce=asked.get("nonce"),
            code_challenge=asked.get("code_challenge"),
            code_challenge_method=asked.get("code_challenge_method"),
        )
    )
    db.commit()


class RefreshTokenGrant(grants.RefreshTokenGrant):
    INCLUDE_NEW_REFRESH_TOKEN = True
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def authenticate_refresh_token(self, refresh_token):
        item = db.query(Token).filter_by(refresh_token=refresh_token).first()
        return item if item and item.is_refresh_token_active() else None

    def authenticate_user(self, refresh_token):
        return User(refresh_token.user_id)

    def revoke_old_credential(self, refresh_token):
        refresh_token.refresh_token_revoked_at = int(time.time())
        db.add(refresh_token)
        db.commit()


class OpenIDCode(oidc.OpenIDCode):
    def resolve_client_private_key(self, client):
        return keys

    def get_client_claims(self, client):
        return {"iss": ISSUER, "aud": [client.get_client_id()]}

    def exists_nonce(self, nonce, request):
        found = db.query(AuthorizationCode).filter_by(
            client_id=request.payload.client_id, nonce=nonce
        )
        return found.first() is not None

    def generate_user_info(self, user, scope):
        return user_info(user, scope)


class HybridGrant(oidc.OpenIDHybridGrant):
    def save_authorization_code(self, code, request):
        return save_code(code, request)

    resolve_client_private_key = OpenIDCode.resolve_client_private_key
    get_client_claims = OpenIDCode.get_client_claims
    exists_nonce = OpenIDCode.exists_nonce
    generate_user_info = OpenIDCode.generate_user_info


class DeviceCode(DeviceCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def query_device_credential(self, device_code):
        return device_codes.get(device_code)

    def query_user_grant(self, user_code):
        allowed = device_grants.get(user_code)
        return None if allowed is None else (User("citizen"), allowed)

    def should_slow_down(self, credential):
        return False


class DeviceAuthorization(DeviceAuthorizationEndpoint):
    def get_verification_uri(self):
        return f"{ISSUER}/device"

    def save_device_credential(self, client_id, scope, data):
        item = DeviceCredentialDict(client_id=client_id, scope=scope, **data)
        device_codes[data["device_code"]] = item


class JWTClientAuth(JWTBearerClientAssertion):
    def get_audiences(self):
        return [TOKEN_URL, ISSUER]

    def validate_jti(self, claims, jti):
        key = f"jti:{claims['sub']}-{jti}"
        if key in used_assertions:
            return False
        used_assertions.add(key)
        return True

    def resolve_client_public_key(self, client):
        return KeySet.import_key_set(client.jwks)


class RequestObjects(JWTAuthenticationRequest):
    def resolve_client_public_key(self, client):
        return KeySet.import_key_set(client.jwks)

    def get_server_metadata(self):
        return {"issuer": ISSUER, "authorization_endpoint": f"{ISSUER}/oauth2/authorize"}

    def get_client_require_signed_request_object(self, client):
        return client.client_metadata.get("require_signed_request_object", False)


class Introspection(IntrospectionEndpoint):
    def query_token(self, token, token_type_hint):
        return create_query_token_func(db, Token)(token, token_type_hint)

    def introspect_token(self, token):
        return {"active": True, "client_id": token.client_id, "sub": token.user_id}

    def check_permission(self, token, client, request):
        return True


class Registration(ClientRegistrationEndpoint):
    def get_server_metadata(self):
        return {"scopes_supported": ["openid", "profile", "offline_access"]}

    def authenticate_token(self, request):
        return request.headers.get("Authorization")

    def save_client(self, client_info, client_metadata, request):
        client = Client(**client_info)
        client.set_client_metadata(client_metadata)
        db.add(client)
        db.commit()
        return client


class UserInfoEndpoint(oidc.UserInfoEndpoint):
    def get_issuer(self):
        return ISSUER

    def generate_user_info(self, user, scope):
        return user_info(user, scope)

    def resolve_private_key(self):
        return keys


class EndSession(EndSessionEndpoint):
    def get_server_jwks(self):
        return keys

    def end_session(self, end_session_request):
        session.clear()


def configure(server: AuthorizationServer) -> None:
    """Register grants, extensions and endpoints."""
    server.register_grant(AuthorizationCodeGrant, [OpenIDCode(), CodeChallenge(required=True)])
    server.register_grant(HybridGrant)
    server.register_grant(RefreshTokenGrant)
    server.register_grant(DeviceCode)
    server.register_client_auth_method(JWT_METHOD, JWTClientAuth())
    server.register_extension(RequestObjects())
    server.register_endpoint(create_revocation_endpoint(db, Token))
    server.register_endpoint(Introspection)
    server.register_endpoint(DeviceAuthorization)
    server.register_endpoint(EndSession)
    claims = [
        ClientMetadataClaims,
        oidc_registration.ClientMetadataClaims,
        LogoutMetadataClaims,
    ]
    server.register_endpoint(Registration(claims_classes=claims))
    protector = ResourceProtector()
    protector.register_token_validator(create_bearer_token_validator(db, Token)())
    server.register_endpoint(UserInfoEndpoint(resource_protector=protector))


def create_app(database_url: str) -> Flask:
    """Return the server on the empty database at ``database_url``."""
    engine = create_engine(database_url)
    Base.metadata.create_all(engine)
    db.remove()
    db.configure(bind=engine)
    for kept in (used_assertions, device_codes, device_grants):
        kept.clear()
    app = Flask("naive")
    app.secret_key = "naive"
    app.config["OAUTH2_REFRESH_TOKEN_GENERATOR"] = True
    app.teardown_appcontext(lambda _: db.remove())
    server = AuthorizationServer(
        app,
        query_client=create_query_client_func(db, Client),
        save_token=create_save_token_func(db, Token),
    )
    configure(server)
    add_pages(app, server)
    add_endpoints(app, server)
    return app


def current_user() -> User | None:
    return User(session["user"]) if "user" in session else None


def add_pages(app: Flask, server: AuthorizationServer) -> None:
    @app.post("/login")
    def login():
        session["user"] = request.form["username"]
        return ""

    @app.route("/oauth2/authorize", methods=["GET", "POST"])
    def authorize():
        user = current_user()
        try:
            grant = server.get_consent_grant(end_user=user)
        except OAuth2Error as error:
            return server.handle_error_response(None, error)
        if user is None:
            return '<form action="/login" method="post"><input name="username"></form>'
        if request.method == "GET":
            return '<form method="post"><button name="confirm" value="yes">Allow</button></form>'
        granted = user if request.form.get("confirm") else None
        return server.create_authorization_response(grant=grant, grant_user=granted)

    @app.post("/device")
    def device():
        device_grants[request.form["user_code"]] = bool(request.form.get("confirm"))
        return ""

    @app.route("/oauth2/end_session", methods=["GET", "POST"])
    def logout():
        return server.create_endpoint_response("end_session") or "Signed out."


def add_endpoints(app: Flask, server: AuthorizationServer) -> None:
    @app.post("/oauth2/token")
    def issue_token():
        return server.create_token_response()

    @app.get("/oauth2/jwks")
    def jwks():
        return keys.as_dict(private=False)

    for path, name in (
        ("revoke", "revocation"),
        ("introspect", "introspection"),
        ("register", "client_registration"),
        ("device_authorization", "device_authorization"),
        ("userinfo", "userinfo"),
    ):
        view = endpoint_view(server, name)
        app.add_url_rule(f"/oauth2/{path}", name, view, methods=["GET", "POST"])


def endpoint_view(server: AuthorizationServer, name: str):
    return lambda: server.create_endpoint_response(name)


__all__ = ["DEVICE_CODE_GRANT_TYPE", "ISSUER", "JWT_METHOD", "create_app", "keys"]
