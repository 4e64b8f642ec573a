"""Neighbours behind one address: the cases D09, D11, D13 and O18."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from structlog.testing import capture_logs

from tests.attack.people.portal import answer_in
from tests.attack.people.visitors import inside
from tests.web.hub import ORIGIN, hidden
from tests.web.sign_in.walk import PASSWORD, USER, add_account, log_in


def test_attack_D09_a_neighbour_signs_in_on_a_known_device_whatever_strangers_post(town):
    owner = inside(town)
    owner.post("/logout", {})
    stranger = town.browser()
    pages = [log_in(stranger, f"x{n}", username=f"{n:010}") for n in range(100)]
    assert {page.status_code for page in pages} == {200, 422}
    assert log_in(owner).location == "/account"


def test_attack_D09_on_a_new_device_the_neighbour_is_asked_for_work_and_never_refused(town):
    stranger = town.browser()
    for n in range(100):
        log_in(stranger, f"x{n}", username=f"{n:010}")
    page = log_in(town.browser())
    assert (page.status_code, bool(hidden(page, "held"))) == (200, True)


def test_attack_D11_requests_of_unknown_clients_slow_their_own_kind_alone(town, portal):
    neighbour, stranger = inside(town), town.browser()
    asked = [stranger.get("/oauth2/authorize?client_id=nobody").status_code for _ in range(125)]
    assert asked == [400] * 120 + [429] * 5
    assert "code" in answer_in(portal.ask(neighbour))


def test_attack_D11_requests_of_a_registered_client_are_never_limited(town, portal):
    neighbour = town.browser()
    pages = [portal.ask(neighbour, state=f"s{n}") for n in range(140)]
    assert {urlsplit(page.location).path for page in pages} == {"/login"}


def from_proxy(browser, written, number):
    """Post the login form of another ID and password, as the proxy hands it on."""
    form = {
        "csrf_token": browser.csrf_token(),
        "username": f"{number:010}",
        "password": "Wrong1234",
    }
    headers = {"X-Forwarded-For": written}
    return browser.client.post(
        "/login", data=form, base_url=ORIGIN, headers=headers, follow_redirects=True
    )


@pytest.mark.parametrize(
    "form",
    ["198.51.100.{}:4711", "[2001:db8:0:{}::1]", "[2001:db8:0:{}::1]:4711", "2001:db8:0:{}::1"],
)
def test_attack_D13_citizens_behind_ports_and_brackets_are_networks_of_their_own(make_hub, form):
    hub = make_hub("[server]\ntrusted_proxies = 1\n")
    browser = hub.browser()
    pages = [from_proxy(browser, form.format(n), n) for n in range(9)]
    assert {page.status_code for page in pages} == {422}


@pytest.mark.parametrize("written", ["198.51.100.7:{}", "[2001:db8::1]:{}", "[2001:db8::{}]"])
def test_attack_D13_one_network_is_one_whatever_its_port(make_hub, written):
    hub = make_hub("[server]\ntrusted_proxies = 1\n")
    browser = hub.browser()
    pages = [from_proxy(browser, written.format(4711 + n), n) for n in range(6)]
    assert hidden(pages[-1], "held")


@pytest.mark.parametrize("written", ["unknown", "_hidden", "x" * 500, "198.51.100.7:"])
def test_attack_D13_what_is_no_address_is_an_alarm_and_nobodys_network(make_hub, written):
    hub = make_hub("[server]\ntrusted_proxies = 1\n")
    browser = hub.browser()
    with capture_logs() as lines:
        pages = [from_proxy(browser, written, n) for n in range(9)]
    assert {page.status_code for page in pages} == {422}
    assert [line["alarm"] for line in lines if "alarm" in line] == ["invalid_forwarded_for"]
    assert hub.deps.strange_addresses.seen() > 0


def test_attack_D13_a_proxy_that_writes_nothing_makes_no_network_of_all(make_hub):
    hub = make_hub("[server]\ntrusted_proxies = 1\n")
    browser = hub.browser()
    pages = [log_in(browser, "Wrong1234", username=f"{n:010}") for n in range(9)]
    assert {page.status_code for page in pages} == {422}


def test_attack_O18_ninety_forms_that_wait_side_by_side_are_taken_one_after_the_other(hub):
    add_account(hub)
    browser = hub.browser()
    for n in range(5):
        log_in(browser, username=f"{n:010}")
    waiting = [hidden(log_in(browser, PASSWORD, username=USER), "held") for _ in range(90)]
    hub.clock.move(timedelta(minutes=2))
    pages = [browser.post("/login", {"held": held, "altcha": ""}) for held in waiting]
    taken = [page for page in pages if 'name="held"' not in page.text]
    assert len(taken) == 12
