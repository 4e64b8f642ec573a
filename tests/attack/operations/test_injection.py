"""Text that means something elsewhere: the cases I01 to I05."""

import json
import logging
from itertools import product

import click
import pytest

from idp.adapters.logs import configure_logs
from idp.cli.main import idp
from idp.domain.errors import Invalid
from idp.domain.persian.names import PersonName
from tests.attack.log_lines import logging_as
from tests.attack.people.portal import answer_in
from tests.statements import statements
from tests.web.hub import ORIGIN, words
from tests.web.registration.walk import step_one, step_two, to_step_two
from tests.web.sign_in.walk import ask_recovery, enter, log_in

HOSTILE_TEXTS = {
    "a line end": 'x\r\n{"event": "signed_in"}',
    "an escape": "\x1b[2J\x1b]0;owned\x07",
    "a bidi override": "\u202egnol",
    "a line separator": "a\u2028b\u0085c",
}


@pytest.fixture
def log_lines():
    """What the hub writes, as the lines that a collector reads."""
    with logging_as(configure_logs) as written:
        yield lambda: written.getvalue().split("\n")[:-1]


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS.keys())
def test_attack_I01_a_line_is_one_object_whatever_stands_in_it(log_lines, text):
    logging.getLogger("authlib").warning("client %s", text)
    logging.getLogger("werkzeug").error(text)
    lines = log_lines()
    assert len(lines) == 2
    assert all(json.loads(one) and one.isascii() and one.isprintable() for one in lines)


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS.keys())
def test_attack_I01_what_is_typed_or_sent_reaches_no_line(town, log_lines, text):
    browser = town.browser()
    log_in(browser, username=text, password=text)
    query = {"client_id": text, "state": text, "redirect_uri": text}
    browser.client.get("/oauth2/authorize", base_url=ORIGIN, query_string=query)
    assert not any("owned" in one or "gnol" in one or "signed_in" in one for one in log_lines())


@pytest.mark.parametrize(
    "page",
    [
        "1 OR 1=1",
        "1; DROP TABLE accounts",
        "-1",
        "9" * 30,
        "1e9",
        "٣",
        "' UNION SELECT 1--",
        "\x00",
    ],
)
def test_attack_I02_a_page_is_a_small_number_or_the_first_one(town, page):
    browser = town.browser()
    enter(browser)
    first = words(browser.get("/account/history"))
    asked = browser.get("/account/history", query_string={"page": page})
    assert asked.status_code in {200, 404}
    assert asked.status_code == 404 or words(asked) == first


@pytest.fixture(name="statements")
def _statements():
    with statements() as seen:
        yield seen


def test_attack_I02_nothing_typed_is_part_of_a_statement(town, statements):
    text = "Robert'); DROP--"
    browser = town.browser()
    log_in(browser, username=text, password=text)
    browser.post("/login/code", {"flow": text, "code": text})
    query = {"client_id": text, "redirect_uri": text}
    browser.client.get("/oauth2/authorize", base_url=ORIGIN, query_string=query)
    assert statements
    assert not any("Robert" in one for one in statements)


BYTES = {
    "NUL": b"a%00b",
    "lone surrogate": b"%ED%A0%80",
    "over-long slash": b"%C0%AF",
    "not UTF-8": b"%FF%FE",
    "cut in the middle": b"%D8",
    "beyond Unicode": b"%F5%80%80%80",
}
PLACES = {
    "/login": (b"username", b"password"),
    "/login/code": (b"flow", b"code"),
    "/recover": (b"username",),
    "/recover/code": (b"flow", b"code"),
    "/register": (b"national_id", b"operator", b"mobile"),
    "/register/details": (b"flow", b"given_name", b"email"),
    "/register/details/keep": (b"flow", b"given_name", b"email"),
    "/register/look-over": (b"flow", b"ready"),
    "/oauth2/token": (b"grant_type", b"code", b"refresh_token", b"client_id", b"code_verifier"),
    "/oauth2/introspect": (b"token",),
    "/oauth2/revoke": (b"token",),
}
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("path", PLACES)
def test_attack_I03_bytes_that_are_no_text_are_a_clear_4xx(hub, path):
    browser = hub.browser()
    token = b"csrf_token=" + browser.csrf_token().encode()
    for name, value in product(PLACES[path], BYTES.values()):
        body = token + b"&" + name + b"=" + value
        if name != b"flow":
            body += b"&flow=" + b"0" * 64  # a form without one leads to where flows begin
        answer = browser.client.post(
            path, data=body, content_type=FORM, base_url=ORIGIN, follow_redirects=True
        )
        assert 400 <= answer.status_code < 500, (name, value)


@pytest.mark.parametrize("name", ["client_id", "nonce", "state", "scope", "login_hint", "claims"])
def test_attack_I03_nor_in_an_address(hub, portal, name):
    for value in BYTES.values():
        path = f"/oauth2/authorize?client_id=portal&{name}={value.decode()}"
        answer = hub.app.test_client().get(path, base_url=ORIGIN)
        assert answer.status_code in {303, 400}, value


@pytest.mark.parametrize("text", [rb'"\ud800"', rb'"\u0000"', b'"\xff"'])
def test_attack_I03_nor_in_json(make_hub, text):
    hub = make_hub('[openid]\nregistration = "open"\n')
    body = b'{"redirect_uris": ["https://portal.example/cb"], "client_name": ' + text + b"}"
    answer = hub.app.test_client().post(
        "/oauth2/register", data=body, content_type="application/json", base_url=ORIGIN
    )
    assert answer.status_code == 400


TEMPLATES = [
    "{code}",
    "{host}",
    "%s",
    "${x}",
    "{{ 7 * 7 }}",
    "{0.__class__}",
    "<b>",
    "a\r\nb",
    "#1",
]


@pytest.mark.parametrize("text", TEMPLATES)
def test_attack_I04_a_name_is_letters(text):
    with pytest.raises(Invalid):
        PersonName.parse(text)


@pytest.mark.parametrize("text", TEMPLATES)
def test_attack_I04_a_name_that_is_none_gets_no_further_than_the_form(hub, text):
    browser = hub.browser()
    page = step_two(browser, to_step_two(browser), given_name=text)
    assert page.status_code == 422


def test_attack_I04_the_name_of_a_portal_is_no_template(town, portal):
    portal.change(name="{code} {host} %s")
    browser = town.browser()
    log_in(browser, context=answer_in(portal.ask(browser))["context"])
    assert "{code} {host} %s" in town.take_sms()[0].text


def test_attack_I05_no_page_answers_with_a_table_for_spreadsheets(town):
    browser = town.browser()
    enter(browser)
    for rule in town.app.url_map.iter_rules():
        if "GET" in rule.methods and not rule.arguments:
            kind = browser.client.get(rule.rule, base_url=ORIGIN).mimetype
            assert kind not in {"text/csv", "application/vnd.ms-excel"}


def commands_of(command, name="idp"):
    yield name, command
    if isinstance(command, click.Group):
        for word, inner in command.commands.items():
            yield from commands_of(inner, f"{name} {word}")


def test_attack_I05_no_command_writes_one():
    formats = [
        (name, choice)
        for name, command in commands_of(idp)
        for one in command.params
        for choice in getattr(one.type, "choices", ())
    ]
    assert not [pair for pair in formats if str(pair[1]).lower() in {"csv", "xlsx", "tsv"}]


def test_attack_I03_a_number_of_another_script_is_no_error_of_ours(hub):
    for typed in ("१२३४५६७८९०", "①②③④⑤⑥⑦⑧⑨⓪", "\U0001d7d8" * 10):
        assert step_one(hub.browser(), national_id=typed).status_code == 422
        assert ask_recovery(hub.browser(), typed).status_code == 422
