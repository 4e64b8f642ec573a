"""What introspection and revocation share: an authenticated client and one token."""

from collections.abc import Callable

from authlib.oauth2.rfc6749.errors import InvalidRequestError, OAuth2Error

from idp.domain.clients.client import Client
from idp.domain.clients.refusal_reasons import Reason
from idp.protocol.clients.authentication import PARAMETERS, ClientAuthentication, ClientRefused
from idp.protocol.core.provider_context import ProviderContext
from idp.protocol.core.refusal_notes import because
from idp.protocol.core.replies import Empty, Json
from idp.protocol.core.request_parameters import Malformed, body_parameters
from idp.protocol.core.requests import ProtocolRequest
from idp.protocol.token.token_endpoint import error_reply
from idp.store.unit_of_work import UnitOfWork

KNOWN = PARAMETERS | {"token"}
"""``token_type_hint`` is ignored: both kinds are looked up (RFC 7009 2.1, RFC 7662 2.1)."""

Act = Callable[[UnitOfWork, Client, str], Json | Empty]


class TokenEndpoint:
    """Authenticates the client, then acts on the token within one transaction."""

    def __init__(
        self,
        provider: ProviderContext,
        clients: ClientAuthentication,
        *,
        confidential_only: bool,
        writes: bool,
    ) -> None:
        """``writes``: whether the act changes rows."""
        self._provider = provider
        self._clients = clients
        self._confidential_only = confidential_only
        self._writes = writes

    def answer(self, request: ProtocolRequest, act: Act) -> Json | Empty:
        """Return the answer of ``act``, or the OAuth error of a bad request."""
        try:
            parameters = body_parameters(request, KNOWN).whole()
            authenticated = self._clients.authenticate(request.headers, parameters)
            if self._confidential_only and authenticated.client.is_public:
                because(Reason.INTROSPECTION_PUBLIC)
                raise ClientRefused
            token = parameters.find("token")
            if token is None:
                raise InvalidRequestError("token is missing")
            client = authenticated.take(self._provider.begin)
            with self._provider.begin(read_only=not self._writes) as work:
                return act(work, client, token)
        except Malformed as malformed:
            return error_reply(InvalidRequestError(malformed.why))
        except OAuth2Error as error:
            return error_reply(error)
