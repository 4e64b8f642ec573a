"""Hooks of pages run for every endpoint that is not marked as one for programs."""

import pytest

from idp.web.http.machines import is_for_machines
from tests.web.hub import ORIGIN, Hub

FOR_PROGRAMS = "_for_programs"
OF_SCRIPTS = {"/alive", "/register/check"}


@pytest.fixture
def whole_hub(make_hub) -> Hub:
    return make_hub("[compatibility]\nold_paths = true\n")


def test_what_programs_request_is_marked_and_answers_errors_in_json(whole_hub):
    views = whole_hub.app.view_functions
    rules = list(whole_hub.app.url_map.iter_rules())
    marked = {rule.rule for rule in rules if hasattr(views[rule.endpoint], FOR_PROGRAMS)}
    assert marked == {rule.rule for rule in rules if is_for_machines(rule.rule)} | OF_SCRIPTS


def test_an_endpoint_that_says_nothing_is_a_page(hub):
    hub.app.add_url_rule("/new", view_func=lambda: "done", methods=["POST"])
    assert hub.app.test_client().post("/new", base_url=ORIGIN).status_code == 403


@pytest.mark.parametrize(
    "path", ["/alive?work=x", "/oauth2/userinfo?work=x", "/oauth2/jwks?work=x"]
)
def test_a_program_gets_no_cookie(hub, path):
    assert "Set-Cookie" not in hub.app.test_client().get(path, base_url=ORIGIN).headers


def test_a_programs_endpoint_keeps_no_language(hub):
    answer = hub.app.test_client().get("/alive?language=en", base_url=ORIGIN)
    assert (answer.status_code, answer.json) == (200, {"alive": True})
