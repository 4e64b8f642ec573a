"""What portals could compare to join their users: J21, J22."""

from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.attack.both import at_both
from tests.fakes import NOON
from tests.protocol.hub import read_claims
from tests.web.hub import ORIGIN

TWO = {"portal": "https://portal.example/callback", "other": "https://other.example/callback"}
OUT = "frontchannel_logout_uri"


@pytest.fixture
def two(ours):
    """Two portals of different hosts; the same citizen, in one session, is at both."""
    return [
        ours.register(
            name,
            redirect_uris=[callback],
            post_logout_redirect_uris=[callback],
            **{OUT: callback.replace("callback", "out")},
        )
        for name, callback in TWO.items()
    ]


def session_of(ours):
    token = ours.citizen.get_cookie("hub_session", domain="127.0.0.1").value
    return ours.hub.deps.sessions.find_live(token)


def in_the_id_token(ours, portal):
    return read_claims(portal.obtain_tokens()["id_token"])["sid"]


def in_the_logout_token(ours, portal):
    session = session_of(ours)
    ended = SimpleNamespace(
        client=ours.client(portal.client_id), account_id="account-1", session_id=session.id
    )
    return read_claims(ours.hub.deps.provider.logout_token(ended, NOON))["sid"]


def in_the_frame(ours, portal):
    client = ours.client(portal.client_id)
    [frame] = ours.hub.deps.provider.logout_frames([client], session_of(ours).id)
    return parse_qs(urlsplit(frame).query)["sid"][0]


PLACES = (in_the_id_token, in_the_logout_token, in_the_frame)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
def test_attack_J21_two_portals_know_a_session_by_two_names(ours, two, place):
    one, other = (place(ours, portal) for portal in two)

    assert one != other


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
def test_attack_J21_nor_do_two_portals_of_one_sector_share_one(ours, place):
    one, other = (ours.register(name, sector="portal.example") for name in TWO)
    for portal in (one, other):
        ours.change_client(portal.client_id, frontchannel_logout_uri="https://portal.example/out")

    assert place(ours, one) != place(ours, other)


@pytest.mark.parametrize("place", PLACES[1:], ids=lambda place: place.__name__)
def test_attack_J21_a_portal_finds_its_session_by_the_name_it_was_told(ours, two, place):
    assert place(ours, two[0]) == in_the_id_token(ours, two[0])


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
def test_attack_J21_the_sessions_own_id_is_nobodys_to_know(ours, two, place):
    assert place(ours, two[0]) != session_of(ours).id


def test_attack_J21_each_session_has_a_name_of_its_own(ours, two):
    before = in_the_id_token(ours, two[0])
    ours.sign_in()

    assert in_the_id_token(ours, two[0]) != before


def shared_by_both(ours, two):
    """Return the values that two ID tokens, or two access tokens, have in common, by name."""
    tokens = [portal.obtain_tokens() for portal in two]
    pairs = [[read_claims(one[kind]) for one in tokens] for kind in ("id_token", "access_token")]
    return {name for a, b in pairs for name in a.keys() & b.keys() if a[name] == b[name]}


def test_attack_J21_nothing_else_in_two_portals_tokens_is_the_name_of_a_person(ours, two):
    """Issuer, times, the way of signing in, scopes, and the nonce that the test sends to both."""
    common = {"iss", "iat", "exp", "auth_time", "acr", "amr", "scope", "nonce"}

    assert shared_by_both(ours, two) <= common | {"aud"}  # the hub itself, in access tokens


APPS = [["http://127.0.0.1/cb"], ["http://[::1]/cb"], ["com.example.app:/cb"]]


def subjects(target, names, **metadata):
    """Return the subject that the citizen is to each of these clients."""
    portals = [target.register(name, **metadata) for name in names]
    return [read_claims(portal.obtain_tokens()["id_token"])["sub"] for portal in portals]


@pytest.mark.parametrize("uris", APPS, ids=str)
@at_both(hub=2, naive=1)
def test_attack_J22_apps_of_two_owners_do_not_know_a_citizen_by_one_name(target, expected, uris):
    """OIDC Core 8.1, RFC 8252 7: everybody may listen there."""
    app = {"application_type": "native", "redirect_uris": uris}

    assert len(set(subjects(target, ("app-1", "app-2"), **app))) == expected


@pytest.mark.parametrize("settings", ["[openid]\nregistration = 'invited'\n"])
def test_attack_J22_nobody_registers_for_public_subjects(ours):
    answer = ours.register_by_http(subject_type="public")

    assert (answer.status_code, answer.json["subject_type"]) == (201, "pairwise")


@pytest.mark.parametrize("settings", ["[openid]\nregistration = 'invited'\n"])
def test_attack_J22_nor_changes_to_them(ours):  # RFC 7592 2.2
    mine = ours.register_by_http().json
    headers = {"Authorization": f"Bearer {mine['registration_access_token']}"}
    wanted = {
        "client_id": mine["client_id"],
        "redirect_uris": mine["redirect_uris"],
        "subject_type": "public",
    }

    answer = ours.stranger.put(
        f"/oauth2/register/{mine['client_id']}", json=wanted, base_url=ORIGIN, headers=headers
    )

    assert (answer.status_code, answer.json["subject_type"]) == (200, "pairwise")


@pytest.mark.parametrize("settings", ["[openid]\nregistration = 'invited'\n"])
@pytest.mark.parametrize("uris", APPS, ids=str)
def test_attack_J22_nobody_joins_a_sector_by_an_address_that_is_everybodys(ours, uris):
    answer = ours.register_by_http(
        application_type="native",
        redirect_uris=uris,
        sector_identifier_uri="https://portal.example/sector.json",
    )

    assert "sector_identifier_uri" in answer.json["error_description"]
