"""Why requests of clients are refused, and what a developer does about it.

Clients are told less: one answer for all wrong credentials (RFC 6749 5.2). These sentences are for
the people who may run ``idp clients log``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """The reasons; their values are stored, and stand in the hub's log."""

    CLIENT_UNKNOWN = "client_unknown"
    CLIENT_SUSPENDED = "client_suspended"
    CREDENTIALS_MISSING = "credentials_missing"
    CREDENTIALS_SEVERAL = "credentials_several"
    CREDENTIALS_UNREADABLE = "credentials_unreadable"
    METHOD_WRONG = "method_wrong"
    SECRET_WRONG = "secret_wrong"  # noqa: S105 (a reason)
    ASSERTION_WRONG = "assertion_wrong"
    ASSERTION_REPLAYED = "assertion_replayed"
    INTROSPECTION_PUBLIC = "introspection_public"
    REDIRECT_URI_MISSING = "redirect_uri_missing"
    REDIRECT_URI_NOT_REGISTERED = "redirect_uri_not_registered"
    REDIRECT_URI_OF_DEVELOPER = "redirect_uri_of_developer"
    REDIRECT_URI_DIFFERS = "redirect_uri_differs"
    PKCE_MISSING = "pkce_missing"
    PKCE_NOT_S256 = "pkce_not_s256"
    VERIFIER_WRONG = "verifier_wrong"
    SCOPE_NOT_IN_FILE = "scope_not_in_file"
    SCOPE_LEFT_OUT = "scope_left_out"
    RESPONSE_TYPE_OFF = "response_type_off"
    NOT_IN_FILE = "not_in_file"
    RESOURCE_NOT_IN_FILE = "resource_not_in_file"
    REQUEST_OBJECT_OFF = "request_object_off"
    REQUEST_OBJECT_WRONG = "request_object_wrong"
    REQUEST_URI_WRONG = "request_uri_wrong"
    ACR_UNKNOWN = "acr_unknown"
    GRANT_TYPE_UNKNOWN = "grant_type_unknown"
    CODE_UNKNOWN = "code_unknown"
    CODE_OF_ANOTHER_CLIENT = "code_of_another_client"
    CODE_EXPIRED = "code_expired"
    CODE_USED = "code_used"
    SESSION_ENDED = "session_ended"
    REFRESH_TOKEN_UNKNOWN = "refresh_token_unknown"  # noqa: S105 (a reason)
    REFRESH_TOKEN_OF_ANOTHER_CLIENT = "refresh_token_of_another_client"  # noqa: S105 (a reason)
    REFRESH_TOKEN_USED = "refresh_token_used"  # noqa: S105 (a reason)
    ACCESS_TOKEN_WRONG = "access_token_wrong"  # noqa: S105 (a reason)
    SCOPE_WITHOUT_OPENID = "scope_without_openid"
    HINT_WRONG = "hint_wrong"
    REGISTRATION_TOKEN_WRONG = "registration_token_wrong"  # noqa: S105 (a reason)
    REQUEST_WRONG = "request_wrong"

    @classmethod
    def _missing_(cls, _value: object) -> "Reason":
        """Return the general reason for one that a newer version of the hub has stored."""
        return cls.REQUEST_WRONG


@dataclass(frozen=True, slots=True)
class Explanation:
    """The reason in one sentence, and what to do; ``{names}`` are details of the refusal."""

    says: str
    advice: str


def _is(says: str, advice: str) -> Explanation:
    return Explanation(says, advice)


_COMPARE_FILE = "Compare clients/{client}.toml with the portal's configuration."
_START_AGAIN = "Send the citizen to the authorization endpoint again."

EXPLANATIONS: Mapping[Reason, Explanation] = {
    Reason.CLIENT_UNKNOWN: _is(
        "The request named the client {named}, which is not registered.",
        "Send client_id={client}, byte for byte.",
    ),
    Reason.CLIENT_SUSPENDED: _is(
        "The client is suspended.",
        "`idp audit tail --subject {client}` says why; `idp clients resume {client}` ends it.",
    ),
    Reason.CREDENTIALS_MISSING: _is(
        "The request had no client credentials.",
        "Authenticate by token_endpoint_auth_method of the client's file.",
    ),
    Reason.CREDENTIALS_SEVERAL: _is(
        "The request authenticated in several ways at once: {sent}.",
        "Switch off all but the method of the client's file, {registered}.",
    ),
    Reason.CREDENTIALS_UNREADABLE: _is(
        "The request's credentials cannot be read: {sent}.",
        "Form-encode client_id and secret, join them by a colon, encode with base64"
        " (RFC 6749 2.3.1).",
    ),
    Reason.METHOD_WRONG: _is(
        "The client's file says {registered}, the request {sent}.",
        "Set the library to {registered}, or token_endpoint_auth_method in"
        " clients/{client}.toml to {used}.",
    ),
    Reason.SECRET_WRONG: _is(
        "The method is right, the secret is not, or has expired.",
        "Compare the secret in the portal's configuration;"
        " `idp clients rotate-secret {client}` makes a new one.",
    ),
    Reason.ASSERTION_WRONG: _is(
        "The client assertion is refused: {why}.",
        "RFC 7523 3: iss and sub are the client_id, aud is the issuer, exp at most five minutes"
        " ahead, jti new, the key in jwks or at jwks_uri.",
    ),
    Reason.ASSERTION_REPLAYED: _is(
        "The client assertion was used before.",
        "Make a new assertion, with a new jti, for each request.",
    ),
    Reason.INTROSPECTION_PUBLIC: _is(
        "A public client asked about a token; only clients with a credential may.",
        "Register the API with a client file of its own, with introspection_audience.",
    ),
    Reason.REDIRECT_URI_MISSING: _is(
        "The request had no redirect_uri.",
        "Send one of redirect_uris of clients/{client}.toml.",
    ),
    Reason.REDIRECT_URI_NOT_REGISTERED: _is(
        "The client's file does not list the address {received}.",
        "Compare byte for byte, with the closing slash; add it to {member} of"
        " clients/{client}.toml, or correct the portal.",
    ),
    Reason.REDIRECT_URI_OF_DEVELOPER: _is(
        "The client's file does not list the address {received}, of a developer's machine.",
        "A hub in development (server.environment; the demo is one) takes it at any port when"
        " {member} of clients/{client}.toml lists host and path; production takes 127.0.0.1 alone,"
        " of application_type native. See docs/integrate/develop.md.",
    ),
    Reason.REDIRECT_URI_DIFFERS: _is(
        "redirect_uri of the token request is not that of the authorization request.",
        "Send the same address twice.",
    ),
    Reason.PKCE_MISSING: _is(
        "The request had no code_challenge (PKCE).",
        "Turn PKCE with S256 on in the library. For one that cannot: require_pkce = false in"
        " clients/{client}.toml, and the hub's setting openid.without_pkce.",
    ),
    Reason.PKCE_NOT_S256: _is(
        "The request's PKCE is not S256: {says}.",
        "Set code_challenge_method to S256 in the library.",
    ),
    Reason.VERIFIER_WRONG: _is(
        "PKCE fails: {says}.",
        "Keep the verifier with state in the visitor's session until the callback.",
    ),
    Reason.SCOPE_NOT_IN_FILE: _is(
        "The request asked for a scope that the client may not have: {says}.",
        "Ask for less, or add it to scope of clients/{client}.toml. A refresh grants no more than"
        " its sign-in (RFC 6749, section 6).",
    ),
    Reason.SCOPE_LEFT_OUT: _is(
        "The request was answered, with fewer scopes than it asked for: {says}.",
        "Ask for less, or add them to scope of clients/{client}.toml.",
    ),
    Reason.RESPONSE_TYPE_OFF: _is(
        "The hub does not answer this response_type.",
        "Use response_type=code; others need the settings openid.implicit or openid.hybrid.",
    ),
    Reason.NOT_IN_FILE: _is(
        "The client's file does not allow this response_type or grant_type.",
        "Add it to response_types or grant_types of clients/{client}.toml.",
    ),
    Reason.RESOURCE_NOT_IN_FILE: _is(
        "The request named a resource that it may not have: {says}.",
        "Add the API to access_token_audience of clients/{client}.toml, and to the authorization"
        " request.",
    ),
    Reason.REQUEST_OBJECT_OFF: _is(
        "The client may not send this kind of request object.",
        "Sign it; unsigned ones need openid.unsigned_request_objects and"
        " request_object_signing_alg, request_uri needs request_uris of the client's file.",
    ),
    Reason.REQUEST_OBJECT_WRONG: _is(
        "The request object is refused: {why}.",
        "RFC 9101: signed with a key of jwks or jwks_uri, aud the issuer, not expired.",
    ),
    Reason.REQUEST_URI_WRONG: _is(
        "The request object could not be fetched from request_uri: {why}.",
        "List the address in request_uris, and serve it on a public host with its media type.",
    ),
    Reason.ACR_UNKNOWN: _is(
        "The request needs an acr that the hub cannot reach.",
        "Use a value of acr_values_supported of the discovery document.",
    ),
    Reason.GRANT_TYPE_UNKNOWN: _is(
        "The token request had a grant_type that the hub does not know, or none.",
        "Send grant_type=authorization_code or refresh_token in the body.",
    ),
    Reason.CODE_UNKNOWN: _is(
        "The hub did not issue this code.",
        "Send the parameter code of the callback unchanged, to the hub that issued it.",
    ),
    Reason.CODE_OF_ANOTHER_CLIENT: _is(
        "The code was issued to another client.",
        "Use one client_id for the authorization and the token request. Did somebody inject it?",
    ),
    Reason.CODE_EXPIRED: _is(
        "The code had expired.",
        "Redeem it at once, and compare the clocks. " + _START_AGAIN,
    ),
    Reason.CODE_USED: _is(
        "The code was redeemed twice, or tried before; all its tokens are revoked.",
        "Redeem a code once: look for a callback that runs twice, or a retry after a time-out.",
    ),
    Reason.SESSION_ENDED: _is(
        "The citizen's sign-in behind the code or token has ended.",
        _START_AGAIN,
    ),
    Reason.REFRESH_TOKEN_UNKNOWN: _is(
        "The hub does not know this refresh token, or it has been deleted.",
        _START_AGAIN,
    ),
    Reason.REFRESH_TOKEN_OF_ANOTHER_CLIENT: _is(
        "The refresh token was issued to another client; its family is revoked.",
        _COMPARE_FILE,
    ),
    Reason.REFRESH_TOKEN_USED: _is(
        "The refresh token was used before; its family is revoked.",
        "Store the new refresh token of each answer, in one place for all the portal's processes.",
    ),
    Reason.ACCESS_TOKEN_WRONG: _is(
        "The access token is refused: {why}.",
        "Use it within its ten minutes, at the server that its aud names; then refresh.",
    ),
    Reason.SCOPE_WITHOUT_OPENID: _is(
        "The scope did not contain openid.",
        "Add openid to the scope of the portal's configuration.",
    ),
    Reason.HINT_WRONG: _is(
        "id_token_hint cannot be used: {says}.",
        "Send the last ID token that this client got from this hub.",
    ),
    Reason.REGISTRATION_TOKEN_WRONG: _is(
        "The registration access token is not this client's, or was replaced.",
        "Use the token of the last answer.",
    ),
    Reason.REQUEST_WRONG: _is(
        "The request breaks a rule: {says}.",
        "docs/integrate/errors.md explains the errors; openapi.json has every parameter.",
    ),
}
