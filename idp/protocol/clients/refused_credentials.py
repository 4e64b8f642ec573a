"""Why client credentials are refused, for the client's log.

The client itself gets one answer for all that can be wrong (RFC 6749 5.2).
"""

from collections.abc import Mapping, Sequence

from idp.domain.clients.client import SECRET_METHODS, Client, ClientAuthMethod
from idp.domain.clients.refusal_reasons import Reason
from idp.protocol.core.refusal_notes import about, because
from idp.protocol.jose.faults import fault_of

SENT: Mapping[ClientAuthMethod, str] = {
    ClientAuthMethod.BASIC: "sent the secret in the Authorization header",
    ClientAuthMethod.POST: "posted the secret",
    ClientAuthMethod.PRIVATE_KEY_JWT: "sent a signed assertion",
    ClientAuthMethod.NONE: "sent client_id alone",
}


def note_refused(client: Client | None, client_id: str, used: ClientAuthMethod, why: str) -> None:
    """Note the reason in the order in which a developer meets it: client, method, credential."""
    if client is None:
        because(Reason.CLIENT_UNKNOWN, named=client_id)
        return
    about(client.client_id)
    if not client.is_active:
        because(Reason.CLIENT_SUSPENDED)
    elif not client.takes(used):
        registered = client.auth_method.value
        because(Reason.METHOD_WRONG, registered=registered, sent=SENT[used], used=used.value)
    elif used in SECRET_METHODS:
        because(Reason.SECRET_WRONG)
    else:
        because(Reason.ASSERTION_WRONG, why=fault_of(why))


def note_several(used: Sequence[ClientAuthMethod]) -> None:
    """Note that a request has more than one method, where it has one."""
    if used:
        sent = " and ".join(f"it {SENT[one]}" for one in used)
        because(Reason.CREDENTIALS_SEVERAL, sent=sent)
