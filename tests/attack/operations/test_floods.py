"""Too much of everything: the cases D01 to D08."""

import json
import socket
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import ExitStack, suppress
from datetime import timedelta
from itertools import cycle

import pytest
import redis
from sqlalchemy import func, select

from idp.adapters.host_semaphore import HostSemaphore, NoSlot
from idp.adapters.redis_ephemeral import RedisEphemeral
from idp.domain.clients.addresses import redirect_problem
from idp.domain.errors import Invalid
from idp.domain.people.email_address import EmailAddress
from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.domain.persian.names import PersonName
from idp.ports import DatabaseUnavailable
from idp.store.database import Database
from idp.store.sql.tables import metadata
from tests import factories
from tests.attack.people.portal import answer_in
from tests.deadline import no_runaway
from tests.e2e.walk import Walk
from tests.fakes import PlainVault
from tests.web.conftest import CONNECTIONS
from tests.web.hub import ORIGIN, words
from tests.web.registration.walk import step_one
from tests.web.sign_in.walk import add_account, ask_recovery, enter, log_in

LONG = 200_000
HEAVY = ["a" * LONG, "1" * LONG, "a@" * LONG, "." * LONG, "ا\u200c" * LONG, " " * LONG + "x"]


@pytest.mark.parametrize("text", HEAVY, ids=range(len(HEAVY)))
@pytest.mark.parametrize(
    "parse", [EmailAddress.parse, Mobile.parse, NationalId.parse, PersonName.parse]
)
def test_attack_D01_a_pattern_takes_no_longer_than_the_text_is_long(parse, text):
    with no_runaway(), suppress(Invalid):
        parse(text)


def test_attack_D01_nor_does_an_address_of_a_client():
    with no_runaway():
        redirect_problem("https://" + "a." * LONG + "@", native=True, loopback_http=False)


def test_attack_D02_a_flood_of_passwords_is_told_to_wait_and_everything_else_answers(town, portal):
    browser = town.browser()
    enter(browser)
    tokens = portal.tokens(browser)
    stranger = town.browser()
    stranger.csrf_token()
    town.hashing.is_busy = True
    page = log_in(stranger)
    assert (page.status_code, "Retry-After" in page.headers) == (503, True)
    assert browser.get("/oauth2/jwks").status_code == 200
    assert portal.is_served(tokens) == (True, True)


def test_attack_D02_no_more_hashes_run_than_the_machine_has_slots(tmp_path):
    slots = HostSemaphore(folder=tmp_path, count=2, queue=1, wait=timedelta(seconds=0.1))
    with slots.one(), slots.one(), pytest.raises(NoSlot), slots.one():
        raise AssertionError("a third slot of two")


def test_attack_D02_who_needs_no_hash_does_not_wait_behind_those_who_do(served):
    """The one slot is held; as many sign in as the process has threads; it is freed after that."""
    everybody = range(served.threads + served.waiting)
    crowd = [Walk().open(f"{served.address}/login") for _ in everybody]
    # At two accounts: a sixth try at one would be asked for work.
    ids = cycle([factories.NATIONAL_ID.value, factories.OTHER_NATIONAL_ID.value])
    typed = [{"username": next(ids), "password": "Salam#1234"} for _ in crowd]
    slots = HostSemaphore(folder=served.folder / "run" / "hashing", count=1, queue=1)
    with ThreadPoolExecutor(len(crowd)) as pool:
        with slots.one():
            tries = [pool.submit(one.submit, form) for one, form in zip(crowd, typed, strict=True)]
            wait(tries, return_when=FIRST_COMPLETED)  # one too many: it is told to come again
            keys = Walk().open(f"{served.address}/oauth2/jwks")
        answers = {one.result().status for one in tries}
    assert (keys.status, answers) == (200, {422, 503})


def multipart(parts):
    part = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n'
    return part * parts + b"--x--\r\n"


@pytest.mark.parametrize("path", ["/login", "/register", "/oauth2/token", "/oauth2/authorize"])
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (multipart(1000), "multipart/form-data; boundary=x"),
        (b"a=" + b"x" * 200_000, "application/x-www-form-urlencoded"),
        (b"&".join(b"a%d=" % n for n in range(20_000)), "application/x-www-form-urlencoded"),
    ],
    ids=["a thousand parts", "one large field", "many fields"],
)
def test_attack_D03_a_body_is_small(hub, path, body, kind):
    browser = hub.browser()
    browser.csrf_token()
    answer = browser.client.post(path, data=body, content_type=kind, base_url=ORIGIN)
    assert answer.status_code in {400, 403, 413}


def test_attack_D03_a_form_of_ours_is_refused_by_its_size_too(hub):
    form = {"username": "9994863177", "password": "x", "more": "x" * 70_000}
    assert hub.browser().post("/login", form).status_code == 413


def test_attack_D03_a_hundred_megabytes_are_refused_by_their_length(served):
    head = b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 104857600\r\n"
    form = b"Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\r\n"
    assert served.statuses(head + form + b"a=1") == [413]


def test_attack_D03_slow_bodies_do_not_keep_others_out(served):
    head = b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n"
    slow = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(3)]
    try:
        for line in slow:
            line.sendall(head + b"a")
        answered = served.statuses(
            b"GET /alive HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        )
        assert answered == [200]
    finally:
        for line in slow:
            line.close()


@pytest.mark.parametrize(
    "claims",
    [
        "[" * 8000,
        '{"userinfo": ' * 600 + "1" + "}" * 600,
        json.dumps({"userinfo": {f"a{number}": None for number in range(2000)}}),
        '{"userinfo": {"a": {"value": 1e400}}}',
    ],
    ids=["a deep list", "deep objects", "over 8 KiB", "a number without end"],
)
def test_attack_D04_claims_are_small_and_flat(town, portal, claims):
    browser = town.browser()
    enter(browser)
    answer = portal.ask(browser, claims=claims)
    assert answer.status_code in {303, 400, 414}
    assert "code" not in answer_in(answer)


def test_attack_D04_a_header_line_is_bounded(served):
    long = b"GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: " + b"a" * 40_000 + b"\r\n\r\n"
    assert served.statuses(long) in ([400], [431])


def test_attack_D04_a_head_without_end_is_not_read_on(served):
    start = b"GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: " + b"a" * 2_000_000
    assert served.statuses(start) in ([], [400], [431])


def test_attack_D04_a_request_line_is_bounded(served):
    long = b"GET /login?" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    assert served.statuses(long) in ([400], [414])


def sizes(hub):
    with hub.deps.begin(read_only=True) as work:
        ask = work.codes._connection.execute
        return {
            table.name: ask(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }


def test_attack_D05_asking_to_authorize_writes_nothing_but_counters(town, portal):
    stranger = town.browser()
    portal.ask(stranger)
    before = sizes(town)
    for number in range(40):
        portal.ask(stranger, state=f"s{number}")
    grown = {name for name, rows in sizes(town).items() if rows > before[name]}
    assert grown == set()


@pytest.mark.parametrize(
    ("table", "ask"),
    [
        ("step_ones", lambda hub: step_one(hub.browser())),
        ("recoveries", lambda hub: ask_recovery(hub.browser())),
    ],
    ids=["a code sent", "recovery"],
)
def test_attack_D05_a_network_fills_no_table_without_work(hub, table, ask):
    for _ in range(30):
        ask(hub)
    assert sizes(hub)[table] < 20


def test_attack_D05_clients_that_nobody_invited_slow_their_own_kind(make_hub):
    hub = make_hub('[openid]\nregistration = "open"\n')
    program = hub.app.test_client()
    statuses = [
        program.post("/oauth2/register", json={}, base_url=ORIGIN).status_code for _ in range(121)
    ]
    assert (statuses[0], statuses[-1]) == (400, 429)


def test_attack_D05_what_has_run_out_is_swept(hub):
    for number in range(5):
        step_one(hub.browser())
        ask_recovery(hub.browser())
        log_in(hub.browser(), username=f"{number:010}")
        hub.clock.move(timedelta(minutes=2))
    grown = sizes(hub)
    hub.clock.move(timedelta(days=400))
    with hub.deps.begin() as work:
        for sweep in (work.codes, work.step_ones, work.recoveries, work.counters):
            sweep.forget_expired(hub.clock())
    left = sizes(hub)
    for name in ("codes", "step_ones", "recoveries", "counters"):
        assert grown[name] > left[name] == 0


def test_attack_D06_who_finds_no_connection_is_told_to_come_back(migrated_postgres_url):
    database = Database(
        migrated_postgres_url, PlainVault(), pool_size=1, pool_wait=timedelta(seconds=0.2)
    )
    try:
        begun = time.perf_counter()
        with database.begin(), pytest.raises(DatabaseUnavailable), database.begin():
            raise AssertionError("a second connection of one")
        assert time.perf_counter() - begun < 2
    finally:
        database.close()


def test_attack_D06_a_page_says_503(make_hub, migrated_postgres_url):
    hub = make_hub(url=migrated_postgres_url)
    add_account(hub)
    browser = hub.browser()
    enter(browser)
    with ExitStack() as held:
        for _ in range(CONNECTIONS):
            held.enter_context(hub.deps.begin(read_only=True))
        page = browser.get("/account")
    assert (page.status_code, "Retry-After" in page.headers) == (503, True)


def test_attack_D07_a_late_reply_answers_no_other_question(redis_url):
    store = RedisEphemeral(redis_url, seconds=5)
    for name in ("a", "b"):
        store.put(name, name, ttl=timedelta(minutes=1))
    with redis.Redis.from_url(redis_url) as client:
        client.execute_command("CLIENT", "KILL", "TYPE", "NORMAL", "SKIPME", "yes")
    assert [store.find(name) for name in ("b", "a", "b")] == ["b", "a", "b"]


def test_attack_D08_what_one_citizen_sees_is_never_the_others(make_hub, migrated_postgres_url):
    hub = make_hub(url=migrated_postgres_url)
    add_account(hub)
    add_account(
        hub,
        account_id="account-2",
        national_id=factories.OTHER_NATIONAL_ID,
        mobile=factories.OTHER_MOBILE,
        person=factories.person(given_name="زهرا", family_name="بهرامی"),
    )
    first, second = hub.browser(), hub.browser()
    enter(first)
    enter(second, username=factories.OTHER_NATIONAL_ID.value)

    def look(browser):
        return [words(browser.get("/account")) for _ in range(15)]

    with ThreadPoolExecutor(2) as pool:
        seen = list(pool.map(look, (first, second)))
    assert [("زهرا" in page) for page in seen[0]] == [False] * 15
    assert [("زهرا" in page) for page in seen[1]] == [True] * 15
