"""A database that goes away while a form is answered: the answer stands, whatever comes after it.

What is done after the view (the memory of repeated forms, cookies, headers) may vanish; none of it
turns a form that took effect, or a page that says when to come back, into an error of the server.
"""

import pytest
from flask import request

from idp.ports import DatabaseUnavailable
from idp.store.sql.transactions import Transactions
from tests.web.registration.walk import step_one
from tests.web.sign_in.walk import add_account, ask_recovery, log_in


@pytest.fixture
def line(monkeypatch):
    """The line to the database: cut while something is in the list."""
    begin, cuts = Transactions.begin, []

    def begin_unless_cut(self, **how):
        if cuts:
            raise DatabaseUnavailable("no connection is free")
        return begin(self, **how)

    monkeypatch.setattr(Transactions, "begin", begin_unless_cut)
    return cuts


@pytest.fixture
def town(hub, line):
    """A hub with a citizen; the line is whole again after each request."""
    add_account(hub)
    hub.app.teardown_request(lambda _error: line.clear())
    return hub


@pytest.mark.parametrize(
    ("form", "path", "status"),
    [
        (log_in, "/login/code", 200),
        (lambda browser: log_in(browser, "wrong"), "/login", 422),
        (lambda browser: log_in(browser, username=""), "/login", 422),
        (ask_recovery, "/recover/code", 200),
        (step_one, "/register/code", 200),
    ],
)
def test_a_form_leads_on_though_its_answer_is_not_kept(town, line, form, path, status):
    town.app.after_request(lambda answer: line.append("cut") or answer)  # runs before the others
    page = form(town.browser())
    assert (page.request.path, page.status_code) == (path, status)


@pytest.mark.parametrize("form", [log_in, ask_recovery, step_one])
def test_a_form_whose_view_finds_no_database_is_told_to_come_back(town, line, form):
    def cut():
        if request.method == "POST":
            line.append("cut")

    town.app.before_request(cut)  # runs after the others
    answer = form(town.browser())
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
