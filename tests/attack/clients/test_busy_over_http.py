"""What browsers and portals are told while slow servers of clients hold every place: D15."""

from dataclasses import dataclass, field

import pytest

from idp.domain.clients.client import ClientAuthMethod
from tests.attack.people.portal import Portal
from tests.protocol.client_proofs import assertion
from tests.protocol.hub import ASSERTION_TYPE
from tests.web.hub import ORIGIN, words

ONE_PLACE = "[outbound]\nclient_fetches = 1\n"
SLOW, NEXT = "https://portal.example/slow.jwt", "https://portal.example/next.jwt"
KEYS = "https://portal.example/jwks"


@dataclass
class SlowServer:
    """While it is asked for anything, what comes meanwhile is done; then it answers nonsense."""

    meanwhile: list = field(default_factory=list)
    answers: list = field(default_factory=list)

    def get(self, url, *, media_types):
        self.answers += [self.meanwhile.pop()() for _ in list(self.meanwhile)]
        return b"{}"


@pytest.fixture
def server():
    return SlowServer()


@pytest.fixture
def portal(make_hub, server):
    hub = make_hub(ONE_PLACE, fetch=server)
    portal = Portal(hub)
    portal.change(request_uris=(SLOW, NEXT))
    return portal


@pytest.fixture
def busy(portal, server):
    """Return what somebody is answered while the portal's server is waited for."""

    def ask(act):
        server.meanwhile = [act]
        portal.ask(portal.hub.browser(), request_uri=SLOW)
        (answer,) = server.answers
        return answer

    return ask


def test_attack_D15_a_browser_is_told_to_come_back(portal, busy):
    page = busy(lambda: portal.ask(portal.hub.browser(), request_uri=NEXT))

    assert (page.status_code, page.headers["Retry-After"]) == (503, "1")
    assert "temporarily_unavailable" in words(page)


def test_attack_D15_a_portal_is_told_to_come_back(portal, busy):
    signs = {"auth_method": ClientAuthMethod.PRIVATE_KEY_JWT, "secrets": (), "jwks_uri": KEYS}
    portal.change(request_uris=(SLOW,), **signs)
    proof = assertion(aud=ORIGIN)
    form = {"grant_type": "authorization_code", "code": "x", "client_assertion": proof}
    form["client_assertion_type"] = ASSERTION_TYPE
    client = portal.hub.app.test_client()

    answer = busy(lambda: client.post("/oauth2/token", data=form, base_url=ORIGIN))

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert answer.json == {"error": "temporarily_unavailable"}


def test_attack_D15_pages_notice_nothing(portal, busy):
    page = busy(lambda: portal.hub.browser().get("/login"))

    assert page.status_code == 200
