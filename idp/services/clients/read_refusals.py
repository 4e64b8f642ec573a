"""What administrators read of the refused requests of a client."""

from collections.abc import Sequence
from dataclasses import dataclass

from idp.domain.clients.refusal import KEEP_REFUSALS, Refusal
from idp.services.clients.manage_clients import UnknownClient
from idp.services.kernel import Kernel


@dataclass(frozen=True, slots=True)
class ReadRefusals:
    """Reads the log of a client."""

    kernel: Kernel

    def of(self, client_id: str) -> Sequence[Refusal]:
        """Return the refusals of the last seven days, the latest last.

        A client that was removed keeps its lines so long. Raises UnknownClient: there is neither.
        """
        since = self.kernel.clock() - KEEP_REFUSALS
        with self.kernel.begin(read_only=True) as work:
            lines = [one for one in work.refusals.of_client(client_id) if one.last_at >= since]
            if not lines and work.clients.find(client_id) is None:
                raise UnknownClient(client_id)
        return lines
