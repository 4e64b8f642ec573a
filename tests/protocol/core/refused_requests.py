"""Requests that a hub refuses, one for each reason, and the line that each must leave."""

from dataclasses import dataclass

from idp.domain.clients.client import ClientAuthMethod, ClientState
from idp.domain.clients.refusal_reasons import Reason
from idp.protocol.core import endpoints
from idp.protocol.core.requests import ProtocolRequest
from tests.protocol.client_proofs import assertion, redeem_signed, redeem_with
from tests.protocol.hub import FORM, SECRET, Hub, Portal, basic, encode, key_pair

WRONG = "w" * 43
ELSEWHERE = "https://portal.example/elsewhere"


def lines_of(hub, client_id="portal"):
    with hub.at.begin(read_only=True) as work:
        return work.refusals.of_client(client_id)


def line_of(hub, client_id="portal"):
    (line,) = lines_of(hub, client_id)
    return line


@dataclass
class Scene:
    """A hub, and how its portal is registered in a case."""

    hub: Hub

    def portal(self, **changes) -> Portal:
        return self.hub.register(**changes)

    def other(self) -> Portal:
        return self.hub.register(client_id="neighbour")

    def signer(self) -> Portal:
        key = {**key_pair("RSA", 1).as_dict(private=False), "kid": "one"}
        method = ClientAuthMethod.PRIVATE_KEY_JWT
        return self.portal(auth_method=method, secrets=(), jwks={"keys": [key]})


def header(secret=SECRET, client_id="portal"):
    return {"authorization": basic(client_id, secret)}


def unknown_client(scene):
    scene.portal()
    scene.hub.post(endpoints.TOKEN, {"grant_type": "x"}, header(client_id="portall"))


def unknown_client_in_the_browser(scene):
    scene.portal().authorize(client_id="porta1")


def suspended_client(scene):
    scene.portal(state=ClientState.SUSPENDED).token(header(), grant_type="refresh_token")


def suspended_client_in_the_browser(scene):
    scene.portal(state=ClientState.SUSPENDED).authorize()


def no_credentials(scene):
    scene.portal(auth_method=ClientAuthMethod.POST).token({}, client_id="portal", client_secret="")


def no_credentials_at_all(scene):
    scene.portal().token({}, client_id="", grant_type="refresh_token")


def several_credentials(scene):
    scene.portal().token(header(), client_id="portal", client_secret=SECRET)


def unreadable_credentials(scene):
    scene.portal().token({"authorization": "Basic %%%"}, client_id="portal")


def basic_without_an_id(scene):
    scene.portal().token({"authorization": basic("", SECRET)}, client_id="portal")


def posted_secret(scene):
    redeem_with(scene.portal(), client_id="portal", client_secret=SECRET)


def wrong_secret(scene):
    redeem_with(scene.portal(), header(WRONG))


def wrong_assertion(scene):
    redeem_signed(scene.signer(), assertion(aud="https://another.example"))


def replayed_assertion(scene):
    portal, once = scene.signer(), assertion()
    assert redeem_signed(portal, once).status == 200
    redeem_signed(portal, once)


def public_introspection(scene):
    scene.portal(auth_method=ClientAuthMethod.NONE, secrets=()).introspect("token")


def no_address(scene):
    scene.portal().authorize(redirect_uri=None)


def another_address(scene):
    scene.portal().authorize(redirect_uri=ELSEWHERE)


def address_of_a_developers_machine(scene):
    scene.portal().authorize(redirect_uri="http://localhost:3000/callback")


def another_address_after_sign_out(scene):
    portal = scene.portal()
    hint = portal.obtain_tokens()["id_token"]
    end_session(scene, id_token_hint=hint, post_logout_redirect_uri=ELSEWHERE)


def end_session(scene, **parameters):
    query = encode(parameters)
    request = ProtocolRequest(method="GET", path=endpoints.END_SESSION, query=query)
    scene.hub.provider.end_session(request)


def a_foreign_hint_at_sign_out(scene):
    scene.portal()
    end_session(scene, id_token_hint="x.y.z", client_id="portal")


def address_that_changes(scene):
    portal = scene.portal(redirect_uris=("https://portal.example/callback", ELSEWHERE))
    portal.redeem(portal.obtain_code(), redirect_uri=ELSEWHERE)


def no_pkce(scene):
    scene.portal().authorize(code_challenge=None, code_challenge_method=None)


def plain_pkce(scene):
    scene.portal().authorize(code_challenge_method="plain")


def short_challenge(scene):
    scene.portal().authorize(code_challenge="short")


def wrong_verifier(scene):
    portal = scene.portal()
    portal.redeem(portal.obtain_code(), code_verifier="x" * 50)


def no_verifier(scene):
    portal = scene.portal()
    portal.redeem(portal.obtain_code(), code_verifier=None)


def scope_beyond_the_file(scene):
    scene.portal(scopes=frozenset({"openid"})).authorize(scope="openid phone")


def scope_beyond_the_grant(scene):
    portal = scene.portal()
    tokens = portal.obtain_tokens(scope="openid offline_access")
    portal.refresh(tokens["refresh_token"], scope="openid profile")


def scope_without_openid(scene):
    scene.portal().authorize(scope="profile")


def implicit_flow(scene):
    scene.portal().authorize(response_type="token")


def flow_beyond_the_file(scene):
    scene.hub.switch_on(hybrid=True)
    scene.portal().authorize(response_type="code id_token")


def grant_beyond_the_file(scene):
    scene.portal(grant_types=frozenset({"authorization_code"})).refresh("token")


def resource_beyond_the_file(scene):
    scene.portal().authorize(resource="https://api.example/")


def resource_that_was_not_granted(scene):
    portal = scene.portal(access_token_audience=("https://api.example/",))
    portal.redeem(portal.obtain_code(), resource="https://api.example/")


def unsigned_request_object(scene):
    portal = scene.portal()
    portal.authorize(request="eyJhbGciOiJub25lIn0.e30.")


def foreign_request_object(scene):
    scene.portal().authorize(request="x.y.z")


def unlisted_request_uri(scene):
    portal = scene.portal(request_uris=("https://portal.example/request.jwt",))
    portal.authorize(request_uri="https://portal.example/other.jwt")


def silent_request_uri(scene):
    address = "https://portal.example/request.jwt"
    scene.portal(request_uris=(address,)).authorize(request_uri=address)


def unreachable_acr(scene):
    wish = '{"id_token": {"acr": {"essential": true, "value": "x"}}}'
    scene.portal().authorize(claims=wish)


def unknown_grant_type(scene):
    scene.portal().token(grant_type="password")


def foreign_code(scene):
    scene.portal().redeem("a-code-of-somebody")


def code_of_another(scene):
    code = scene.other().obtain_code()
    scene.portal().redeem(code)


def expired_code(scene):
    portal = scene.portal()
    code = portal.obtain_code()
    scene.hub.move(seconds=61)
    portal.redeem(code)


def code_twice(scene):
    portal = scene.portal()
    code = portal.obtain_code()
    assert portal.redeem(code).status == 200
    portal.redeem(code)


def ended_session(scene):
    portal = scene.portal()
    code = portal.obtain_code()
    with scene.hub.at.begin() as work:
        work.sessions.end(scene.hub.session.id, scene.hub.clock())
    portal.redeem(code)


def unknown_refresh_token(scene):
    scene.portal().refresh("unknown")


def refresh_token_of_another(scene):
    token = scene.other().obtain_offline()["refresh_token"]
    scene.portal().refresh(token)


def refresh_token_twice(scene):
    portal = scene.portal()
    token = portal.obtain_offline()["refresh_token"]
    portal.refresh(token)
    scene.hub.move(seconds=60)
    portal.refresh(token)


def expired_access_token(scene):
    token = scene.portal().obtain_tokens()["access_token"]
    scene.hub.move(minutes=11)
    scene.hub.userinfo(token)


def foreign_hint(scene):
    scene.portal().authorize(id_token_hint="x.y.z")


def wrong_registration_token(scene):
    scene.portal()
    scene.hub.manage("GET", "portal", "wrong")


def malformed_parameter(scene):
    scene.portal().authorize(prompt="perhaps")


def malformed_request(scene):
    scene.portal().authorize_raw(b"client_id=portal&state=%zz")


def malformed_form(scene):
    body = b"client_id=portal&grant_type=%zz"
    scene.portal()
    scene.hub.post(endpoints.TOKEN, body)


def posted_malformed_request(scene):
    scene.portal()
    body = b"client_id=portal&client_id=portal"
    request = ProtocolRequest(method="POST", path=endpoints.AUTHORIZE, body=body, content_type=FORM)
    scene.hub.provider.authorize_posted(request)


def revocation_without_a_token(scene):
    scene.portal().revoke("")


CASES = {
    unknown_client: ("token", "invalid_client", Reason.CLIENT_UNKNOWN),
    unknown_client_in_the_browser: ("authorize", "invalid_client", Reason.CLIENT_UNKNOWN),
    suspended_client: ("token", "invalid_client", Reason.CLIENT_SUSPENDED),
    suspended_client_in_the_browser: (
        "authorize",
        "unauthorized_client",
        Reason.CLIENT_SUSPENDED,
    ),
    no_credentials: ("token", "invalid_client", Reason.METHOD_WRONG),
    several_credentials: ("token", "invalid_request", Reason.CREDENTIALS_SEVERAL),
    unreadable_credentials: ("token", "invalid_client", Reason.CREDENTIALS_UNREADABLE),
    basic_without_an_id: ("token", "invalid_client", Reason.CREDENTIALS_UNREADABLE),
    posted_secret: ("token", "invalid_client", Reason.METHOD_WRONG),
    wrong_secret: ("token", "invalid_client", Reason.SECRET_WRONG),
    wrong_assertion: ("token", "invalid_client", Reason.ASSERTION_WRONG),
    replayed_assertion: ("token", "invalid_client", Reason.ASSERTION_REPLAYED),
    public_introspection: ("introspect", "invalid_client", Reason.INTROSPECTION_PUBLIC),
    no_address: ("authorize", "invalid_request", Reason.REDIRECT_URI_MISSING),
    another_address: ("authorize", "invalid_request", Reason.REDIRECT_URI_NOT_REGISTERED),
    address_of_a_developers_machine: (
        "authorize",
        "invalid_request",
        Reason.REDIRECT_URI_OF_DEVELOPER,
    ),
    another_address_after_sign_out: (
        "end_session",
        "invalid_request",
        Reason.REDIRECT_URI_NOT_REGISTERED,
    ),
    a_foreign_hint_at_sign_out: ("end_session", "invalid_request", Reason.HINT_WRONG),
    address_that_changes: ("token", "invalid_grant", Reason.REDIRECT_URI_DIFFERS),
    no_pkce: ("authorize", "invalid_request", Reason.PKCE_MISSING),
    plain_pkce: ("authorize", "invalid_request", Reason.PKCE_NOT_S256),
    short_challenge: ("authorize", "invalid_request", Reason.PKCE_NOT_S256),
    wrong_verifier: ("token", "invalid_grant", Reason.VERIFIER_WRONG),
    no_verifier: ("token", "invalid_grant", Reason.VERIFIER_WRONG),
    scope_beyond_the_grant: ("token", "invalid_scope", Reason.SCOPE_NOT_IN_FILE),
    scope_without_openid: ("authorize", "invalid_scope", Reason.SCOPE_WITHOUT_OPENID),
    implicit_flow: ("authorize", "unsupported_response_type", Reason.RESPONSE_TYPE_OFF),
    flow_beyond_the_file: ("authorize", "unauthorized_client", Reason.NOT_IN_FILE),
    grant_beyond_the_file: ("token", "unauthorized_client", Reason.NOT_IN_FILE),
    resource_beyond_the_file: ("authorize", "invalid_target", Reason.RESOURCE_NOT_IN_FILE),
    resource_that_was_not_granted: ("token", "invalid_target", Reason.RESOURCE_NOT_IN_FILE),
    unsigned_request_object: (
        "authorize",
        "request_not_supported",
        Reason.REQUEST_OBJECT_OFF,
    ),
    foreign_request_object: (
        "authorize",
        "invalid_request_object",
        Reason.REQUEST_OBJECT_WRONG,
    ),
    unlisted_request_uri: ("authorize", "invalid_request_uri", Reason.REQUEST_URI_WRONG),
    silent_request_uri: ("authorize", "invalid_request_uri", Reason.REQUEST_URI_WRONG),
    unreachable_acr: ("authorize", "unmet_authentication_requirements", Reason.ACR_UNKNOWN),
    unknown_grant_type: ("token", "unsupported_grant_type", Reason.GRANT_TYPE_UNKNOWN),
    foreign_code: ("token", "invalid_grant", Reason.CODE_UNKNOWN),
    code_of_another: ("token", "invalid_grant", Reason.CODE_OF_ANOTHER_CLIENT),
    expired_code: ("token", "invalid_grant", Reason.CODE_EXPIRED),
    code_twice: ("token", "invalid_grant", Reason.CODE_USED),
    ended_session: ("token", "invalid_grant", Reason.SESSION_ENDED),
    unknown_refresh_token: ("token", "invalid_grant", Reason.REFRESH_TOKEN_UNKNOWN),
    refresh_token_of_another: (
        "token",
        "invalid_grant",
        Reason.REFRESH_TOKEN_OF_ANOTHER_CLIENT,
    ),
    refresh_token_twice: ("token", "invalid_grant", Reason.REFRESH_TOKEN_USED),
    expired_access_token: ("userinfo", "invalid_token", Reason.ACCESS_TOKEN_WRONG),
    foreign_hint: ("authorize", "invalid_request", Reason.HINT_WRONG),
    wrong_registration_token: ("register", "invalid_token", Reason.REGISTRATION_TOKEN_WRONG),
    malformed_parameter: ("authorize", "invalid_request", Reason.REQUEST_WRONG),
    malformed_request: ("authorize", "invalid_request", Reason.REQUEST_WRONG),
    malformed_form: ("token", "invalid_request", Reason.REQUEST_WRONG),
    posted_malformed_request: ("authorize", "invalid_request", Reason.REQUEST_WRONG),
    revocation_without_a_token: ("revoke", "invalid_request", Reason.REQUEST_WRONG),
}
