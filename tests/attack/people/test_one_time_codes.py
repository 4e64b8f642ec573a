"""One-time codes and the SMS that carry them: the cases O01 to O13."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import redis
from structlog.testing import capture_logs

from idp.adapters.randomness import SystemRandomness
from idp.adapters.redis_ephemeral import RedisEphemeral
from idp.domain.people.mobile_change import RECOVERY_HOLD
from idp.domain.sign_in.one_time_code import CODE_LIFE, CODE_TRIES
from idp.store.sql.tables import metadata
from tests import factories
from tests.web.hub import ORIGIN, hidden, words
from tests.web.registration.walk import step_one
from tests.web.sign_in.walk import (
    PASSWORD,
    USER,
    add_account,
    answer_recovery,
    ask_recovery,
    context_of,
    enter,
    log_in,
    prove_recovery,
)

A_MINUTE = timedelta(seconds=61)


def wrong(code):
    """Another code than this one."""
    return f"{(int(code) + 1) % 10**6:06}"


def type_code(browser, pending, code):
    return browser.post("/login/code", {"flow": pending, "code": code}, follow=False)


def begin(hub):
    """A browser that waits for the code of a sign-in, the pending sign-in, and the code."""
    browser = hub.browser()
    pending = hidden(log_in(browser), "flow")
    return browser, pending, hub.take_code()


def test_attack_O01_after_five_wrong_codes_the_right_one_is_dead(town):
    browser, pending, code = begin(town)
    for _ in range(CODE_TRIES):
        assert type_code(browser, pending, wrong(code)).status_code == 422
    assert type_code(browser, pending, code).status_code == 422


@pytest.mark.parametrize(("begin_flow", "most"), [(log_in, 30), (ask_recovery, 10)])
def test_attack_O02_codes_that_can_be_guessed_are_few_over_all_flows(easy_town, begin_flow, most):
    """Each is good for five tries, so these are the tries of a day."""
    for _ in range(40):
        page = begin_flow(easy_town.browser())
        assert page.request.path.endswith("/code")
        easy_town.take_sms()
        easy_town.clock.move(timedelta(minutes=25))
    assert len(easy_town.sms) == most


@pytest.mark.parametrize("begin_flow", [log_in, ask_recovery])
def test_attack_O02_a_flow_begun_again_gives_no_new_tries(easy_town, begin_flow):
    browser = easy_town.browser()
    page = begin_flow(browser)
    code, address = easy_town.take_code(), page.request.path
    for _ in range(CODE_TRIES):
        browser.post(address, {"flow": hidden(page, "flow"), "code": wrong(code)})
        page = begin_flow(browser)
    late = browser.post(address, {"flow": hidden(page, "flow"), "code": code})
    assert (late.status_code, late.request.path) == (422, address)
    assert easy_town.take_sms() == []


def test_attack_O03_of_sixteen_right_codes_at_once_one_enters(on_postgres):
    browser, pending, code = begin(on_postgres)
    same = [on_postgres.browser() for _ in range(16)]
    for one in same:
        one.client.set_cookie("hub_browser", browser.cookie("hub_browser"), domain="127.0.0.1")
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda one: type_code(one, pending, code), same))
    assert [one.location for one in answers if one.status_code == 303] == ["/account"]


def test_attack_O04_a_code_is_dead_after_its_resend(town):
    browser, pending, old = begin(town)
    town.clock.move(A_MINUTE)
    browser.post("/login/code/again", {"flow": pending})
    fresh = town.take_code()
    assert type_code(browser, pending, old).status_code == 422
    assert type_code(browser, pending, fresh).location == "/account"


def test_attack_O04_a_code_works_once(town):
    browser, pending, code = begin(town)
    type_code(browser, pending, code)
    browser.post("/logout", {})
    assert type_code(browser, pending, code).status_code == 400


def test_attack_O04_a_code_is_dead_at_the_end_of_its_life(town):
    browser, pending, code = begin(town)
    town.clock.move(CODE_LIFE)
    assert type_code(browser, pending, code).status_code == 422


def test_attack_O05_a_code_of_one_sign_in_opens_no_other(town):
    _, _, code = begin(town)
    town.clock.move(A_MINUTE)
    other, pending, _ = begin(town)
    assert type_code(other, pending, code).status_code == 422


def test_attack_O05_a_code_of_a_sign_in_recovers_nothing(town):
    _, _, code = begin(town)
    browser = town.browser()
    page = ask_recovery(browser)
    assert prove_recovery(browser, page, code).status_code == 422


def test_attack_O05_a_code_of_one_phone_proves_no_other(hub):
    browser = hub.browser()
    step_one(browser)
    code = hub.take_code()
    page = step_one(browser, mobile=factories.OTHER_MOBILE.national)
    typed = {"flow": hidden(page, "flow"), "code": code}
    assert browser.post("/register/code", typed).status_code == 422


def test_attack_O06_a_code_is_shown_and_logged_nowhere(town):
    browser = town.browser()
    with capture_logs() as lines:
        page = log_in(browser)
        pending = hidden(page, "flow")
        code = town.take_code()
        refused = type_code(browser, pending, wrong(code))
        entered = type_code(browser, pending, code)
    seen = [page.text, refused.text, str(entered.headers), repr(lines)]
    assert not any(code in text for text in seen)


def test_attack_O06_a_row_holds_a_digest_and_the_message_is_wiped(town):
    _, _, code = begin(town)
    with town.deps.begin(read_only=True) as work:
        read = work.codes._connection.execute
        rows = [row for table in metadata.sorted_tables for row in read(table.select())]
    assert rows
    assert not any(code in repr(row) for row in rows)


def test_attack_O06_codes_come_from_the_systems_chance():
    made = {SystemRandomness().code() for _ in range(1000)}
    assert len(made) > 950
    assert all(len(code) == 6 for code in made)


@pytest.mark.parametrize("mobile", ["+14155550123", "02188888888", "09400000000", "0935", "+9891"])
def test_attack_O07_only_iranian_mobiles_get_a_code(hub, mobile):
    assert step_one(hub.browser(), mobile=mobile).status_code == 422
    assert hub.take_sms() == []


def pump(hub, count, first=0):
    """Begin registrations for number after number, each from a network of its own."""
    for number in range(first, first + count):
        browser = hub.browser()
        form = {
            "csrf_token": browser.csrf_token(),
            "national_id": USER,
            "operator": "mci",
            "mobile": f"0912{1000000 + number}",
        }
        where = {"REMOTE_ADDR": f"9.{number // 250}.{number % 250}.1"}
        page = browser.client.post("/register", data=form, base_url=ORIGIN, environ_overrides=where)
        assert page.status_code == 303


BUDGET = "[protection]\ncodes_per_hour = 30\ncodes_per_hour_and_prefix = 10\n"


def test_attack_O07_past_the_budget_of_a_prefix_nothing_is_sent_and_an_alarm_sounds(make_hub):
    hub = make_hub(BUDGET)
    with capture_logs() as lines:
        pump(hub, 15)
    assert len(hub.take_sms()) == 10
    assert [(one["alarm"], one["scope"]) for one in lines if "alarm" in one] == [
        ("sms_budget_spent", "912")
    ]


def seen(page):
    """What the page says, without the id of the registration."""
    return re.sub("[0-9a-f]{64}", "", words(page))


def test_attack_O07_the_page_says_the_same_past_the_budget(make_hub):
    hub = make_hub(BUDGET)
    within = seen(step_one(hub.browser()))
    pump(hub, 15)
    hub.clock.move(timedelta(minutes=2))
    assert seen(step_one(hub.browser())) == within


def test_attack_O07_who_signs_in_gets_the_code_past_the_budget(make_hub):
    hub = make_hub(BUDGET)
    add_account(hub)
    pump(hub, 15)
    hub.take_sms()
    assert enter(hub.browser()).location == "/account"


def test_attack_O08_a_phone_is_spared_whatever_ID_is_typed(easy_hub):
    hub = easy_hub
    for national_id in (USER, "9993348155", factories.OTHER_NATIONAL_ID.value) * 3:
        step_one(hub.browser(), national_id=national_id)
        hub.take_sms()
        hub.clock.move(A_MINUTE)
    assert len(hub.sms) == hub.deps.settings.limits.codes_to_phone[0].count


@pytest.fixture
def forgetful(make_hub, migrated_postgres_url, redis_url):
    """The hub on PostgreSQL with a real Redis, and how to empty that."""
    made = make_hub(url=migrated_postgres_url, ephemeral=RedisEphemeral(redis_url, seconds=5))
    add_account(made)

    def flush():
        with redis.Redis.from_url(redis_url) as client:
            assert client.dbsize()
            client.flushdb()

    return made, flush


def test_attack_O09_a_flush_gives_no_more_tries_of_a_code(forgetful):
    hub, flush = forgetful
    browser, pending, code = begin(hub)
    for _ in range(CODE_TRIES - 1):
        type_code(browser, pending, wrong(code))
    flush()
    type_code(browser, pending, wrong(code))
    assert type_code(browser, pending, code).status_code == 422


def test_attack_O09_a_flush_sends_no_second_code(forgetful):
    hub, flush = forgetful
    browser, pending, _ = begin(hub)
    flush()
    browser.post("/login/code/again", {"flow": pending})
    assert hub.take_sms() == []


def test_attack_O09_a_flush_gives_no_more_tries_of_a_password(forgetful):
    hub, flush = forgetful
    browser = hub.browser()
    for number in range(4):
        log_in(browser, password=f"Wrong{number}")
    flush()
    assert hidden(log_in(browser, password=PASSWORD), "held")


def test_attack_O10_a_message_that_is_sent_twice_has_one_id_and_one_code(town):
    browser = town.browser()
    pending = hidden(log_in(browser), "flow")
    claims = []
    for _ in range(2):
        with town.deps.begin() as work:
            claims.append(work.outbox.claim("test", town.clock(), lease=timedelta(seconds=5)))
        town.clock.move(timedelta(seconds=6))  # its worker died: another one claims it
    first, second = claims
    assert (first.id, first.sms.text) == (second.id, second.sms.text)
    code = second.sms.text.rsplit("#", 1)[1][:6]
    assert type_code(browser, pending, code).location == "/account"


def test_attack_O10_a_code_that_comes_too_late_is_not_even_sent(town):
    log_in(town.browser())
    town.clock.move(CODE_LIFE)
    assert town.take_sms() == []


def test_attack_O11_a_stolen_session_cannot_change_the_phone_without_the_password(town):
    browser = town.browser()
    enter(browser)
    town.take_sms()
    town.clock.move(timedelta(minutes=6))
    browser.post("/account/mobile", {"mobile": factories.OTHER_MOBILE.national})
    assert town.take_sms() == []


def test_attack_O11_the_old_phone_gets_the_first_code(town):
    browser = town.browser()
    enter(browser)
    town.take_sms()
    town.clock.move(timedelta(minutes=2))
    browser.post("/account/mobile", {"mobile": factories.OTHER_MOBILE.national})
    assert [one.to for one in town.take_sms()] == [factories.MOBILE]


def test_attack_O11_for_72_hours_a_changed_phone_recovers_nothing(hub):
    assert timedelta(hours=72) == RECOVERY_HOLD
    add_account(hub, recovery_held_until=hub.clock() + RECOVERY_HOLD)
    browser = hub.browser()
    page = ask_recovery(browser)
    assert [one.message_id for one in hub.take_sms()] == ["recovery_held"]
    assert prove_recovery(browser, page, "123456").status_code == 422


def test_attack_O12_the_message_names_purpose_portal_and_site(town, portal):
    browser = town.browser()
    log_in(browser, context=context_of(browser))
    text = town.take_sms()[0].text
    assert "کد ورود سوابق بیمه " in text
    assert text.splitlines()[-1].startswith("@127.0.0.1 #")


@pytest.mark.parametrize("zero", [0x6F0, 0x660, 0xFF10], ids=["Persian", "Arabic", "fullwidth"])
def test_attack_O13_digits_of_any_keyboard_are_the_same_code(town, zero):
    browser, pending, code = begin(town)
    typed = "".join(chr(zero + int(digit)) for digit in code)
    assert type_code(browser, pending, f" {typed} ").location == "/account"


@pytest.mark.parametrize(
    "typed", ["०१२३४५", "12345", "1234567", "12345a", "①②③④⑤⑥", "1e5", "-12345"]
)
def test_attack_O13_nothing_else_is_a_code(town, typed):
    browser, pending, _ = begin(town)
    assert type_code(browser, pending, typed).status_code == 422


def test_attack_O11_a_recovery_after_the_hold_works(hub):
    add_account(hub, recovery_held_until=hub.clock() + RECOVERY_HOLD)
    hub.clock.move(RECOVERY_HOLD)
    browser = hub.browser()
    page = prove_recovery(browser, ask_recovery(browser))
    assert answer_recovery(browser, page).status_code == 200
