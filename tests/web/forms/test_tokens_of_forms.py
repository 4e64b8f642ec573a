"""The token against forged requests, behind the hook that WTForms has for it."""

import re

from flask import request

from idp.web.forms.page_form import ButtonForm
from idp.web.http.security import csrf_exempt
from tests.web.hub import ORIGIN
from tests.web.visits import inside

TOKEN = re.compile(r'name="csrf_token" value="([0-9a-f]{128})"')


def test_every_form_of_a_page_has_a_token_of_its_own(hub):
    browser = hub.browser()
    inside(browser)
    tokens = TOKEN.findall(browser.get("/account/data").text)
    assert len(tokens) == len(set(tokens)) > 1


def test_a_form_is_refused_where_nobody_checked_its_token(hub):
    @csrf_exempt
    def view():
        return str(ButtonForm(request.form).validate())

    hub.app.add_url_rule("/unchecked", view_func=view, methods=["POST"])
    page = hub.browser().client.post("/unchecked", data={}, base_url=ORIGIN)
    assert page.status_code == 403


def test_a_form_needs_no_token_of_its_own_where_the_request_was_checked(hub):
    def view():
        return str(ButtonForm().validate())

    hub.app.add_url_rule("/checked", view_func=view, methods=["POST"])
    assert hub.browser().post("/checked", {}).text == "True"
