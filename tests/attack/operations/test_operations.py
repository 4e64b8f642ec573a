"""Privileged acts, clients and what must not be reachable: the cases OP1 to OP8."""

import ast
import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from idp.domain.clients.client import ClientAuthMethod
from idp.ports import Operator
from idp.services.clients.invite_clients import InviteClients
from idp.services.desk.desk import Filing
from idp.services.desk.desk_acts import DeskAct, DeskRefused, IncompleteAct, are_two_people
from tests import fakes
from tests.architecture.sources import sources
from tests.attack.people.portal import answer_in
from tests.services.laboratory import persona_of
from tests.web.hub import ORIGIN
from tests.web.sign_in.walk import allow, enter

ACT = DeskAct("o-17", "شعبه ۴ تهران", "کارت ملی", "خط به نام همسر", Operator("rezaei", "desk-4"))


def test_attack_OP1_no_page_is_for_staff(hub):
    rules = [rule.rule for rule in hub.app.url_map.iter_rules()]
    assert not [rule for rule in rules if re.search("admin|staff|desk|manage|officer", rule)]


def test_attack_OP1_who_is_signed_in_reaches_no_object_of_another(town, portal):
    browser = town.browser()
    enter(browser)
    for path, form in {
        "/account/security/sessions/end": {"session_id": "session-of-somebody"},
        "/account/security/devices/forget": {"device_id": "device-of-somebody"},
        "/account/portals/revoke": {"client_id": "portal-of-somebody"},
    }.items():
        assert browser.post(path, form, follow=False).status_code in {303, 404}


@pytest.mark.parametrize("part", ["officer", "branch", "reason"])
@pytest.mark.parametrize("blank", ["", "  ", "\u200c", "\u200f \u2063", "-"])
def test_attack_OP2_an_act_names_officer_branch_and_reason(part, blank):
    with pytest.raises(IncompleteAct):
        replace(ACT, **{part: blank})


@pytest.mark.parametrize("command", [["citizens", "suspend"], ["cases", "reject"]])
def test_attack_OP2_a_command_without_an_officer_is_refused(run, command):
    run.variables["IDP_OFFICER"] = ""
    result = run(*command, "d9428888-122b-41e1-b85c-61cd3cbb3210", "--branch", "1", "--reason", "x")
    assert result.exit_code != 0


@pytest.mark.parametrize("same", ["o-17", "O-17", " o 17", "o-۱۷", "o-17\u200c", ""])
def test_attack_OP2_one_officer_twice_is_one(same):
    assert not are_two_people("o-17", same)


def test_attack_OP2_the_desk_files_with_two_officers_only(lab):
    application = persona_of("ok_male")[0]
    case = lab.desk.file(Filing(application, "آبی"), ACT)
    lab.desk.send_code(case.id, replace(ACT, officer="O-17"))
    lab.work()
    code = lab.last_code(application.mobile)
    with pytest.raises(DeskRefused):
        lab.desk.activate(case.id, code, ACT)


REGISTER = "/oauth2/register"
METADATA = {"redirect_uris": ["https://portal.example/callback"]}


@pytest.fixture
def open_hub(make_hub):
    return make_hub('[openid]\nregistration = "open"\n')


def registered(hub, **wanted):
    answer = hub.app.test_client().post(REGISTER, json={**METADATA, **wanted}, base_url=ORIGIN)
    assert answer.status_code == 201
    return answer.json


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_attack_OP3_the_token_of_one_client_opens_no_other(open_hub, method):
    one, other = registered(open_hub), registered(open_hub)
    bearer = {"Authorization": f"Bearer {one['registration_access_token']}"}
    program = open_hub.app.test_client()
    asked = {
        name: program.open(
            path,
            method=method,
            headers=bearer,
            base_url=ORIGIN,
            json=METADATA if method == "PUT" else None,
        )
        for name, path in {
            "another": f"{REGISTER}/{other['client_id']}",
            "nobody": f"{REGISTER}/nobody",
        }.items()
    }
    # RFC 7592, 3: whether the other client exists is not told.
    assert asked["another"].status_code == asked["nobody"].status_code == 401
    assert asked["another"].data == asked["nobody"].data
    own = {"Authorization": f"Bearer {other['registration_access_token']}"}
    kept = program.get(f"{REGISTER}/{other['client_id']}", headers=own, base_url=ORIGIN)
    assert kept.status_code == 200


def test_attack_OP4_who_is_not_invited_registers_nothing(make_hub):
    hub = make_hub('[openid]\nregistration = "invited"\n')
    answer = hub.app.test_client().post(REGISTER, json=METADATA, base_url=ORIGIN)
    assert answer.status_code == 401


def test_attack_OP4_nobody_is_invited_where_it_is_off(make_hub):
    hub = make_hub('[openid]\nregistration = "off"\n')
    answer = hub.app.test_client().post(REGISTER, json=METADATA, base_url=ORIGIN)
    assert answer.status_code == 403


def test_attack_OP4_who_registers_gets_openid_alone_and_is_asked_for(open_hub):
    told = registered(open_hub, scope="openid profile phone tamin.national_id", client_name="بانک")
    with open_hub.deps.begin(read_only=True) as work:
        client = work.clients.find(told["client_id"])
    assert told["scope"] == "openid"
    assert client.scopes == frozenset({"openid"})
    assert not client.first_party


def test_attack_OP4_an_invitation_ends(make_hub):
    hub = make_hub('[openid]\nregistration = "invited"\n')
    deps = hub.deps
    service = InviteClients(kernel=fakes.kernel_of(deps))
    token = service.invite("x", lasts=timedelta(hours=1), uses=1, officer="o-17").token
    hub.clock.move(timedelta(hours=1))
    headers = {"Authorization": f"Bearer {token}"}
    answer = hub.app.test_client().post(REGISTER, json=METADATA, base_url=ORIGIN, headers=headers)
    assert answer.status_code == 401


HIDDEN = [
    *("/console", "/debug", "/metrics", "/.git/config", "/.env", "/config/default.toml"),
    *("/health", "/status", "/server-status", "/actuator", "/admin", "/wsgi.py", "/static/"),
]


@pytest.mark.parametrize("path", HIDDEN)
def test_attack_OP5_nothing_inside_has_an_address(hub, path):
    assert hub.browser().get(path).status_code == 404


def test_attack_OP5_a_fault_shows_a_number_and_no_more(hub):
    def fail(*_arguments):
        raise RuntimeError("secret detail 9994863177")

    hub.app.view_functions["login.show"] = fail
    page = hub.browser().get("/login")
    assert page.status_code == 500
    assert "secret detail" not in page.text
    assert "Traceback" not in page.text
    assert re.search("[0-9]{10}", page.text)


def test_attack_OP5_no_server_says_which_one_it_is(served):
    answer = served.say(b"GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
    head = answer.partition(b"\r\n\r\n")[0].lower()
    assert b"werkzeug" not in head
    assert b"python" not in head
    assert b"x-powered-by" not in head
    assert not re.search(rb"gunicorn/[0-9]", head)


LOADERS = {"pickle", "marshal", "shelve", "dill", "yaml", "cPickle"}


def test_attack_OP6_nothing_that_runs_when_it_is_read_is_kept():
    imported = {
        alias.name.partition(".")[0]
        for source in sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert imported
    assert not imported & LOADERS


@pytest.mark.parametrize("uri", ["com.example.app:/cb", "http://127.0.0.1/cb"])
def test_attack_OP7_an_app_that_anybody_could_be_is_asked_for_each_time(town, portal, uri):
    portal.change(auth_method=ClientAuthMethod.NONE, redirect_uris=(uri,), secrets=())
    browser = town.browser()
    enter(browser)
    for _ in range(2):
        asked = portal.ask(browser, redirect_uri=uri, scope="openid")
        assert urlsplit(asked.location).path == "/consent"
        context = answer_in(asked)["context"]
        allow(browser, context)
        town.clock.move(timedelta(minutes=1))


def test_attack_OP8_a_changed_portal_is_asked_for_again(town, portal):
    portal.change(first_party=False)
    browser = town.browser()
    enter(browser)
    context = answer_in(portal.ask(browser))["context"]
    allow(browser, context)
    assert "code" in answer_in(portal.ask(browser))
    portal.change(first_party=False, version=2)
    assert urlsplit(portal.ask(browser).location).path == "/consent"
