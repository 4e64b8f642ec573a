"""Guessing passwords, and what a password may be: the cases SE10 to SE16."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from idp.adapters.host_semaphore import HostSemaphore
from idp.adapters.password_hashing import Argon2Hashing
from idp.domain.protection.rate_limits import HAD_TURN, EverybodysKey, WorkDone
from idp.services.protection.shared_marks import WorkNeeded
from idp.services.protection.turns import TurnNeeded
from tests import factories
from tests.attack.people.visitors import MINUTE, MINUTES_2, SPELLINGS, from_network, inside
from tests.web.hub import ORIGIN, hidden
from tests.web.sign_in.walk import NEW_PASSWORD, PASSWORD, USER, log_in

FREE = 4
"""Wrong passwords for one ID that go by themselves: the fifth is asked for work."""
FREE_ON_DEVICE = 10

# SE10 to SE14: guessing


def test_attack_SE10_SE12_of_200_parallel_guesses_four_are_verified_and_the_owner_enters(
    on_postgres,
):
    owner = inside(on_postgres)
    owner.post("/logout", {})
    on_postgres.hashing.hashed = 0
    strangers = [on_postgres.browser() for _ in range(8)]
    for stranger in strangers:
        stranger.csrf_token()

    def guess(number):
        return log_in(strangers[number % 8], password=f"Guess{number}").status_code

    with ThreadPoolExecutor(9) as pool:
        guesses = pool.map(guess, range(200))
        entered = pool.submit(log_in, owner).result()
        statuses = list(guesses)

    assert entered.location == "/account"
    assert on_postgres.hashing.hashed <= FREE + 1
    assert set(statuses) <= {200, 422, 503}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_attack_SE11_every_spelling_counts_at_one_account(town, spelling):
    browser = town.browser()
    for number in range(FREE):
        log_in(browser, f"Wrong{number}", username=spelling)
    assert hidden(log_in(browser), "held")


def test_attack_SE11_tries_at_the_account_page_count_with_them(town):
    browser = inside(town)
    form = {"old_password": "x", "password": NEW_PASSWORD, "password_again": NEW_PASSWORD}
    for _ in range(FREE_ON_DEVICE):
        browser.post("/account/security/password", form)
    town.clock.move(timedelta(seconds=1))
    browser.post("/logout", {})
    assert log_in(browser).status_code == 429


def test_attack_SE12_strangers_everywhere_do_not_keep_the_owner_out(town):
    owner = inside(town)
    owner.post("/logout", {})
    stranger = town.browser()
    for number in range(FREE + 1):
        page = from_network(stranger, number, password=f"Wrong{number}")
    flood(town)
    assert hidden(page, "held")
    assert log_in(owner).location == "/account"


def test_attack_SE12_on_a_new_device_the_owner_waits_a_little_and_enters(town):
    flood(town)
    owner = town.browser()
    page = log_in(owner)
    town.clock.move(MINUTES_2)  # for its ticket
    flood(town)
    page = owner.post("/login", {"held": hidden(page, "held"), "altcha": ""})
    assert hidden(page, "flow")


def test_attack_SE12_behind_the_strangers_own_address_the_owner_is_asked_for_work_and_enters(town):
    flood(town)
    owner = town.browser()
    had_first(town, owner)
    flood(town)
    page, statuses = log_in(owner), set()
    while "held" in page.text:  # tickets instead of the work, which no test computes
        statuses.add(page.status_code)
        town.clock.move(MINUTE)
        flood(town, turns=60)
        page = owner.post("/login", {"held": hidden(page, "held"), "altcha": ""})
    assert statuses == {200}
    assert hidden(page, "flow")


def flood(hub, turns=400):
    """Fail a hundred times for the citizen, from everywhere, and pay more turns than there are."""
    tries = hub.deps.sign_in.tries
    account = EverybodysKey.of_typed_id(USER)
    for _ in range(100):
        tries.by_account.ask(account, HAD_TURN)
    for _ in range(turns):
        with suppress(TurnNeeded):
            tries.turns.take(account, EverybodysKey.of_network("9.9.9.9"), WorkDone.of(10))


def had_first(hub, owner):
    """Let a stranger behind the owner's address be the first of the network."""
    address = EverybodysKey.of_network(owner.client.environ_base["REMOTE_ADDR"])
    account = EverybodysKey.of_typed_id(USER)
    with suppress(WorkNeeded):
        hub.deps.sign_in.tries.turns.take(account, address, WorkDone.of(4))


def spoofed(browser, header, number):
    """Begin the recovery of another ID each time, with a made-up header."""
    headers = {"X-Forwarded-For": header}
    national_id = factories.with_check_digit(f"99{8_200_001 + number:07}")
    form = {"csrf_token": browser.csrf_token(), "username": national_id}
    return browser.client.post(
        "/recover", data=form, base_url=ORIGIN, headers=headers, follow_redirects=True
    )


FREE_CODES = 19
"""Codes that a network may ask for in an hour, each for another ID, before work is asked."""


@pytest.mark.parametrize("forged", ["{}.1.1.1", "{}.1.1.1, 5.6.7.8", "x{}, 5.6.7.8"])
@pytest.mark.parametrize("proxies", [0, 1])
def test_attack_SE13_what_a_visitor_writes_into_the_header_dodges_no_limit(
    make_hub, proxies, forged
):
    hub = make_hub(f"[server]\ntrusted_proxies = {proxies}\n")
    browser = hub.browser()
    # The proxy writes the address of who speaks to it behind what was there.
    seen = "{}" if proxies == 0 else "{}, 5.6.7.8"
    for number in range(FREE_CODES):
        page = spoofed(browser, seen.format(forged.format(number)), number)
        assert page.request.path == "/recover/code"
    assert hidden(spoofed(browser, seen.format(forged.format(99)), 99), "held")


def test_attack_SE13_nobody_spends_the_limit_of_another_network(make_hub):
    hub = make_hub("[server]\ntrusted_proxies = 1\n")
    browser = hub.browser()
    for number in range(FREE_CODES + 1):
        spoofed(browser, "7.7.7.7, 5.6.7.8", number)
    assert spoofed(browser, "7.7.7.7", 99).request.path == "/recover/code"


def test_attack_SE14_one_password_at_many_IDs_needs_work(town):
    stranger = town.browser()
    for number in range(20):
        page = from_network(stranger, number, username=f"{number:010}", password=PASSWORD)
        assert page.status_code == 422
    hashed = town.hashing.hashed
    assert hidden(from_network(stranger, 99, password=PASSWORD), "held")
    assert town.hashing.hashed == hashed


def test_attack_SE14_within_a_network_five_IDs_are_enough(town):
    stranger = town.browser()
    for number in range(5):
        log_in(stranger, username=f"{number:010}")
    assert 'name="held"' in log_in(stranger).text


# SE15, SE16: passwords


def test_attack_SE15_a_body_of_a_megabyte_is_refused(town):
    assert log_in(town.browser(), "x" * 1024 * 1024).status_code == 413


@pytest.mark.parametrize("typed", ["x" * 1025, f"{PASSWORD}\x00", f"{PASSWORD}\x00x"])
def test_attack_SE15_what_is_too_long_or_holds_a_nul_is_no_password(town, typed):
    hashed = town.hashing.hashed
    assert log_in(town.browser(), typed).status_code == 422
    assert town.hashing.hashed == hashed


def test_attack_SE15_nothing_of_a_long_password_is_cut_off(hub):
    long = "Sabz1234" * 10
    credentials = replace(factories.account().credentials, password_hash=hub.hashing.hash(long))
    with hub.deps.begin() as work:
        work.accounts.add(factories.account(credentials=credentials))
    assert log_in(hub.browser(), long[:72] + "xxxxxxxx").status_code == 422
    assert log_in(hub.browser(), long).status_code == 200


def argon2(folder, memory_kib, time_cost=1):
    slots = HostSemaphore(folder=folder, count=1, queue=1, wait=timedelta(seconds=5))
    return Argon2Hashing([("p1", b"p" * 32)], slots, memory_kib=memory_kib, time_cost=time_cost)


def test_attack_SE16_a_weaker_hash_is_renewed_and_a_stronger_one_is_kept(tmp_path):
    weak, strong = (argon2(tmp_path, memory) for memory in (8, 64))
    assert strong.needs_rehash(weak.hash(PASSWORD))
    assert not weak.needs_rehash(strong.hash(PASSWORD))
