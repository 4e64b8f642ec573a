"""D14: rows that strangers write without end."""

import pytest

from idp.protocol.core.features import WhoRegisters
from idp.protocol.core.replies import ErrorPage, GoTo
from tests.protocol.hub import BROWSER, CALLBACK, FORM, encode
from tests.protocol.hub import ProtocolRequest as Request

LONG = "s" * 5000


@pytest.fixture
def portal(hub):
    return hub.register()


def rows(hub):
    """Return how many contexts were kept; none is left after."""
    with hub.at.begin() as work:
        return work.contexts.forget_expired(hub.clock().replace(year=2100), 10_000)


class NotingBegin:
    """Opens transactions, and counts those that may write."""

    def __init__(self, begin):
        self._begin = begin
        self.writing = 0

    def __call__(self, *, read_only=False):
        self.writing += not read_only
        return self._begin(read_only=read_only)


def test_attack_D14_a_resumed_request_writes_nothing(hub, portal):
    sealed = portal.authorize(session=None, state=LONG).sealed
    noting = NotingBegin(hub.at.begin)
    object.__setattr__(hub.at, "begin", noting)

    for _ in range(40):
        reply = hub.provider.resume(sealed, BROWSER, None)
        assert isinstance(reply, GoTo)
        assert reply.sealed == sealed

    assert (rows(hub), noting.writing) == (1, 1)


def test_attack_D14_the_same_request_is_the_same_row(hub, portal):
    first = portal.authorize(session=None, state=LONG)
    hub.move(minutes=1)
    second = portal.authorize(session=None, state=LONG)

    assert first.sealed == second.sealed
    assert second.context.arrived_at == hub.clock()
    assert hub.provider.open_context(second.sealed, BROWSER).arrived_at == hub.clock()
    assert rows(hub) == 1


def test_attack_D14_the_same_posted_request_is_the_same_row(hub, portal):
    body = encode(portal.request(state=LONG))
    request = Request(method="POST", path="/oauth2/authorize", body=body, content_type=FORM)

    assert len({hub.provider.authorize_posted(request).sealed for _ in range(9)}) == 1
    assert rows(hub) == 1


@pytest.mark.parametrize(
    "change", [{"state": LONG + "t"}, {"nonce": "another"}, {"scope": "openid"}]
)
def test_attack_D14_another_request_is_another_row(hub, portal, change):
    one = portal.authorize(session=None, state=LONG).sealed
    other = portal.authorize(session=None, **{"state": LONG, **change}).sealed

    assert one != other


def test_attack_D14_a_request_too_long_for_a_row_is_refused_by_name(hub, portal):
    reply = portal.authorize(session=None, state="s" * 7000, acr_values="a " * 1500)

    assert isinstance(reply, ErrorPage)
    assert (reply.status, reply.error) == (400, "invalid_request")
    assert "PAR" in reply.detail
    assert rows(hub) == 0


@pytest.fixture
def told(hub):
    hub.switch_on(registration=WhoRegisters.ANYBODY)
    return hub.register_itself({"redirect_uris": [CALLBACK]}).body


def put(hub, told):
    whole = {"client_id": told["client_id"], "redirect_uris": [CALLBACK]}
    return hub.manage("PUT", told["client_id"], told["registration_access_token"], whole)


def entries(hub, subject):
    with hub.at.begin(read_only=True) as work:
        return len(work.audit.tail(subject=subject, limit=500))


def test_attack_D14_a_client_changes_itself_twenty_times_an_hour(hub, told):
    for _ in range(20):
        told = put(hub, told).body
    before = entries(hub, told["client_id"])

    refused = put(hub, told)

    assert (refused.status, refused.headers["Retry-After"]) == (429, "3600")
    assert entries(hub, told["client_id"]) == before == 21
    assert hub.manage("GET", told["client_id"], told["registration_access_token"]).status == 200
    hub.move(hours=1)
    assert put(hub, told).status == 200


def test_attack_D14_one_invitation_registers_twenty_clients_an_hour(hub):
    hub.switch_on(registration=WhoRegisters.INVITED)
    invitation = hub.invite(uses=30)
    metadata = {"redirect_uris": [CALLBACK]}
    answers = [hub.register_itself(metadata, invitation).status for _ in range(21)]
    hub.move(hours=1)

    assert answers == [201] * 20 + [429]
    assert [hub.register_itself(metadata, invitation).status for _ in range(10)] == [201] * 10
