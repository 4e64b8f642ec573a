"""What a portal is called by those who registered it."""

import ast
import re

import pytest

from idp.domain.clients.client import SelfRegistration
from idp.domain.messages.sms import sms_parts
from tests.architecture.sources import dotted, sources
from tests.attack.both import at_both
from tests.attack.targets import told
from tests.web.hub import ORIGIN
from tests.web.sign_in.walk import CALLBACK, add_account, add_client, context_of, log_in
from tests.web.tour import VISITS
from tests.web.visits import name_of

LURE = "برنده شدید! evil.example"
OPEN = '[openid]\nregistration = "open"\n'


def register(hub, name):
    """Return the id of a client that a stranger registered."""
    said = {"redirect_uris": [CALLBACK], "client_name": name}
    answer = hub.app.test_client().post("/oauth2/register", json=said, base_url=ORIGIN)
    assert answer.status_code == 201
    return answer.json["client_id"]


def sign_in_at(hub, client_id):
    """Return the text of the code that signing in for the portal sends."""
    browser = hub.browser()
    log_in(browser, context=context_of(browser, client_id=client_id, scope="openid"))
    [sms] = hub.take_sms()
    return sms.text


@pytest.fixture
def open_hub(make_hub):
    made = make_hub(OPEN)
    add_account(made)
    return made


def test_attack_O17_a_name_that_nobody_has_read_is_in_no_sms(open_hub):
    text = sign_in_at(open_hub, register(open_hub, LURE))

    assert LURE not in text
    assert re.search("^کد ورود [0-9]{6}$", text, re.MULTILINE)


def test_attack_O17_a_name_that_somebody_has_read_is(open_hub):
    looked_at = SelfRegistration((), is_reviewed=True)
    add_client(open_hub, name=LURE, registration=looked_at)

    assert f"کد ورود {LURE} " in sign_in_at(open_hub, "portal")


def test_attack_O17_a_long_name_is_cut_in_an_sms(hub):
    add_account(hub)
    add_client(hub, name="آ" * 2000)

    assert sms_parts(sign_in_at(hub, "portal")).parts == 2


@pytest.mark.parametrize("settings", [OPEN])
@at_both(hub="invalid_client_metadata", naive="ok")
def test_attack_O17_no_client_gets_a_name_of_2000_characters(target, expected):
    answer = target.register_by_http(client_name="ا" * 2000)

    assert told(answer) == expected


@pytest.mark.parametrize("visit", VISITS, ids=name_of)
def test_attack_O17_no_title_of_a_page_names_a_portal(see, visit):
    page = see(visit)

    [title] = re.findall(r"<title>(.*?)</title>", page.text, re.DOTALL)

    assert [name for name in page.portals if name in title] == []


def test_attack_O17_only_a_client_that_was_looked_at_makes_a_name_for_an_sms():
    makers = {
        source.name
        for source in sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and dotted(node.func) in {"SmsName", "SmsName.cut"}
    }

    assert makers == {"idp/domain/clients/client.py"}
