"""The proxy before three nodes, with the upstream that docs/operate/nodes.md tells of."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPSConnection
from ssl import create_default_context
from urllib.parse import urlsplit

import pytest

from tests.deploy.deployment import Deployment
from tests.simulators.http import Answer, Received, Simulator, simulated

pytestmark = pytest.mark.slow

JWKS = "/oauth2/jwks"
AWAY = Answer(503, b"{}", headers=(("Retry-After", "5"),))


class Nodes:
    """Three nodes and the proxy before them."""

    def __init__(self, deployment: Deployment, address: str, nodes: list[Simulator]) -> None:
        self.nodes = nodes
        self._tls = create_default_context(cafile=str(deployment.certificate))
        self._port = urlsplit(address).port

    def ask(self, method: str, path: str) -> int:
        line = HTTPSConnection("localhost", self._port, timeout=20, context=self._tls)
        line.request(method, path)
        status = line.getresponse().status
        line.close()
        return status

    @property
    def asked(self) -> int:
        return sum(len(node.received) for node in self.nodes)


def well(_: Received) -> Answer:
    return Answer()


def without_database(received: Received) -> Answer:
    return Answer() if received.path == JWKS else AWAY


@contextmanager
def three(deployment: Deployment, *handlers) -> Iterator[Nodes]:
    with ExitStack() as stack:
        nodes = [stack.enter_context(simulated(handler)) for handler in handlers]
        address = stack.enter_context(deployment.proxy_of(*(node.port for node in nodes)))
        yield Nodes(deployment, address, nodes)


def test_a_page_comes_from_another_node_where_one_has_no_database(deployment: Deployment):
    with three(deployment, without_database, well, well) as proxy:
        assert {proxy.ask("GET", "/login") for _ in range(6)} == {200}


def test_a_form_that_a_node_refused_is_not_sent_to_another(deployment: Deployment):
    """It may have taken effect: an SMS, a used code."""
    with three(deployment, *[without_database] * 3) as proxy:
        assert [proxy.ask("POST", "/login") for _ in range(4)] == [503] * 4
        assert proxy.asked == 4


def test_a_form_that_could_not_be_sent_goes_to_another_node(deployment: Deployment):
    with three(deployment, well, well, well) as proxy:
        proxy.nodes[0].go_down()
        assert {proxy.ask("POST", "/login") for _ in range(6)} == {200}


def test_documents_are_answered_while_all_nodes_say_that_the_database_is_away(
    deployment: Deployment,
):
    with three(deployment, *[without_database] * 3) as proxy:
        pages = {proxy.ask("GET", "/login") for _ in range(6)}
        assert (pages, {proxy.ask("GET", JWKS) for _ in range(6)}) == ({503}, {200})
