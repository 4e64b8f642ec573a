from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from idp.domain.authorization.interaction import AuthorizationContext
from idp.domain.clients.client import ClientState, SelfRegistration
from idp.domain.sign_in.session import ACR_PASSWORD, Session
from idp.services.sign_in.consent import TEXT_VERSION, GiveConsent
from idp.services.sign_in.sessions import Proof
from idp.services.sign_out.back_channel_logout import LEASE, ImmediateBackChannelLogout
from idp.services.sign_out.sign_out import SignOut
from tests import factories
from tests.fakes import NOON
from tests.services.house import House, OneByOne, attempt

CONTEXT = AuthorizationContext(
    client_id="portal",
    redirect_uri="https://portal.example/callback",
    response_mode="query",
    response_type="code",
    scopes=("openid", "profile"),
    arrived_at=NOON,
    code_challenge=None,
    requested_claims={"userinfo": {"email": None}},
)


@pytest.fixture
def session(house: House) -> Session:
    with house.begin() as work:
        factories.put_client(work, factories.client())
        signed_in = house.sessions.open(
            work, house.account(), Proof(house.clock(), ACR_PASSWORD, ("pwd",))
        )
        work.sessions.visit(signed_in.session.id, "portal", house.clock())
        return signed_in.session


def test_signing_out_tells_each_portal_visited(house, session):
    [portal] = house.sign_out.sign_out(session)
    [job] = house.jobs()
    assert portal.client_id == "portal"
    assert (job.kind, job.payload["client_id"]) == ("backchannel_logout", "portal")


def test_a_portal_with_a_back_channel_is_told_before_the_browser_goes_on(house, session):
    with house.begin() as work:
        factories.put_client(
            work, factories.client(backchannel_logout_uri="https://portal.example/out")
        )
    house.sign_out.sign_out(session)
    assert [job.payload["client_id"] for job in house.told] == ["portal"]
    assert house.jobs() == []


def test_what_fails_at_once_is_left_to_the_worker(house, session):
    def fail(job):
        raise RuntimeError

    with house.begin() as work:
        factories.put_client(
            work, factories.client(backchannel_logout_uri="https://portal.example/out")
        )
    tell = ImmediateBackChannelLogout(thread_pool=OneByOne(), notify=fail)
    portals = SignOut(kernel=house.kernel, tell=tell).sign_out(session)
    house.clock.move(LEASE)
    assert [one.client_id for one in portals] == ["portal"]
    assert [job.kind for job in house.jobs()] == ["backchannel_logout"]


def test_signing_out_twice_tells_nobody_twice(house, session):
    house.sign_out.sign_out(session)
    house.jobs()
    assert list(house.sign_out.sign_out(session)) == []
    assert house.jobs() == []


def test_signing_out_revokes_what_hangs_on_the_session(house, session):
    with house.begin() as work:
        work.grants.add(factories.grant("online", session_id=session.id))
        work.grants.add(factories.grant("offline", session_id=session.id, offline=True))
    house.sign_out.sign_out(session)
    with house.begin(read_only=True) as work:
        live = [work.grants.find(one).is_live(house.clock()) for one in ("online", "offline")]
    assert live == [False, True]


def test_a_portal_that_is_gone_is_no_trouble(house, session):
    with house.begin() as work:
        work.clients.remove("portal")
    assert list(house.sign_out.sign_out(session)) == []


def test_a_consent_remembers_what_was_shown(house, session):
    house.consent.give(session, CONTEXT, factories.client(version=3))
    with house.begin(read_only=True) as work:
        consent = work.consents.find("account-1", "portal")
    assert consent.scopes == {"openid", "profile"}
    assert consent.claims == {"email"}
    assert (consent.client_version, consent.text_version) == (3, TEXT_VERSION)
    assert consent.given_at == house.clock()


def test_a_consent_adds_to_the_one_before(house, session):
    house.consent.give(session, CONTEXT, factories.client())
    house.consent.give(session, replace(CONTEXT, scopes=("openid", "phone")), factories.client())
    with house.begin(read_only=True) as work:
        consent = work.consents.find("account-1", "portal")
    assert consent.covers(frozenset({"openid", "profile", "phone"}), frozenset())


class AnotherTab:
    """A unit of work in which another tab acts until the account is held, and not after."""

    def __init__(self, work, acts):
        self._work, self._acts, self.accounts = work, acts, self

    def __getattr__(self, name):
        return getattr(self._work, name)

    def lock(self, account_id):
        self._acts(self._work)
        return self._work.accounts.lock(account_id)


@pytest.fixture
def contended(house):
    """Return the use case, and let another tab allow the portal the phone at the last moment."""

    def allow_phone(work):
        work.consents.save(factories.consent(scopes=frozenset({"openid", "phone"})))

    @contextmanager
    def begin(*, read_only=False):
        with house.begin(read_only=read_only) as work:
            yield AnotherTab(work, allow_phone)

    return GiveConsent(kernel=replace(house.kernel, begin=begin))


def test_of_two_consents_at_once_neither_is_lost(house, session, contended):
    contended.give(session, CONTEXT, factories.client())
    with house.begin(read_only=True) as work:
        consent = work.consents.find("account-1", "portal")
    assert consent.scopes == {"openid", "profile", "phone"}


def test_a_consent_that_is_given_meanwhile_is_taken_back_too(house, session, contended):
    assert contended.revoke(session, "portal")


def test_a_consent_taken_back_adds_nothing(house, session):
    house.consent.give(session, CONTEXT, factories.client())
    house.consent.revoke(session, "portal")
    house.consent.give(session, replace(CONTEXT, scopes=("openid", "phone")), factories.client())
    with house.begin(read_only=True) as work:
        consent = work.consents.find("account-1", "portal")
    assert not consent.covers(frozenset({"openid", "profile"}), frozenset())


def test_a_client_that_changed_starts_afresh(house, session):
    house.consent.give(session, CONTEXT, factories.client(version=1))
    more = replace(CONTEXT, scopes=("openid", "phone"))
    house.consent.give(session, more, factories.client(version=2))
    with house.begin(read_only=True) as work:
        consent = work.consents.find("account-1", "portal")
    assert not consent.covers(frozenset({"openid", "profile"}), frozenset())


def test_taking_back_revokes_the_portals_tokens(house, session):  # ASVS 10.7.3
    with house.begin() as work:
        work.grants.add(factories.grant(session_id=session.id, offline=True))
    house.consent.give(session, CONTEXT, factories.client())
    assert house.consent.revoke(session, "portal")
    with house.begin(read_only=True) as work:
        assert not work.grants.find("grant-1").is_live(house.clock())
        assert not work.consents.find("account-1", "portal").covers(frozenset(), frozenset())


def test_taking_back_nothing_does_nothing(house, session):
    assert not house.consent.revoke(session, "portal")
    assert not house.consent.revoke(session, "no-such-portal")


def test_the_portals_are_those_allowed_and_those_visited(house, session):
    with house.begin() as work:
        factories.put_client(work, factories.client("other", name="الف"))
    house.consent.give(
        session, replace(CONTEXT, client_id="other"), factories.client("other", name="الف")
    )
    portals = house.consent.portals(session)
    assert [one.client_id for one in portals] == ["other", "portal"]
    assert [one.since for one in portals] == [house.clock(), None]


SERVICES = {
    "records": {"name": "ب", "client_uri": "https://records.test/"},
    "pension": {"name": "الف", "initiate_login_uri": "https://pension.test/login"},
}
NOT_SHOWN = {
    "nowhere": {},
    "closed": {"client_uri": "https://closed.test/", "state": ClientState.SUSPENDED},
    "stranger": {"client_uri": "https://stranger.test/", "first_party": False},
}


def test_the_services_are_the_organisations_own_that_have_an_address(house, session):
    with house.begin() as work:
        for client_id, members in {**SERVICES, **NOT_SHOWN}.items():
            whole = {"first_party": True, **members}
            factories.put_client(work, factories.client(client_id, **whole))
    services = house.consent.services(session)
    assert [one.client_id for one in services] == ["pension", "records"]
    assert services[0].initiate_login_uri == "https://pension.test/login"
    assert services[1].client_uri == "https://records.test/"


def test_a_portal_that_the_citizen_was_at_is_no_other_service(house, session):
    visited = factories.client(first_party=True, client_uri="https://portal.test/")
    with house.begin() as work:
        factories.put_client(work, visited)
        work.sessions.visit(session.id, "portal", house.clock())
    assert house.consent.services(session) == []
    assert [one.client_uri for one in house.consent.portals(session)] == ["https://portal.test/"]


@pytest.mark.parametrize(
    "members", [{"state": ClientState.SUSPENDED}, {"registration": SelfRegistration(())}]
)
def test_nobody_is_led_to_a_portal_that_is_suspended_or_unreviewed(house, session, members):
    with house.begin() as work:
        uri = "https://portal.test/"
        factories.put_client(work, factories.client(client_uri=uri, **members))
        work.sessions.visit(session.id, "portal", house.clock())
    assert [one.client_uri for one in house.consent.portals(session)] == [None]


def test_a_suspended_portal_asks_for_nothing(house, session):
    assert house.consent.client("portal") is not None
    with house.begin() as work:
        factories.put_client(work, factories.client(state=ClientState.SUSPENDED))
    assert house.consent.client("portal") is None
    assert house.consent.client("nobody") is None


def test_a_known_device_of_the_future_is_still_bounded(house):
    with house.begin() as work:
        device = house.devices.remember(work, house.account(), None, attempt().visitor)
    house.clock.move(timedelta(days=29))
    assert house.devices.find(device, house.account()) is not None
    house.clock.move(timedelta(days=1))
    assert house.devices.find(device, house.account()) is None
    assert house.devices.find(device, None) is None
