"""How a client proves itself at the token endpoint: by credentials or by an assertion."""

from tests.fakes import NOON
from tests.protocol.hub import ASSERTION_TYPE, ISSUER, key_pair, sign
from tests.protocol.token.test_codes import refused

NOW = int(NOON.timestamp())


def redeem_with(portal, headers=None, **form):
    """Redeem a good code with these credentials."""
    return portal.token(
        headers or {},
        grant_type="authorization_code",
        code=portal.obtain_code(),
        redirect_uri=portal.client.redirect_uris[0],
        code_verifier="v" * 50,
        **form,
    )


def is_unknown(reply):
    return refused(reply, "invalid_client", 401) and "WWW-Authenticate" in reply.headers


def assertion(key=None, alg="RS256", header=None, **claims):
    whole = {
        "iss": "portal",
        "sub": "portal",
        "aud": ISSUER,
        "iat": NOW,
        "exp": NOW + 60,
        "jti": "an-id",
        **claims,
    }
    given = {name: value for name, value in whole.items() if value is not None}
    return sign(given, key or key_pair("RSA", 1), alg, **(header or {"kid": "one"}))


def redeem_signed(portal, text, **form):
    return redeem_with(portal, client_assertion=text, client_assertion_type=ASSERTION_TYPE, **form)
