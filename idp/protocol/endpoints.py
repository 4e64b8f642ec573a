"""Where the endpoints lie below the issuer: for routes, discovery and checks."""

CONFIGURATION = "/.well-known/openid-configuration"
OAUTH_METADATA = "/.well-known/oauth-authorization-server"
JWKS = "/oauth2/jwks"
AUTHORIZE = "/oauth2/authorize"
RESUME = "/oauth2/authorize/resume"
TOKEN = "/oauth2/token"  # noqa: S105 (a path)
USERINFO = "/oauth2/userinfo"
INTROSPECT = "/oauth2/introspect"
REVOKE = "/oauth2/revoke"
REGISTER = "/oauth2/register"
END_SESSION = "/oauth2/end_session"
CHECK_SESSION = "/oauth2/check_session"
