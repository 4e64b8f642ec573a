"""Neighbours behind one address: D10 and D12."""

import pytest

from idp.store.sql.tables import metadata
from tests import factories
from tests.attack.flows.walks import BEGIN, wrong
from tests.attack.people.visitors import MINUTES_2
from tests.web.hub import Hub, hidden
from tests.web.registration.walk import prove, step_one
from tests.web.sign_in.walk import ask_recovery, prove_recovery

LATER_STEPS = (
    *("/login/code", "/login/code/again", "/register/code", "/register/code/resend"),
    *("/recover/code", "/recover/again", "/recover/password"),
)
NOBODYS = ("0" * 64, "made up", "")


REMEMBERS = ("form:", "form_answer:")


def rows_that_count(hub: Hub) -> list[object]:
    """Return every counter of the hub; what only remembers that a form came is none."""
    with hub.deps.begin(read_only=True) as work:
        read = work.codes._connection.execute
        counters, ephemeral = metadata.tables["counters"], metadata.tables["ephemeral"]
        rows = [*read(counters.select()), *read(ephemeral.select())]
    return sorted(repr(row) for row in rows if not row[0].startswith(REMEMBERS))


@pytest.mark.parametrize("path", LATER_STEPS)
def test_attack_D10_codes_for_a_flow_that_does_not_exist_move_no_counter(town, path):
    neighbour = town.browser()
    step_one(neighbour)
    before = rows_that_count(town)
    stranger = town.browser()
    for number in range(100):
        stranger.post(path, {"flow": NOBODYS[number % 3], "code": f"{number:06}"})
    assert before
    assert rows_that_count(town) == before


@pytest.mark.parametrize("flow", BEGIN)
def test_attack_D10_a_neighbours_right_code_is_right_all_the_same(town, flow):
    begin, type_code, onward = BEGIN[flow]
    neighbour, stranger = town.browser(), town.browser()
    page = begin(neighbour)
    for number in range(100):
        form = {"flow": "0" * 64, "code": f"{number:06}"}
        stranger.post("/register/code", form)
        stranger.post("/recover/code", form)
    assert type_code(neighbour, page).request.path == onward


def national_id(number: int) -> str:
    return factories.with_check_digit(f"99{8_300_001 + number:07}")


def register(browser, number):
    mobile = f"0912{1000000 + number}"
    return step_one(browser, national_id=national_id(number), mobile=mobile)


def recover(browser, number):
    return ask_recovery(browser, national_id(number))


@pytest.mark.parametrize(
    ("begin", "path", "count"), [(register, "/register", 31), (recover, "/recover", 21)]
)
def test_attack_D12_one_more_of_an_hour_behind_one_address_is_served_with_work(
    hub, begin, path, count
):
    """Without scripts: its form waits, and is taken."""
    pages = [begin(hub.browser(), number) for number in range(count - 1)]
    assert {page.status_code for page in pages} == {200}
    browser = hub.browser()
    held = begin(browser, count)
    assert held.status_code == 200
    hub.clock.move(MINUTES_2)
    page = browser.post(path, {"held": hidden(held, "held"), "altcha": ""})
    assert (page.status_code, page.request.path) == (200, f"{path}/code")


def test_attack_D12_the_101st_code_of_an_hour_behind_one_address_is_tried(town):
    for number in range(17):
        browser = town.browser()
        page = recover(browser, number)
        for _ in range(6):
            refused = prove_recovery(browser, page, wrong())
            assert refused.status_code == 422
    browser = town.browser()
    page = register(browser, 99)
    assert prove(browser, page, town.take_code()).request.path == "/register/details"
