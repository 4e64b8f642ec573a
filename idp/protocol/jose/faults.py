"""What a token lacks, in a few words, for each code of ``BadToken``."""

from collections.abc import Mapping

_FAULTS: Mapping[str, str] = {
    "algorithm": "its alg is not accepted here",
    "audience": "its aud is wrong",
    "client": "its client is unknown or suspended, or client_id inside is another's",
    "encryption": "it cannot be decrypted",
    "exp": "it has expired, or exp is missing or too far ahead",
    "form": "it is no token that can be read",
    "grant": "the citizen's sign-in or consent has ended",
    "iat": "its iat is in the future",
    "issuer": "its iss is wrong",
    "jti": "its jti is missing or too long",
    "key": "no key for its kid and alg is known",
    "kid": "its kid is malformed",
    "life": "it lives too long",
    "nbf": "its nbf is in the future",
    "nested": "it holds a request or a request_uri",
    "seal": "it was not made by this hub",
    "signature": "its signature is wrong",
    "size": "it is too long",
    "subject": "its iss or sub is not the client_id",
    "text": "a value is no text",
    "type": "its typ says that it is another kind of token",
}


def fault_of(code: str) -> str:
    """Return the fault in words; a code without words is the name of a malformed member."""
    return _FAULTS.get(code, f"its member {code} is malformed")
