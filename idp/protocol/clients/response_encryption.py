"""Response encryption: answers are encrypted to a key of the client (OIDC Core 10.2)."""

from dataclasses import dataclass, field

from idp.domain.clients.client import Client
from idp.domain.clients.crypto import DEFAULT_ENC
from idp.protocol.clients.keys import ClientKeys
from idp.protocol.jose.jwe import encrypt
from idp.protocol.jose.jws import PublicKey

NO_KEY = "no key of the client to encrypt to is known"


class NoRecipientKey(Exception):
    """The client is registered for encrypted answers, and no suitable key of it is known."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """A client's key, and how to encrypt to it."""

    alg: str
    enc: str
    kid: str | None
    key: PublicKey = field(repr=False)

    def encrypt(self, text: str, *, nested: bool = True) -> str:
        """Return the text encrypted; ``nested``: it is a signed token (RFC 7519 5.2)."""
        header = {"alg": self.alg, "enc": self.enc}
        if nested:
            header["cty"] = "JWT"
        if self.kid is not None:
            header["kid"] = self.kid
        return encrypt(text, self.key, header)


class ResponseEncryption:
    """Finds client keys, fetching them when necessary: call it outside transactions."""

    def __init__(self, keys: ClientKeys) -> None:
        self._keys = keys

    def of_id_token(self, client: Client) -> Recipient | None:
        """Return the recipient of ID tokens; None without encryption. Raises NoRecipientKey."""
        return self._find(
            client, client.id_token_encrypted_response_alg, client.id_token_encrypted_response_enc
        )

    def of_userinfo(self, client: Client) -> Recipient | None:
        """Return the recipient of userinfo answers, or None. Raises NoRecipientKey."""
        return self._find(
            client, client.userinfo_encrypted_response_alg, client.userinfo_encrypted_response_enc
        )

    def _find(self, client: Client, alg: str | None, enc: str | None) -> Recipient | None:
        if alg is None:
            return None
        found = self._keys.find_recipient(client, alg)
        if found is None:
            raise NoRecipientKey(client.client_id)
        kid, key = found
        return Recipient(alg, enc or DEFAULT_ENC, kid, key)
